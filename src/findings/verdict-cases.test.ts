import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { DeclaredMeasure } from '../interchange/declared-measure.ts';
import { importTable } from '../interchange/index.ts';
import type { Contrast } from './contrast-findings.ts';
import { makeFindings } from './index.ts';
import { publishedRun } from './testing/published-run.ts';

/** Small tables, each of which once got a verdict that it should not. */
const folder = fileURLToPath(new URL('../../../shared/cases/verdicts', import.meta.url));
const skipped = existsSync(folder) ? '' : ' (skipped: ../shared/cases is not beside this checkout)';

async function contrastsOf(
  name: string,
  measures: readonly DeclaredMeasure[] = [],
): Promise<readonly Contrast[]> {
  const results = await importTable(join(folder, `${name}.csv`), { measures });
  const found = await makeFindings(await publishedRun(results));
  return found.measures.find(({ headline }) => headline)!.contrasts;
}

async function only(name: string, measures: readonly DeclaredMeasure[] = []): Promise<Contrast> {
  return (await contrastsOf(name, measures))[0]!;
}

const width = ({ interval }: Contrast) => interval![1] - interval![0];
const SAME = ['equivalent', 'different but within the margin'];

describe.skipIf(skipped)(`cases${skipped}`, () => {
  test('rare: a harm seven times as frequent is a difference, and never "not less safe"', async () => {
    const contrasts = await contrastsOf('rare', [{ name: 'refusals/unsafe-response' }]);
    const found = contrasts.find((one) => [one.from, one.to].sort().join() === 'production,sft')!;
    const ratio = found.to === 'production' ? found.ratio!.estimate! : 1 / found.ratio!.estimate!;
    expect(['different', 'different but within the margin']).toContain(found.verdict);
    expect(ratio).toBeGreaterThan(4);
    expect(ratio).toBeLessThan(12);
    expect(found.notLessSafe).not.toBe(true);
  });

  test('tail: one more sample with a large value in both stages changes no verdict', async () => {
    const declared = [{ name: 'turns', range: [-10, 100], margin: 1 }] as const;
    for (const measures of [[], declared]) {
      const [without, having] = [await only('tail0', measures), await only('tail1', measures)];
      expect(SAME).not.toContain(measures.length === 0 ? without.verdict : '');
      expect(having.verdict).toBe(without.verdict);
    }
    expect(await only('tail1')).toMatchObject({ margin: null, marginSource: 'none', verdict: 'different' });
  });

  test('asrate, asscore: one coding or the other, the same is said', async () => {
    expect(SAME).not.toContain((await only('asscore')).verdict);
    const score = await only('asscore', [{ name: 'value', range: [0, 10], margin: 0.5 }]);
    const rate = await only('asrate');
    expect(score.verdict).toBe(rate.verdict);
    expect(score.interval!.map((end) => end / 10)).toEqual(
      rate.interval!.map((end) => expect.closeTo(end, 12)),
    );
  });

  test('cl9, cl10: nine clusters are told much as ten are', async () => {
    for (const name of ['cl9', 'cl10']) {
      expect(['different', 'materially different']).toContain((await only(name)).verdict);
    }
  });

  test('zero, one: a first event changes little', async () => {
    const [zero, one] = [width(await only('zero')), width(await only('one'))];
    expect(Math.max(zero, one) / Math.min(zero, one)).toBeLessThan(1.5);
  });

  test('ep1, ep40: forty trials a sample tell more than one', async () => {
    expect(width(await only('ep40'))).toBeLessThan(0.75 * width(await only('ep1')));
  });

  test('two raters who disagree: the order of rows decides nothing', async () => {
    const [ab, ba] = [await only('two_ab'), await only('two_ba')];
    expect(ab).toEqual(ba);
    expect(ab).toMatchObject({ verdict: 'inconclusive', reason: 'raters disagree' });
  });
});
