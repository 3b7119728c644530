import type { Manifest, RaterInfo, RatingStatus } from '../core/index.ts';
import { combinePanel, type PanelInfo, type PanelValue, panelInfo } from '../raters/index.ts';
import { RATING, type RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/** By the codes of `RATING`. */
const STATUS_OF: readonly (RatingStatus | null)[] = [
  ...([null, 'rated', 'unparsed', 'refused', 'error', null] as const),
  'unparsed',
];

const CODE_OF: Readonly<Record<PanelValue['status'], number>> = {
  'not-rated': RATING.none,
  rated: RATING.rated,
  unparsed: RATING.unparsed,
  refused: RATING.refused,
  error: RATING.error,
  tie: RATING.tie,
};

/**
 * The columns that panels would have: each combined, trial by trial, from what its members said. Panels have no records
 * of their own, so that they can be changed without rating anything again.
 *
 * @param columns of the raters that have records
 */
export function panelColumns(manifest: Manifest, columns: readonly RatingColumn[]): RatingColumn[] {
  return manifest.raters
    .filter((rater) => rater.panel !== undefined)
    .flatMap((panel) =>
      measuresOf(columns).flatMap((ofMeasure) => {
        const members = ofMeasure.filter(({ rater }) => panel.panel!.members.includes(rater.id));
        return members.length === 0 ? [] : [panelColumn(manifest, panel, members)];
      }),
    );
}

/**
 * A panel's column for one measure.
 *
 * @param members         the members' columns, of one measure; at least one
 * @param excludeOwnFamily instead of what the panel says
 */
export function panelColumn(
  manifest: Manifest,
  panel: RaterInfo,
  members: readonly RatingColumn[],
  excludeOwnFamily = panel.panel!.excludeOwnFamily,
): RatingColumn {
  const info: PanelInfo = { ...panelInfo(panel, manifest.raters), excludeOwnFamily };
  const { table, measure } = members[0]!;
  const values = new Float64Array(table.cells).fill(Number.NaN);
  const status = new Uint8Array(table.cells);
  manifest.stages.forEach(({ family }, stage) => {
    const end = firstCell(table, stage + 1, 0);
    for (let cell = firstCell(table, stage, 0); cell < end; cell++) {
      const ratings = members.flatMap((member) => {
        const said = STATUS_OF[member.status[cell]!]!;
        if (said === null) return [];
        return [
          { rater: member.rater.id, status: said, value: said === 'rated' ? member.values[cell]! : null },
        ];
      });
      if (ratings.length === 0) continue;
      const combined = combinePanel(ratings, info, family);
      status[cell] = CODE_OF[combined.status];
      if (combined.value !== null) values[cell] = combined.value;
    }
  });
  return {
    table,
    measure,
    rater: panel,
    values,
    status,
    versions: members.flatMap((member) => member.versions),
  };
}

/** Columns put together by eval and measure. */
function measuresOf(columns: readonly RatingColumn[]): RatingColumn[][] {
  return [...Map.groupBy(columns, ({ table, measure }) => `${table.info.id} ${measure.id}`).values()];
}
