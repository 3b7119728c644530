import { isLabeller } from '../core/index.ts';
import type { LabelFrame, RunReader } from '../records/index.ts';
import type { RatingColumn } from './rating-column.ts';
import type { TrialTable } from './trial-table.ts';

/** The strata within which a labeller's labels count alike, over the cells of a table. */
export interface LabelDesign {
  /** What the judges, or the judge, say of the trials of one stage. */
  readonly strata: readonly { readonly says: string }[];
  /** Place in `strata`; −1 for trials that are in none. */
  readonly stratum: Int32Array;
  /** Whether stemma drew the labels at random within the strata; else they are weighted afterwards (`postStrata`). */
  readonly drawn: boolean;
}

/**
 * Finds the design behind a labeller's labels of a measure: that of a frame of it, where every label is of a trial that the
 * frame picked. Labels that are not, such as those that others published, have none: they are weighted afterwards. So are labels
 * of trials that no judge had rated when they were picked: they are a random part of each stage, and a view of their own.
 */
export function labelDesigns(
  run: RunReader,
  trials: TrialTable,
): (column: RatingColumn) => LabelDesign | undefined {
  const frames = run
    .labelFrames()
    .filter(({ strata }) => strata.some(({ says }) => says !== 'nothing'))
    .map((frame) => ({ frame, design: designOf(frame, trials) }));
  const known = new WeakMap<RatingColumn, LabelDesign | undefined>();
  return (column) => {
    if (!isLabeller(column.rater) || frames.length === 0) return undefined;
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

/** With the cells that were picked marked by 1. */
interface FramedDesign extends LabelDesign {
  readonly picked: Uint8Array;
}

function designOf({ eval: id, strata, trials: framed }: LabelFrame, trials: TrialTable): FramedDesign {
  const cells = trials.evals.find(({ info }) => info.id === id)?.cells ?? 0;
  const stratum = new Int32Array(cells).fill(-1);
  const picked = new Uint8Array(cells);
  for (const trial of framed) {
    const place = trials.place.get(trial.key);
    if (place === undefined) continue;
    stratum[place.cell] = trial.stratum;
    if (trial.place !== undefined) picked[place.cell] = 1;
  }
  return { strata, stratum, picked, drawn: true };
}
