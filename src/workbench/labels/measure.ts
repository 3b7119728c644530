import { type Eval, type EvalInfo, InputError, type Manifest, type Measure } from '../../core/index.ts';
import { measureIdOf } from '../../findings/index.ts';
import { questionSets } from '../../run/index.ts';

/** A measure of one eval that people can label, and where "yes" begins. */
export interface LabelledMeasure {
  readonly info: EvalInfo;
  /** Rated itself, not derived. */
  readonly measure: Measure;
  /** A value from here on counts as yes: that of a measure derived from it, or the middle of its range. */
  readonly threshold: number;
}

/**
 * The measures that a run's labellers are to be asked about.
 *
 * @param names ids, or what is after the slash; none: the run's one measure
 * @throws InputError for a name that fits none, and for no name where there are several
 */
export function labelledMeasures(manifest: Manifest, names: readonly string[]): LabelledMeasure[] {
  const all = manifest.evals.flatMap((info) =>
    // Nobody is asked what code reads off the trial itself.
    info.measures.filter(({ without }) => without === undefined).map((measure) => ({ info, measure })),
  );
  const ids = [
    ...new Set(all.filter(({ measure }) => measure.control !== true).map(({ measure }) => measure.id)),
  ];
  const rated = ids.filter(
    (id) => all.find(({ measure }) => measure.id === id)!.measure.derived === undefined,
  );
  if (names.length === 0 && rated.length !== 1) {
    throw new InputError(
      `the run has ${rated.length} measures that can be labelled; name the one to begin with`,
      {
        remedy: `--measure ${rated.join(', --measure ')}.`,
      },
    );
  }
  const measureIds = all.map(({ measure }) => measure.id);
  const wanted = names.length === 0 ? rated : names.map((name) => measureIdOf(name, measureIds));
  const found = [...new Set(wanted)].flatMap((id) =>
    all.filter(({ measure }) => measure.id === id).map(({ info, measure }) => resolve(info, measure)),
  );
  return found.filter(
    (one, i) => found.findIndex((other) => other.info === one.info && other.measure === one.measure) === i,
  );
}

function resolve(info: EvalInfo, named: Measure): LabelledMeasure {
  if (named.derived !== undefined) {
    const { from, atLeast } = named.derived;
    return { info, measure: info.measures.find(({ id }) => id === from)!, threshold: atLeast };
  }
  const thresholds = info.measures.flatMap(({ derived }) =>
    derived?.from === named.id ? [derived.atLeast] : [],
  );
  const [bottom, top] = named.range;
  return {
    info,
    measure: named,
    threshold: thresholds.length > 0 ? Math.min(...thresholds) : (bottom + top) / 2,
  };
}

/**
 * The questions that a measure is an answer to: those of the eval, or those that were chosen for it after an import.
 *
 * @param evals that are not among stemma's own
 */
export function setAsking(
  info: EvalInfo,
  measure: Measure,
  evals: Readonly<Record<string, Eval>> = {},
): Eval | undefined {
  return questionSets(info, evals).find(({ measures }) => measures.some(({ id }) => id === measure.id));
}
