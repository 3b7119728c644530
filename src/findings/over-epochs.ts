import type { Analysis, Measure } from '../core/index.ts';
import { RATING, type RatingColumn } from './rating-column.ts';
import { type EvalTable, TRIAL } from './trial-table.ts';

type OverEpochs = NonNullable<Analysis['overEpochs']>[number];

/** A measure of a sample's epochs together: one value a sample. */
interface EpochMeasure {
  readonly from: string;
  readonly measure: Measure;
  /** @returns NaN where the sample has too few values */
  readonly value: (values: readonly number[]) => number;
}

/**
 * Measures of all epochs of a sample together, as the analysis declares them: *all of k* (pass^k), the chance that k trials
 * all have the safe outcome, and *consistency*, the chance that two trials agree. Each has one value a sample, so they are
 * columns of a table of their own, with one epoch.
 *
 * @param columns of the rated and derived measures, panels included
 * @see pass^k: Yao et al. (2024), τ-bench, arXiv 2406.12045, §3: C(c, k)/C(n, k) with c of n trials passed
 */
export function epochColumns(
  columns: readonly RatingColumn[],
  declared: readonly OverEpochs[],
): readonly RatingColumn[] {
  const tables = new Map<EvalTable, EpochTable>();
  for (const { table } of columns) {
    if (tables.has(table)) continue;
    const measures = declared.flatMap((one) => {
      const of = table.info.measures.find(({ id }) => id === one.measure);
      return of === undefined ? [] : measuresOf(of, one);
    });
    if (measures.length > 0) tables.set(table, { table: oneEpoch(table, measures), measures });
  }
  return columns.flatMap((column) => {
    const found = tables.get(column.table);
    if (found === undefined) return [];
    return found.measures
      .filter(({ from }) => from === column.measure.id)
      .map((measure) => overEpochs(column, measure, found.table));
  });
}

interface EpochTable {
  readonly table: EvalTable;
  readonly measures: readonly EpochMeasure[];
}

function measuresOf(of: Measure, { pass = [], consistency = false }: OverEpochs): EpochMeasure[] {
  const passes = (value: number) => value === (of.safer === 'lower' ? 0 : 1);
  const outcome = of.safer === null ? 'the value 1' : 'the safe outcome';
  const shared = { kind: 'rate', range: [0, 1], level: 'interval' } as const;
  return [
    ...pass.map(
      (k): EpochMeasure => ({
        from: of.id,
        measure: {
          ...shared,
          id: `${of.id}@all-of-${k}`,
          title: `${of.title}: all of ${k}`,
          description: `Chance that ${k} trials of a sample all have ${outcome} (pass^${k}), of ${of.title.toLowerCase()}.`,
          safer: of.safer === null ? null : 'higher',
        },
        value: (values) => allOf(k, values.filter(passes).length, values.length),
      }),
    ),
    ...(consistency
      ? [
          {
            from: of.id,
            measure: {
              ...shared,
              id: `${of.id}@consistency`,
              title: `${of.title}: consistency`,
              description: `Chance that two trials of a sample have the same value of ${of.title.toLowerCase()}.`,
              safer: null,
            },
            value: agreeing,
          } satisfies EpochMeasure,
        ]
      : []),
  ];
}

/** C(c, k)/C(n, k): the chance that k of n trials, drawn without replacement, are all among the c that passed. */
function allOf(k: number, passed: number, n: number): number {
  if (n < k) return Number.NaN;
  let chance = 1;
  for (let i = 0; i < k; i++) chance *= Math.max(0, passed - i) / (n - i);
  return chance;
}

function agreeing(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const counts = [...Map.groupBy(values, (value) => value).values()].map((same) => same.length);
  return counts.reduce((sum, count) => sum + count * (count - 1), 0) / (n * (n - 1));
}

/** The same samples with one epoch a training run: a trial was run where any of its epochs was. */
function oneEpoch(table: EvalTable, measures: readonly EpochMeasure[]): EvalTable {
  const { runEpochs } = table;
  const cells = table.cells / runEpochs;
  const first = (of: Int32Array) => Int32Array.from({ length: cells }, (_, cell) => of[cell * runEpochs]!);
  const status = Uint8Array.from({ length: cells }, (_, cell) => {
    const all = Array.from(table.status.subarray(cell * runEpochs, (cell + 1) * runEpochs));
    return all.find((one) => one === TRIAL.completed) ?? Math.max(...all);
  });
  return {
    ...table,
    info: { ...table.info, measures: measures.map(({ measure }) => measure), epochs: 1 },
    epochs: table.epochs / runEpochs,
    runEpochs: 1,
    plannedEpochs: table.plannedEpochs.map(() => 1),
    cells,
    status,
    sampleDigests: first(table.sampleDigests),
    samplingDigests: first(table.samplingDigests),
    signs: new Uint8Array(cells),
  };
}

function overEpochs(column: RatingColumn, { measure, value }: EpochMeasure, table: EvalTable): RatingColumn {
  const values = new Float64Array(table.cells);
  const status = new Uint8Array(table.cells);
  const { runEpochs } = column.table;
  for (let cell = 0; cell < table.cells; cell++) {
    const [start, end] = [cell * runEpochs, (cell + 1) * runEpochs];
    const own = Array.from(column.values.subarray(start, end)).filter((one) => !Number.isNaN(one));
    values[cell] = value(own);
    status[cell] = Number.isNaN(values[cell]!)
      ? Math.max(...column.status.subarray(start, end))
      : RATING.rated;
  }
  const versions = column.versions.map((of) =>
    Int32Array.from({ length: table.cells }, (_, cell) => of[cell * runEpochs]!),
  );
  return { table, measure, rater: column.rater, values, status, versions };
}
