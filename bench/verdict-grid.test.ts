import { expect, test } from 'vitest';
import { verdictGrid, verdictReport } from './verdict-grid.ts';
import { simulateWhole, wholeDesigns } from './whole-findings.ts';

const REPLICATIONS = 150;
/** Four Monte-Carlo errors. */
const slack = (share: number) => 4 * Math.sqrt((share * (1 - share)) / REPLICATIONS);

test('with few clusters and skewed effects, few false claims and intervals that cover', () => {
  const rows = verdictGrid(REPLICATIONS, 7, 'skewness');
  expect(rows).toHaveLength(15);
  for (const row of rows) {
    expect(row.falseDifference).toBeLessThan(0.08 + slack(0.08));
    expect(row.falseSame).toBeLessThan(0.06 + slack(0.06));
    expect(Math.min(...row.coverage)).toBeGreaterThan(0.92 - slack(0.92));
  }
  const cells = rows.map((row) => ({ kind: 'pair', replications: REPLICATIONS, row }) as const);
  expect(verdictReport(cells)).toContain('| effects of skewness 2 | 6 of 20 |');
});

test('more epochs give more power', () => {
  const rows = verdictGrid(REPLICATIONS, 7, 'epochs');
  expect(rows.map(({ power }) => power.same)).toEqual(
    [...rows.map(({ power }) => power.same)].sort((a, b) => a - b),
  );
  expect(rows.at(-1)!.power.same).toBeGreaterThan(0.5);
});

test('a change from 10 to 40 % in 20 clusters of 10 is found, also with a correlation of 0.3', () => {
  const rows = verdictGrid(REPLICATIONS, 7, '0.1 to 0.4');
  for (const { power, coverage } of rows) {
    expect(power.difference).toBeGreaterThan(0.8);
    expect(Math.min(...coverage)).toBeGreaterThan(0.93 - slack(0.93));
  }
});

test('whole runs claim little that is not there: each design runs, and is told with its target', async () => {
  const designs = wholeDesigns();
  const rows = await Promise.all(designs.map((design, i) => simulateWhole(design, 2, i)));
  const report = verdictReport(rows.map((row) => ({ kind: 'whole', replications: 2, row })));
  for (const { name } of designs) expect(report).toContain(`| ${name} |`);
}, 60_000);
