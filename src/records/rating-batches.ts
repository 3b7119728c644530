import type { RatingHead } from './line.ts';

/** A rating line of a segment. */
export interface RatingAt {
  readonly head: RatingHead;
  readonly offset: number;
  readonly length: number;
}

/** A trial and a rater some of whose ratings were lost. */
export interface Loss {
  readonly key: string;
  readonly rater: string;
}

/**
 * Puts the rating lines of one segment together into batches, in the order of the file.
 *
 * A batch counts when as many lines have come as its first one announced; a damaged line is one of them. A batch that the
 * segment ends within does not count yet. Where a damaged line belonged to a batch, the batch's trial and rater are a loss.
 */
export class RatingBatches {
  readonly #take: (batch: readonly RatingAt[], losses: readonly Loss[]) => void;
  #batch: RatingAt[] = [];
  #losses: Loss[] = [];
  /** Lines of the open batch that are still to come. */
  #left = 0;
  /** What can be read of a damaged line that is before the next line and outside of a batch. */
  #before: { readonly head: RatingHead | null } | null = null;

  /** @param take gets each batch that is complete, and what damaged lines took from it or beside it */
  constructor(take: (batch: readonly RatingAt[], losses: readonly Loss[]) => void) {
    this.#take = take;
  }

  line(at: RatingAt): void {
    const { head } = at;
    if (this.#left > 0 && head.more !== this.#left - 1) this.#flush();
    if (this.#before !== null) {
      if (mayBelongTo(this.#before.head, head)) this.#losses.push(head);
      this.#before = null;
    }
    this.#batch.push(at);
    this.#left = head.more;
    if (this.#left === 0) this.#flush();
  }

  /** @param head as much as can be read of the damaged line, any part of which may be wrong */
  damaged(head: RatingHead | null): void {
    const last = this.#batch.at(-1);
    if (last === undefined) {
      if (head !== null) this.#take([], [head]);
      this.#before = { head };
      return;
    }
    this.#losses.push(last.head);
    if (--this.#left === 0) this.#flush();
  }

  /** The lines of a batch that the segment ends within. */
  get open(): readonly RatingAt[] {
    return this.#batch;
  }

  #flush(): void {
    this.#take(this.#batch, this.#losses);
    this.#batch = [];
    this.#losses = [];
    this.#left = 0;
  }
}

/** Whether a damaged line before the first line of a batch may have been a line of that batch. */
function mayBelongTo(damaged: RatingHead | null, next: RatingHead): boolean {
  if (damaged === null) return true;
  if (damaged.key === next.key && damaged.rater === next.rater) return true;
  return damaged.more > 0 && damaged.more === next.more + 1;
}
