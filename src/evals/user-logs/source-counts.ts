import type { SourceReport } from '../../core/index.ts';
import { KINDS } from './scrub/detector.ts';
import type { ScrubCounts } from './scrub/scrub.ts';

/** What may become of a row of a log that is not put, in the order in which it is found out. */
const LEFT_OUT = [
  'filtered out',
  'too few user turns',
  'turns of tools',
  'too short or too long',
  'duplicates',
  'not drawn',
] as const;

/** Counts what became of a log's rows, and what was taken out of those that are put. */
export class SourceCounts {
  readonly #counts = new Map<string, number>();
  readonly #scrubbed = new Map<string, number>();
  #scrubbedSamples = 0;

  count(what: string, more = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + more);
  }

  /** A sample that is put, and what was taken out of it. */
  put(scrubbed: ScrubCounts): void {
    this.count('samples');
    if (Object.keys(scrubbed).length > 0) this.#scrubbedSamples++;
    for (const [kind, count] of Object.entries(scrubbed)) {
      this.#scrubbed.set(kind, (this.#scrubbed.get(kind) ?? 0) + count);
    }
  }

  copy(): SourceCounts {
    const copy = new SourceCounts();
    for (const [what, count] of this.#counts) copy.count(what, count);
    return copy;
  }

  report(): SourceReport {
    const of = (what: string) => this.#counts.get(what) ?? 0;
    const leftOut = LEFT_OUT.filter((what) => of(what) > 0);
    const kinds = KINDS.filter((kind) => this.#scrubbed.has(kind));
    return {
      rows: {
        read: of('rows'),
        ...Object.fromEntries(leftOut.map((what) => [what, of(what)])),
        put: of('samples'),
      },
      'personal data taken out': {
        samples: this.#scrubbedSamples,
        ...Object.fromEntries(kinds.map((kind) => [kind, this.#scrubbed.get(kind)!])),
      },
    };
  }
}
