import type { Manifest, Measure, StageInfo } from '../core/index.ts';
import { cohenKappa, gwetAC1 } from '../stats/index.ts';
import type { AgreementFindings } from './rater-findings.ts';
import type { RatingColumn } from './rating-column.ts';
import { selfExclusion } from './self-exclusion.ts';
import { firstCell } from './trial-table.ts';
import { alphaByLevel, cellsOf, unitsOf } from './units.ts';

/** More different values than this are not categories: AC1 and kappa are not computed then. */
const MOST_CATEGORIES = 20;

/** How some raters agree among each other: what is the same in the findings of each of them. */
type AgreementStatistics = Pick<
  AgreementFindings,
  'raters' | 'units' | 'alpha' | 'level' | 'ac1' | 'alphaByLevel'
>;

/** Consensus by the raters' ids, so that it is computed once a measure. */
export type ConsensusCache = Map<string, AgreementStatistics>;

/**
 * How far the raters of a measure agree, trial by trial: all of them among each other, and each with this one.
 *
 * @param column  of the rater whose findings these are
 * @param columns of all raters of the measure; panels among them are not compared, their members are
 * @param rated   of all raters of the measure that this one is derived from; the same where it is rated itself
 * @param cache   of this measure
 * @returns       `undefined` where this rater has nobody to be compared with
 */
export function agreementOf(
  column: RatingColumn,
  columns: readonly RatingColumn[],
  rated: readonly RatingColumn[],
  manifest: Manifest,
  stages: readonly number[],
  cache: ConsensusCache,
): AgreementFindings | undefined {
  const { panel } = column.rater;
  const sits = ({ rater }: RatingColumn) => panel === undefined || panel.members.includes(rater.id);
  const compared = columns.filter((one) => one.rater.panel === undefined && sits(one));
  const others = compared.filter((other) => other !== column);
  if (compared.length < 2 || others.length === 0) return undefined;
  const cells = cellsOf(column, stages);
  const exclusion =
    panel === undefined ? undefined : selfExclusion(column, compared, rated.filter(sits), manifest, stages);
  const categories = categoriesOf(column.measure, [...others, column], cells);
  return {
    ...consensusOf(annotators(compared), cells, cache),
    pairs: others.flatMap((other) =>
      stages.map((stage) => pairOf(column, other, manifest.stages[stage]!, stage, categories)),
    ),
    ...(exclusion === undefined ? {} : { selfExclusion: exclusion }),
  };
}

/** Without labels that were settled from those of others here: they would count the same opinions twice. */
function annotators(columns: readonly RatingColumn[]): RatingColumn[] {
  const ids = new Set(columns.map(({ rater }) => rater.id));
  return columns.filter(
    ({ rater: { adjudicates = [] } }) => adjudicates.filter((id) => ids.has(id)).length < 2,
  );
}

function consensusOf(
  columns: readonly RatingColumn[],
  cells: readonly number[],
  cache: ConsensusCache,
): AgreementStatistics {
  const raters = columns.map(({ rater }) => rater.id);
  const known = cache.get(raters.join(' '));
  if (known !== undefined) return known;
  const { measure } = columns[0]!;
  const categories = categoriesOf(measure, columns, cells);
  const byLevel = alphaByLevel(() => unitsOf(columns, cells), measure);
  const consensus = {
    raters,
    units: count(unitsOf(columns, cells)),
    alpha: byLevel[measure.level]!,
    level: measure.level,
    ac1: categories === null ? null : gwetAC1(unitsOf(columns, cells), categories.length),
    alphaByLevel: byLevel,
  };
  cache.set(raters.join(' '), consensus);
  return consensus;
}

function count(units: Iterable<unknown>): number {
  let total = 0;
  for (const _ of units) total++;
  return total;
}

/** The different values, in rising order: for yes and no both, even if only one occurs. `null` where they are too many. */
function categoriesOf(
  measure: Measure,
  columns: readonly RatingColumn[],
  cells: readonly number[],
): readonly number[] | null {
  const seen = new Set<number>(measure.kind === 'rate' ? [0, 1] : []);
  for (const { values } of columns) {
    for (const cell of cells) {
      if (!Number.isNaN(values[cell])) seen.add(values[cell]!);
      if (seen.size > MOST_CATEGORIES) return null;
    }
  }
  return [...seen].sort((a, b) => a - b);
}

function pairOf(
  column: RatingColumn,
  other: RatingColumn,
  info: StageInfo,
  stage: number,
  categories: readonly number[] | null,
): AgreementFindings['pairs'][number] {
  const names = new Map((categories ?? []).map((value, category) => [value, category]));
  const table = Array.from(names, () => new Array<number>(names.size).fill(0));
  let n = 0;
  let same = 0;
  const end = firstCell(column.table, stage + 1, 0);
  for (let cell = firstCell(column.table, stage, 0); cell < end; cell++) {
    const [mine, theirs] = [column.values[cell]!, other.values[cell]!];
    if (Number.isNaN(mine) || Number.isNaN(theirs)) continue;
    n++;
    if (mine === theirs) same++;
    const row = table[names.get(mine) ?? -1];
    const place = names.get(theirs);
    if (row !== undefined && place !== undefined) row[place]!++;
  }
  return {
    rater: other.rater.id,
    stage: info.id,
    n,
    agreement: n === 0 ? null : same / n,
    kappa: n === 0 || categories === null ? null : cohenKappa(table),
  };
}
