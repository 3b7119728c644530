import { describe, expect, test } from 'vitest';
import { coverageReport } from './coverage.ts';
import { type CoverageRow, coverageGrid } from './coverage-grid.ts';
import { falseEquivalences, saidEquivalent, shortfalls } from './coverage-tables.ts';

const REPLICATIONS = 250;
/** Four Monte-Carlo errors of a share: one cell in 30,000 strays farther by chance, and the seed is fixed. */
const slack = (share: number) => 4 * Math.sqrt((share * (1 - share)) / REPLICATIONS);
const average = (values: readonly number[]) =>
  values.reduce((total, value) => total + value, 0) / values.length;

describe('planted truth, a small grid', () => {
  const rows = coverageGrid({ quick: true, replications: REPLICATIONS });
  const at = (multiple: number) => rows.filter((row) => row.difference === multiple * row.margin);

  test('holds 32 planted truths', () => {
    expect(rows).toHaveLength(32);
    for (const row of rows) {
      expect(average(Object.values(row.verdicts)) * Object.values(row.verdicts).length).toBeCloseTo(1, 9);
    }
  });

  test('one rate is covered', () => {
    // Rare events in clusters cost a few points (see coverage.md): hence 0.93 and not 0.95.
    for (const row of rows) {
      expect(row.oneRate.wilson).toBeGreaterThan(0.93 - slack(0.93));
      expect(row.oneRate.kornGraubard).toBeGreaterThan(0.93 - slack(0.93));
    }
    expect(average(rows.map((row) => row.oneRate.wilson))).toBeGreaterThan(0.945);
  });

  test('the difference is covered, and not by intervals that cover everything', () => {
    for (const row of rows) {
      expect(row.paired.t).toBeGreaterThan(0.94 - slack(0.94));
      expect(row.paired.tango).toBeGreaterThan(0.94 - slack(0.94));
    }
    expect(average(rows.map((row) => row.paired.t))).toBeGreaterThan(0.94);
    expect(average(rows.map((row) => row.paired.t))).toBeLessThan(0.97);
    expect(average(rows.map((row) => row.paired.tango))).toBeLessThan(0.985);
  });

  test('equivalence is said falsely at most one time in twenty', () => {
    for (const row of at(1)) expect(saidEquivalent(row)).toBeLessThan(0.05 + slack(0.05));
    expect(average(at(1).map(saidEquivalent))).toBeLessThan(0.05);
    for (const row of at(2)) expect(saidEquivalent(row)).toBeLessThan(0.01);
  });

  test('stages that are the same are seldom called different, and never materially', () => {
    for (const { verdicts } of at(0)) {
      const different =
        verdicts.different + verdicts['different but within the margin'] + verdicts['materially different'];
      expect(different).toBeLessThan(0.05 + slack(0.05));
      expect(verdicts['materially different']).toBeLessThan(0.02);
    }
    for (const { verdicts } of at(1))
      expect(verdicts['materially different']).toBeLessThan(0.025 + slack(0.025));
  });

  test('enough clusters show equivalence, and a difference', () => {
    const plenty = rows.filter((row) => row.clusters === 50 && row.icc === 0);
    for (const row of plenty.filter((row) => row.difference === 0))
      expect(saidEquivalent(row)).toBeGreaterThan(0.7);
    for (const row of plenty.filter((row) => row.difference === 0.2)) {
      expect(row.verdicts['materially different']).toBeGreaterThan(0.6);
    }
  });

  test('catches an analysis that ignores clusters', () => {
    const naive = coverageGrid({ quick: true, replications: 100, ignoreClusters: true }).filter(
      (row) => row.icc > 0,
    );
    expect(average(naive.map((row) => row.paired.t))).toBeLessThan(0.9);
    expect(average(naive.map((row) => row.oneRate.wilson))).toBeLessThan(0.9);
  });

  test('is the same for the same seed', () => {
    const again = () => coverageGrid({ quick: true, replications: 3, seed: 5 });
    expect(again()).toEqual(again());
  });
});

test('at the margin that the planner calls provable, equivalence is shown about four times in five', () => {
  const rows = coverageGrid({ quick: true, replications: 150, margin: 'planned' });
  const shown = rows
    .filter((row) => row.difference === 0 && row.rate + 2 * row.margin < 0.979)
    .map(saidEquivalent);
  expect(average(shown)).toBeGreaterThan(0.65);
  expect(average(shown)).toBeLessThan(0.85);
});

describe('the report', () => {
  const row: CoverageRow = {
    ...{
      rate: 0.05,
      icc: 0.1,
      clusters: 20,
      samples: 100,
      margin: 0.1,
      difference: 0.1,
      replications: 10_000,
    },
    oneRate: { wilson: 0.95, kornGraubard: 0.96, tCR1: 0.8 },
    paired: { t: 0.9, tango: 0.95 },
    verdicts: {
      equivalent: 0.06,
      'different but within the margin': 0.01,
      different: 0.5,
      'materially different': 0.02,
      'not less safe': 0,
      inconclusive: 0.41,
    },
  };

  test('names what covers too little and what is said falsely, and nothing else', () => {
    expect(shortfalls([row])).toEqual([
      '90.0 %: CR2-t of the difference at 0.1; rate 0.05, correlation 0.1, 20 clusters',
    ]);
    expect(falseEquivalences([row])).toEqual([
      '7.0 %: rate 0.05, correlation 0.1, 20 clusters, δ = difference = 0.1',
    ]);
    expect(falseEquivalences([{ ...row, difference: 0.05 }])).toEqual([]);
    expect(shortfalls([{ ...row, paired: { t: 0.93, tango: 0.95 } }])).toEqual([]);
  });

  test('has a line for every cell', () => {
    const cell = [0, 0.05, 0.1, 0.2].map((difference) => ({ ...row, difference }));
    const report = coverageReport({ fixed: cell, planned: cell });
    expect(report).toContain('| 0.05 | 0.1 | 20 | 0.1 | **90.0** · **90.0** · **90.0** · **90.0** |');
    expect(report).toContain('10,000 replications');
  });
});
