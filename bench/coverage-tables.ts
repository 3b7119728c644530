import type { CoverageRow } from './coverage-grid.ts';

/** Coverage of 95 % intervals of one rate: the four differences of a cell pooled, since its first stage is the same. */
export function oneRateTable(rows: readonly CoverageRow[]): string {
  const counts = distinct(rows.map((row) => row.clusters));
  const lines = cellsOf(rows, (row) => `${row.rate}/${row.icc}`).map((group) => {
    const { rate, icc } = group[0]!;
    const columns = counts.map((clusters) => {
      const cell = group.filter((row) => row.clusters === clusters);
      return [
        flagShort(average(cell.map((row) => row.oneRate.wilson))),
        flagShort(average(cell.map((row) => row.oneRate.kornGraubard))),
        percent(average(cell.map((row) => row.oneRate.tCR1))),
      ].join(' · ');
    });
    return [`${rate}`, `${icc}`, ...columns];
  });
  return table(['rate', 'correlation', ...counts.map((clusters) => `${clusters} clusters`)], lines);
}

/** Coverage of the difference and what the verdicts said, a cell a line; four numbers are those at 0, δ/2, δ and 2δ. */
export function pairedTable(rows: readonly CoverageRow[]): string {
  const lines = cellsOf(rows, cellKey).map((cell) => {
    const [same, half, atMargin, beyond] = cell as [CoverageRow, CoverageRow, CoverageRow, CoverageRow];
    return [
      ...cellColumns(same),
      cell.map((row) => flagShort(row.paired.t)).join(' · '),
      cell.map((row) => flagShort(row.paired.tango)).join(' · '),
      [atMargin, beyond].map((row) => flagFalse(saidEquivalent(row), row)).join(' · '),
      [same, half].map((row) => percent(saidEquivalent(row))).join(' · '),
      percent(saidDifferent(same)),
      [atMargin, beyond].map((row) => percent(row.verdicts['materially different'])).join(' · '),
    ];
  });
  const heads = ['CR2-t covers', 'Tango covers', 'false equivalence at δ · 2δ', 'power at 0 · δ/2'];
  const others = ['"different" at 0', '"materially different" at δ · 2δ'];
  return table(['rate', 'correlation', 'clusters', 'δ', ...heads, ...others], lines);
}

/** False equivalence and power at the margin that the planner calls provable with 80 % power. */
export function plannedTable(rows: readonly CoverageRow[]): string {
  const lines = cellsOf(rows, cellKey).map((cell) => {
    const [same, half, atMargin] = cell as [CoverageRow, CoverageRow, CoverageRow];
    const capped = same.rate + 2 * same.margin >= 0.98 - 1e-9;
    return [
      ...cellColumns(same),
      flagFalse(saidEquivalent(atMargin), atMargin),
      `${percent(saidEquivalent(same))}${capped ? ' †' : ''}`,
      percent(saidEquivalent(half)),
    ];
  });
  const heads = ['false equivalence at δ', 'power at 0', 'power at δ/2'];
  return table(['rate', 'correlation', 'clusters', 'δ', ...heads], lines);
}

/** Cells whose intervals cover less than 93 %, the worst first: one line each. */
export function shortfalls(rows: readonly CoverageRow[]): string[] {
  const paired = rows.flatMap((row) => [
    { covers: row.paired.t, what: `CR2-t of the difference at ${round(row.difference)}`, row },
    { covers: row.paired.tango, what: `Tango of the difference at ${round(row.difference)}`, row },
  ]);
  const single = cellsOf(rows, cellKey).flatMap((cell) => [
    { covers: average(cell.map((row) => row.oneRate.wilson)), what: 'Wilson of one rate', row: cell[0]! },
    {
      covers: average(cell.map((row) => row.oneRate.kornGraubard)),
      what: 'Korn–Graubard of one rate',
      row: cell[0]!,
    },
  ]);
  return [...single, ...paired]
    .filter(({ covers }) => covers < SHORT)
    .sort((a, b) => a.covers - b.covers)
    .map(({ covers, what, row }) => `${percent(covers)} %: ${what}; ${nameOf(row)}`);
}

/** Cells in which equivalence was said falsely more often than 5 % and three Monte-Carlo errors. */
export function falseEquivalences(rows: readonly CoverageRow[]): string[] {
  return rows
    .filter((row) => row.difference >= row.margin && isTooOften(saidEquivalent(row), row))
    .sort((a, b) => saidEquivalent(b) - saidEquivalent(a))
    .map(
      (row) => `${percent(saidEquivalent(row))} %: ${nameOf(row)}, δ = difference = ${round(row.difference)}`,
    );
}

export function saidEquivalent({ verdicts }: CoverageRow): number {
  return verdicts.equivalent + verdicts['different but within the margin'];
}

function saidDifferent({ verdicts }: CoverageRow): number {
  return verdicts.different + verdicts['materially different'] + verdicts['different but within the margin'];
}

/** Below this, coverage counts as short of 95 %. */
const SHORT = 0.93;

function flagShort(coverage: number): string {
  return coverage < SHORT ? `**${percent(coverage)}**` : percent(coverage);
}

function flagFalse(share: number, row: CoverageRow): string {
  return isTooOften(share, row) ? `**${percent(share)}**` : percent(share);
}

function isTooOften(share: number, { replications }: CoverageRow): boolean {
  return share > 0.05 + 3 * Math.sqrt((0.05 * 0.95) / replications);
}

function nameOf({ rate, icc, clusters }: CoverageRow): string {
  return `rate ${rate}, correlation ${icc}, ${clusters} clusters`;
}

function cellColumns({ rate, icc, clusters, margin }: CoverageRow): string[] {
  return [`${rate}`, `${icc}`, `${clusters}`, round(margin)];
}

function cellKey({ rate, icc, clusters }: CoverageRow): string {
  return `${rate}/${icc}/${clusters}`;
}

function cellsOf(rows: readonly CoverageRow[], key: (row: CoverageRow) => string): CoverageRow[][] {
  return [...Map.groupBy(rows, key).values()];
}

function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [heads, heads.map(() => '--:'), ...lines];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)];
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function round(value: number): string {
  return `${Number(value.toFixed(3))}`;
}
