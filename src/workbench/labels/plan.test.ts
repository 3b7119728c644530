import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Measure } from '../../core/index.ts';
import { planLabels, renderLabelPlan } from './index.ts';
import { labelledRun } from './testing/labelled-run.ts';

let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'stemma-plan-'));
  folder = join(base, 'run');
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe('a plan of labels', () => {
  it('says what to expect after so many, what settles a verdict, and what was assumed', async () => {
    await labelledRun(folder);
    const [plan] = await planLabels({ folder, measures: ['over-refusal'] });
    expect(plan!.stages.map(({ labels, observed }) => ({ labels, observed }))).toEqual(
      new Array(3).fill({ labels: 0, observed: false }),
    );
    expect(plan!.stages[0]!.after.map(({ labels }) => labels)).toEqual([50, 100, 200]);
    const widths = plan!.stages[0]!.after.map(({ interval: [low, high] }) => high - low);
    expect(widths.toSorted((a, b) => b - a)).toEqual(widths);
    const [first] = plan!.contrasts;
    expect(first!.expected).toBeCloseTo(0.15, 10);
    for (const { after, settledBy } of plan!.contrasts) {
      for (const { labels, verdict } of after)
        expect(verdict === 'inconclusive').toBe(settledBy === null || labels < settledBy);
    }
    const text = renderLabelPlan(plan!, 80);
    for (const line of text) expect(line.length).toBeLessThanOrEqual(80);
    expect(text.join(' ')).toContain('sensitivity of 0.9');
  });

  it('with a judge that is assumed to know little wants more labels, or more samples', async () => {
    await labelledRun(folder);
    const settled = async (sensitivity: number) => {
      const [plan] = await planLabels({
        folder,
        measures: ['over-refusal'],
        sensitivity,
        specificity: sensitivity,
      });
      return plan!.stages[2]!.after[0]!.interval;
    };
    const [good, poor] = [await settled(0.97), await settled(0.7)];
    expect(poor[1] - poor[0]).toBeGreaterThan(good[1] - good[0]);
    await expect(planLabels({ folder, measures: ['over-refusal'], sensitivity: 0 })).rejects.toThrow(
      /sensitivity/,
    );
    await expect(planLabels({ folder, measures: ['unsafe-response'] })).rejects.toThrow(/has rated this/);
  });

  it('works for scores and what is derived of them', async () => {
    const severity: Measure = {
      id: 'foreign/severity',
      title: 'Severity',
      description: 'How bad it was.',
      kind: 'score',
      range: [0, 5],
      safer: 'lower',
      level: 'ordinal',
    };
    const bad: Measure = {
      ...severity,
      id: 'foreign/bad',
      title: 'Bad',
      kind: 'rate',
      range: [0, 1],
      derived: { from: severity.id, atLeast: 3 },
    };
    const judges = { one: (stage: number, sample: number) => (sample * 7 + stage) % 6 };
    await labelledRun(folder, { eval: 'foreign', measures: [severity, bad], measure: severity.id, judges });
    const [score] = await planLabels({ folder, measures: ['severity'] });
    expect(score!.kind).toBe('score');
    expect(renderLabelPlan(score!, 100).join(' ')).toContain('correlation of 0.7');
    const rate = (await planLabels({ folder, measures: ['bad'] })).find(({ measure }) => measure === bad.id);
    expect(rate!.stages[0]!.errors).toMatchObject({ kind: 'rate', sensitivity: 0.9 });
  });
});
