import { InputError, type Manifest, type TranscriptStatus } from '../../core/index.ts';
import { didYouMean } from '../../files/index.ts';

/** Which samples to show. What is absent lets everything pass. Values of one list are alternatives; lists add up. */
export interface TrialFilter {
  readonly evals?: readonly string[];
  readonly stages?: readonly string[];
  readonly measures?: readonly string[];
  readonly raters?: readonly string[];
  /** A label that some rater gave; where a rater gives numbers, its value as text. */
  readonly labels?: readonly string[];
  readonly statuses?: readonly TranscriptStatus[];
  readonly clusters?: readonly string[];
  readonly samples?: readonly string[];
  /** Words that are in the prompt, the thoughts or the response, in any case. */
  readonly text?: string;
  /** The two stages whose means are compared for `stagesDiffer` and for the size of a change; absent: all. */
  readonly between?: readonly [string, string];
  /** Only samples on which two stages have another mean of some measure, by one rater. */
  readonly stagesDiffer?: boolean;
  /** Only samples with a trial that two raters gave another value. */
  readonly ratersDiffer?: boolean;
}

/**
 * The filter with full names: a measure may be given without its eval (`unsafe-response`).
 *
 * @throws InputError for a stage, eval, measure or rater that the run does not have, with the nearest that it has
 */
export function checkedFilter(filter: TrialFilter, manifest: Manifest): TrialFilter {
  const measures = manifest.evals.flatMap((entry) => entry.measures.map(({ id }) => id));
  const known = {
    stages: manifest.stages.map(({ id }) => id),
    evals: manifest.evals.map(({ id }) => id),
    raters: manifest.raters.map(({ id }) => id),
  };
  for (const stage of filter.between ?? []) requireKnown(stage, known.stages, 'stage');
  for (const kind of ['stages', 'evals', 'raters'] as const) {
    for (const name of filter[kind] ?? []) requireKnown(name, known[kind], kind.slice(0, -1));
  }
  if (filter.measures === undefined) return filter;
  return { ...filter, measures: filter.measures.map((name) => measureNamed(name, measures)) };
}

/** @throws InputError for an epoch that no eval of the run has */
export function requireEpoch(epoch: number, { evals }: Manifest): void {
  const most = Math.max(1, ...evals.map(({ epochs }) => epochs));
  if (epoch >= 1 && epoch <= most) return;
  throw new InputError(`the run has no epoch ${epoch}`, {
    remedy: most === 1 ? 'Each sample was asked once: leave --epoch out.' : `Its epochs are 1 to ${most}.`,
  });
}

function measureNamed(name: string, measures: readonly string[]): string {
  const found = measures.find((id) => id === name) ?? measures.find((id) => id.split('/').at(-1) === name);
  if (found === undefined)
    requireKnown(name, [...measures, ...measures.map((id) => id.split('/').at(-1)!)], 'measure');
  return found ?? name;
}

function requireKnown(name: string, known: readonly string[], what: string): void {
  if (known.includes(name)) return;
  throw new InputError(`the run has no ${what} "${name}"`, {
    remedy: didYouMean(name, known, (names) => `It has: ${names.join(', ') || 'none'}.`),
  });
}
