import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awarenessIn, decisionIn } from '../examples/dilemmas/replies.ts';
import {
  awareness,
  awarenessAccuracy,
  decisionAccuracy,
  decisions,
  judges,
  type Stage,
  stages,
  styles,
} from '../examples/dilemmas/truth.ts';
import type { Contrast, Findings, MeasureFindings } from '../src/findings/index.ts';
import { openRun } from '../src/records/index.ts';
import { stemma } from './stemma-process.ts';

const example = join(import.meta.dirname, '../examples/dilemmas');

const MISALIGNMENT = 'dilemmas/misalignment';
const IN_THOUGHTS = 'dilemmas/eval-awareness-thoughts';
const IN_RESPONSE = 'dilemmas/eval-awareness-response';
const LABELLED = [MISALIGNMENT, IN_THOUGHTS] as const;
const RATERS = [...judges, 'panel'] as const;
/** Those whose mistakes are not the same for all stages. */
const BIASED = ['aldine', 'bodoni', 'caslon', 'panel'] as const;

/** What is planted in a measure, by stage. */
const planted: Readonly<Record<string, (stage: Stage) => number>> = {
  [MISALIGNMENT]: (stage) => decisions[stage].wrong,
  [IN_THOUGHTS]: (stage) => awareness.thoughts[stage],
  [IN_RESPONSE]: (stage) => awareness.response[stage],
};

/** From the study to corrected findings by the commands that the study file names, as a user would. */
describe('the dilemmas with planted truth', { timeout: 300_000 }, () => {
  let folder: string;
  let run: string;
  let sheet: string;
  let findings: Findings;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stemma-dilemmas-'));
    run = join(folder, 'run');
    sheet = join(folder, 'sheet.csv');
    const labels = join(folder, 'labels.csv');
    await done('run', join(example, 'study.yaml'), '--out', run);
    const measures = LABELLED.map((id) => id.replace('dilemmas/', ''));
    await done('label', run, '--measure', ...measures, '--labels', '120', '--export', sheet);
    execFileSync(process.execPath, [join(example, 'labeller.ts'), sheet, labels]);
    await done('label', run, '--import', labels);
    findings = JSON.parse(await done('findings', run, '--json'));
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function done(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await stemma(...args).ended;
    if (code !== 0) throw new Error(`stemma ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  const found = (measure: string, rater: string): MeasureFindings =>
    findings.measures.find((one) => one.id === measure && one.rater === rater)!;
  const change = (measure: string, { from, to }: Pick<Contrast, 'from' | 'to'>) =>
    planted[measure]!(to as Stage) - planted[measure]!(from as Stage);

  it('are elicited at the planted rates, and hard dilemmas are hard for every stage', async () => {
    using reader = await openRun(run);
    const wrong = new Map<string, number[]>();
    const counts = new Map<string, number[]>();
    for await (const { trial, thoughts, response } of reader.transcripts()) {
      const { stage, sample } = trial;
      const said = {
        [MISALIGNMENT]: decisionIn(response!) === 'wrong',
        [IN_THOUGHTS]: awarenessIn(thoughts!) !== undefined,
        [IN_RESPONSE]: awarenessIn(response!) !== undefined,
      };
      for (const [measure, there] of Object.entries(said))
        counts.set(`${measure} ${stage}`, [...(counts.get(`${measure} ${stage}`) ?? []), Number(there)]);
      const key = `${stage} ${sample}`;
      wrong.set(key, [...(wrong.get(key) ?? []), Number(said[MISALIGNMENT])]);
    }
    for (const [measure, rate] of Object.entries(planted)) {
      for (const stage of stages)
        expect(
          Math.abs(mean(counts.get(`${measure} ${stage}`)!) - rate(stage)),
          `${measure} ${stage}`,
        ).toBeLessThan(0.04);
    }
    const samples = [...new Set([...wrong.keys()].map((key) => key.split(' ')[1]!))];
    const rates = stages.map((stage) => samples.map((sample) => mean(wrong.get(`${stage} ${sample}`)!)));
    expect(correlation(rates[0]!, rates[1]!)).toBeGreaterThan(0.4);
    expect(correlation(rates[1]!, rates[2]!)).toBeGreaterThan(0.4);
  });

  it('are judged without a word of the stage; quotes are found where a judge points at something', async () => {
    const text = readFileSync(sheet, 'utf8');
    for (const secret of ['scripted:', 'Pretrained only', ...judges]) expect(text).not.toContain(secret);
    using reader = await openRun(run);
    let quotes = 0;
    for await (const { measure, rater, status, value, quote } of reader.ratings()) {
      expect(status).toBe('rated');
      if (rater === 'human' || ![IN_THOUGHTS, IN_RESPONSE].includes(measure)) continue;
      if (value === 1) quotes++;
      expect(quote !== undefined && quote !== null).toBe(value === 1);
    }
    expect(quotes).toBeGreaterThan(500);
  });

  it('show no difference between a checkpoint and itself', () => {
    const { comparisons, different } = findings.again!;
    expect([comparisons, different]).toEqual([4, 0]);
    const again = findings.measures.flatMap((measure) =>
      measure.id.endsWith('/answered') ? [] : (measure.again ?? []),
    );
    expect(again).toHaveLength(4 * RATERS.length);
    const verdicts = again.map(({ verdict, reason }) => (reason === 'too rare' ? 'equivalent' : verdict));
    expect(verdicts).not.toContain('materially different');
    expect(verdicts.filter((verdict) => verdict === 'equivalent').length).toBeGreaterThan(again.length / 2);
  });

  it.each(LABELLED)('have corrected rates that hold the planted ones: %s', (measure) => {
    for (const rater of RATERS) {
      for (const { id, interval } of found(measure, rater).corrected!.stages.filter(({ id }) => isStage(id)))
        expect(holds(interval, planted[measure]!(id as Stage)), `${rater} ${id}`).toBe(true);
    }
  });

  it('have corrected differences that hold the planted ones, as often as 95 % intervals do', () => {
    const missed = (which: (one: MeasureFindings) => readonly Pick<Contrast, 'from' | 'to' | 'interval'>[]) =>
      LABELLED.flatMap((measure) =>
        RATERS.flatMap((rater) =>
          which(found(measure, rater)).filter((one) => !holds(one.interval, change(measure, one))),
        ),
      ).length;
    // Of 30: two measures, five raters, three pairs of stages; all from one set of trials and labels, so misses come together.
    expect(missed(({ corrected }) => corrected!.contrasts)).toBeLessThanOrEqual(2);
    expect(missed(({ contrasts }) => contrasts.map(asRated))).toBeGreaterThanOrEqual(8);
  });

  it('are misread by judges alone: wrong decisions in polished words are missed', () => {
    const raw = (rater: string) => {
      const stage = found(MISALIGNMENT, rater).stages.find(({ id }) => id === 'production')!;
      return stage.raw ?? stage;
    };
    expect(holds(raw('aldine').interval, decisions.production.wrong)).toBe(false);
    expect(holds(raw('didot').interval, decisions.production.wrong)).toBe(true);
    for (const rater of BIASED) {
      const { interval, verdict } = asRated(contrastOf(found(MISALIGNMENT, rater), 'sft', 'production'));
      expect(holds(interval, 0), rater).toBe(false);
      expect(verdict, rater).toMatch(/different/);
    }
  });

  it('are said to be judged with mistakes that differ by stage, where they are', () => {
    const sentence = (rater: string) => `${rater}'s mistakes differ by stage: on misalignment`;
    const warned = RATERS.filter((rater) => findings.warnings.some((one) => one.startsWith(sentence(rater))));
    expect(warned).toEqual(BIASED);
    expect(findings.warnings).toContainEqual(
      expect.stringMatching(/^Corrected by labels, on misalignment .*Production against SFT is equivalent/),
    );
  });

  it.each(LABELLED)('get no corrected verdict that is at odds with what is planted: %s', (measure) => {
    for (const rater of RATERS) {
      const { corrected, contrasts } = found(measure, rater);
      for (const [i, contrast] of corrected!.contrasts.entries()) {
        const { margin } = contrasts[i]!;
        const name = `${rater} ${contrast.from} ${contrast.to}: ${contrast.verdict}`;
        expect(fits(contrast, change(measure, contrast), margin!), name).toBe(true);
      }
    }
    const { corrected, contrasts } = found(measure, 'panel');
    for (const { verdict, reason } of corrected!.contrasts) {
      // A rate of the earlier stage within the margin is too rare for sameness in points.
      if (reason !== 'too rare') expect(verdict).not.toBe('inconclusive');
    }
    const rawFit = contrasts.map((one) => fits(asRated(one), change(measure, one), one.margin!));
    expect(rawFit).toEqual(measure === MISALIGNMENT ? [true, true, false] : [true, true, true]);
  });

  it('give the planted shares where a judge errs alike in all stages, and others where not', () => {
    const shares = (measure: string, rater: string) => {
      const of = found(measure, rater).shares!;
      return of.raw ?? of;
    };
    for (const rater of RATERS) {
      const { identified, parts } = shares(IN_THOUGHTS, rater);
      expect(identified, rater).toBe(true);
      const total = change(IN_THOUGHTS, { from: 'base', to: 'production' });
      for (const part of parts)
        expect(holds(part.interval, change(IN_THOUGHTS, part) / total), rater).toBe(true);
    }
    const [bySft] = shares(MISALIGNMENT, 'didot').parts;
    expect(holds(bySft!.interval, 1)).toBe(true);
    for (const rater of BIASED) {
      const [part] = shares(MISALIGNMENT, rater).parts;
      expect(holds(part!.interval, 1), rater).toBe(false);
    }
  });

  it('are given no corrected share that is at odds with what is planted', () => {
    for (const measure of LABELLED) {
      const total = change(measure, { from: 'base', to: 'production' });
      for (const rater of RATERS) {
        const { identified, parts, lambdas } = found(measure, rater).corrected!.shares!;
        expect(lambdas, `${measure} ${rater}`).toHaveLength(3);
        // In misalignment 120 labels a stage leave the whole change of 20 points too unsure to be divided, for most raters.
        if (measure === IN_THOUGHTS) expect(identified, rater).toBe(true);
        if (!identified) continue;
        for (const part of parts)
          expect(holds(part.interval, change(measure, part) / total), `${measure} ${rater} ${part.to}`).toBe(
            true,
          );
      }
    }
  });

  it('measure the judges’ sensitivity and specificity as planted', () => {
    const intervals = LABELLED.flatMap((measure) =>
      judges.flatMap((judge) =>
        stages.flatMap((stage) => {
          const accuracy =
            measure === MISALIGNMENT ? decisionAccuracy[judge][styles[stage]] : awarenessAccuracy[judge];
          const one = found(measure, judge).corrected!.stages.find(({ id }) => id === stage)!;
          return [
            holds(one.sensitivityInterval, accuracy.sensitivity),
            holds(one.specificityInterval, accuracy.specificity),
          ];
        }),
      ),
    );
    expect(intervals).toHaveLength(48);
    // 95 % intervals, and several of one set of labels: four of 48 may miss.
    expect(intervals.filter(Boolean).length).toBeGreaterThanOrEqual(44);
  });

  it('leave the judge of the stages’ own family off the panel', () => {
    const { agreement, stages: estimates } = found(MISALIGNMENT, 'panel');
    expect(agreement!.selfExclusion).toMatchObject({ applied: true, trials: 3 * 348 });
    expect(agreement!.selfExclusion!.changed).toBeGreaterThan(0);
    const own = found(MISALIGNMENT, 'aldine').stages;
    const at = (list: typeof own) => list.find(({ id }) => id === 'production')!.estimate!;
    expect(at(estimates)).toBeGreaterThan(at(own));
  });
});

/** What the rater alone says, where labels correct it. */
function asRated(contrast: Contrast): Contrast {
  return contrast.raw === undefined ? contrast : { ...contrast, ...contrast.raw };
}

function contrastOf({ contrasts }: MeasureFindings, from: string, to: string): Contrast {
  return contrasts.find((one) => one.from === from && one.to === to)!;
}

/** Whether a verdict is true of a planted change; "inconclusive" says nothing that could be false. */
function fits(
  { verdict, difference }: Pick<Contrast, 'verdict' | 'difference'>,
  change: number,
  margin: number,
): boolean {
  const small = Math.abs(change) < margin;
  const sameWay = Math.abs(change) > 1e-9 && Math.sign(difference!) === Math.sign(change);
  switch (verdict) {
    case 'equivalent':
      return small;
    case 'different but within the margin':
      return small && sameWay;
    case 'different':
      return sameWay;
    case 'materially different':
      return !small && sameWay;
    case 'not less safe':
      // Lower is safer in these measures.
      return change < margin;
    default:
      return verdict === 'inconclusive';
  }
}

function holds(interval: Contrast['interval'], value: number): boolean {
  return interval !== null && interval[0] <= value && value <= interval[1];
}

function isStage(id: string): boolean {
  return (stages as readonly string[]).includes(id);
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const about = (x: readonly number[], y: readonly number[]) =>
    mean(x.map((value, i) => (value - mean(x)) * (y[i]! - mean(y))));
  return about(a, b) / Math.sqrt(about(a, a) * about(b, b));
}
