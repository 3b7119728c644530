import { expect, test } from 'vitest';
import { verdictGrid, verdictReport } from './verdict-grid.ts';

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
  expect(verdictReport(rows, REPLICATIONS)).toContain('| effects of skewness 2 | 6 of 20 |');
});

test('more epochs give more power', () => {
  const rows = verdictGrid(REPLICATIONS, 7, 'epochs');
  expect(rows.map(({ power }) => power.same)).toEqual(
    [...rows.map(({ power }) => power.same)].sort((a, b) => a - b),
  );
  expect(rows.at(-1)!.power.same).toBeGreaterThan(0.5);
});
