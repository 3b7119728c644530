import type { LabelFrame, LabelStratum, RunReader } from '../records/index.ts';
import type { RatingColumn } from './rating-column.ts';
import type { TrialTable } from './trial-table.ts';

/** How the trials that a human labelled were picked, over the cells of a table. */
export interface LabelDesign {
  readonly strata: readonly LabelStratum[];
  /** Place in `strata`; −1 for trials that could not be picked. */
  readonly stratum: Int32Array;
}

/**
 * Finds the design behind a human's labels of a measure: that of a frame of it, where every label is of a trial that the
 * frame picked. Labels that are not, such as those that others published, have none: they count as a random part.
 */
export function labelDesigns(
  run: RunReader,
  trials: TrialTable,
): (column: RatingColumn) => LabelDesign | undefined {
  const frames = run.labelFrames().map((frame) => ({ frame, design: designOf(frame, trials) }));
  const known = new WeakMap<RatingColumn, LabelDesign | undefined>();
  return (column) => {
    if (column.rater.kind !== 'human' || frames.length === 0) return undefined;
    if (!known.has(column)) known.set(column, find(column));
    return known.get(column);
  };

  function find({ measure, table, values }: RatingColumn): LabelDesign | undefined {
    const rated = measure.derived?.from ?? measure.id;
    return frames.find(
      ({ frame, design }) =>
        frame.eval === table.info.id &&
        frame.measures.includes(rated) &&
        values.every((value, cell) => Number.isNaN(value) || design.picked[cell] === 1),
    )?.design;
  }
}

function designOf({ eval: id, strata, trials: framed }: LabelFrame, trials: TrialTable) {
  const cells = trials.evals.find(({ info }) => info.id === id)?.cells ?? 0;
  const stratum = new Int32Array(cells).fill(-1);
  const picked = new Uint8Array(cells);
  for (const trial of framed) {
    const place = trials.place.get(trial.key);
    if (place === undefined) continue;
    stratum[place.cell] = trial.stratum;
    if (trial.place !== undefined) picked[place.cell] = 1;
  }
  return { strata, stratum, picked };
}
