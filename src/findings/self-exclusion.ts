import type { Manifest } from '../core/index.ts';
import { ofMeasure } from './derived-column.ts';
import { panelColumn } from './panel-column.ts';
import type { SelfExclusionFindings } from './rater-findings.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';
import { alphaByLevel, cellsOf, unitsOf } from './units.ts';

/**
 * What it does to a panel that no member counts for a stage of its own family: how many of its values would be other
 * ones, and how well the members agree without their ratings of their own family.
 *
 * @param column  the panel's, of a rated or of a derived measure
 * @param members the members', of the same measure
 * @param rated   the members', of the measure that this one is derived from; the same where it is rated itself
 * @returns       `undefined` where no member rated a stage of its own family
 */
export function selfExclusion(
  column: RatingColumn,
  members: readonly RatingColumn[],
  rated: readonly RatingColumn[],
  manifest: Manifest,
  stages: readonly number[],
): SelfExclusionFindings | undefined {
  const { table, measure, rater: panel } = column;
  const families = manifest.stages.map(({ family }) => family?.toLowerCase());
  const cellsOfStage = firstCell(table, 1, 0);
  const isOwn = (member: number, cell: number) => {
    const family = members[member]!.rater.family?.toLowerCase();
    return family !== undefined && family === families[Math.floor(cell / cellsOfStage)];
  };
  const cells = cellsOf(column, stages);
  const own = cells.filter((cell) =>
    members.some(({ values }, member) => isOwn(member, cell) && !Number.isNaN(values[cell])),
  );
  if (own.length === 0) return undefined;
  const combined = (excludeOwnFamily: boolean) =>
    ofMeasure(panelColumn(manifest, panel, rated, excludeOwnFamily), measure);
  const [all, others] = [combined(false).values, combined(true).values];
  const without = (member: number, cell: number) => !isOwn(member, cell);
  return {
    applied: panel.panel!.excludeOwnFamily,
    trials: own.length,
    changed: own.filter((cell) => !Object.is(all[cell], others[cell])).length,
    ratings: ratings(members, cells),
    ratingsWithout: ratings(members, cells, without),
    alphaByLevel: alphaByLevel(() => unitsOf(members, cells), measure),
    alphaByLevelWithout: alphaByLevel(() => unitsOf(members, cells, without), measure),
  };
}

function ratings(
  members: readonly RatingColumn[],
  cells: readonly number[],
  counts: (member: number, cell: number) => boolean = () => true,
): number {
  let total = 0;
  members.forEach(({ values }, member) => {
    for (const cell of cells) if (!Number.isNaN(values[cell]) && counts(member, cell)) total++;
  });
  return total;
}
