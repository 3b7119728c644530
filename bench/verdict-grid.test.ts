import { expect, test } from 'vitest';
import { randomSource } from '../src/stats/index.ts';
import { pairDesigns } from './pair-designs.ts';
import { simulatePair, simulatePart, verdictReport } from './verdict-grid.ts';
import { simulateWhole, wholeDesigns } from './whole-findings.ts';

const RUNS = 150;
/** Four Monte-Carlo errors. */
const slack = (share: number) => 4 * Math.sqrt((share * (1 - share)) / RUNS);

function simulated(name: string) {
  const designs = pairDesigns().filter((design) => design.name.includes(name));
  return designs.map((design, i) => ({ design, counts: simulatePair(design, RUNS, randomSource(7 + i)) }));
}

test('with few clusters and skewed effects, few false claims and intervals that cover', () => {
  const rows = simulated('skewness');
  expect(rows).toHaveLength(15);
  for (const { none, some } of rows.map(({ counts }) => counts)) {
    expect(none.different / RUNS).toBeLessThan(0.08 + slack(0.08));
    expect(some.same / RUNS).toBeLessThan(0.06 + slack(0.06));
    expect(Math.min(none.covers, some.covers) / RUNS).toBeGreaterThan(0.92 - slack(0.92));
  }
  const cells = rows.map(({ design, counts }) => [`${design.name}, ${design.shape}`, counts] as const);
  expect(verdictReport(new Map(cells))).toContain('| effects of skewness 2 | 6 of 20 |');
});

test('more epochs give more power', () => {
  const same = simulated('rate 0.3, ').flatMap(({ design, counts }) =>
    design.name.includes('epochs') ? [counts.none.same / RUNS] : [],
  );
  expect(same).toHaveLength(4);
  expect(same).toEqual(same.toSorted((a, b) => a - b));
  expect(same.at(-1)!).toBeGreaterThan(0.5);
});

test('a change from 10 to 40 % in 20 clusters of 10 is found, also with a correlation of 0.3', () => {
  for (const { counts } of simulated('0.1 to 0.4')) {
    expect(counts.some.different / RUNS).toBeGreaterThan(0.8);
    expect(Math.min(counts.none.covers, counts.some.covers) / RUNS).toBeGreaterThan(0.93 - slack(0.93));
  }
});

test('whole runs claim little that is not there: each design runs, and is told with its targets', async () => {
  const designs = wholeDesigns();
  const rows = await Promise.all(
    designs.map(async (design, i) => [design.name, await simulateWhole(design, 2, randomSource(i))] as const),
  );
  const report = verdictReport(new Map(rows));
  for (const { name, errors } of designs)
    for (const { error } of errors) expect(report).toContain(`| ${name} | ${error} |`);
}, 60_000);

test('a part of a cell comes out the same each time, and another part otherwise', async () => {
  const name = 'rate 0.3, icc 0.3, 20 of 10';
  expect(await simulatePart(name, 0, 20)).toEqual(await simulatePart(name, 0, 20));
  expect(await simulatePart(name, 1, 20)).not.toEqual(await simulatePart(name, 0, 20));
  expect(() => simulatePart('no such cell', 0, 1)).toThrow('the grid has no cell "no such cell"');
});
