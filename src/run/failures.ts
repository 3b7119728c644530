import type { Rating, RatingStatus, Transcript } from '../core/index.ts';
import { count } from '../format/index.ts';

/** Who did something: the checkpoint of a stage, or a rater. */
type FailureSource = { readonly stage: string } | { readonly rater: string };

/** The id of the stage or rater. */
export function sourceName(source: FailureSource): string {
  return 'stage' in source ? source.stage : source.rater;
}

/** Trials or ratings that failed alike. */
export type Failure = FailureSource & {
  /** What kept a model from answering; of ratings also `unparsed` and `refused`. */
  readonly kind: NonNullable<Transcript['error']>['kind'] | Exclude<RatingStatus, 'rated'>;
  /** HTTP's, where there is one. */
  readonly status: number | null;
  readonly count: number;
  /** Of the first of them. */
  readonly message: string;
};

/** Counts failures by source, kind and HTTP status. */
export class FailureCounts {
  readonly #failures = new Map<string, Failure>();

  add(
    source: FailureSource,
    { kind, status = null, message }: { kind: Failure['kind']; status?: number | null; message: string },
  ): void {
    const name = `${Object.entries(source)} ${kind} ${status ?? ''}`;
    const known = this.#failures.get(name) ?? { ...source, kind, status, count: 0, message };
    this.#failures.set(name, { ...known, count: known.count + 1 });
  }

  /** The most frequent first, with the message of the first of each. */
  get all(): readonly Failure[] {
    return [...this.#failures.values()].sort((a, b) => b.count - a.count);
  }
}

/** Why a rating has no value. The explanation of an `error` begins with the kind of what failed. */
export function ratingFailure(
  { explanation = 'it gave no reason' }: Pick<Rating, 'explanation'>,
  status: Exclude<RatingStatus, 'rated'>,
): { kind: Failure['kind']; message: string } {
  const named = status === 'error' ? /^([a-z-]+): (.+)$/s.exec(explanation) : null;
  return named
    ? { kind: named[1] as Failure['kind'], message: named[2]! }
    : { kind: status, message: explanation };
}

/** How many kinds of failure are shown. */
export const FAILURES_SHOWN = 6;
const LONGEST_MESSAGE = 300;

/** `12 × sft: server (HTTP 500): the server failed (500)`, with a longer message shortened. */
export function failureLine({ kind, status, count: times, message, ...source }: Failure): string {
  const [first = ''] = message.split('\n');
  const said = first.length > LONGEST_MESSAGE ? `${first.slice(0, LONGEST_MESSAGE)}…` : first;
  return `  ${count(times)} × ${sourceName(source)}: ${kind}${status === null ? '' : ` (HTTP ${status})`}: ${said}`;
}
