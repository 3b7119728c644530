import type { Json } from '../../core/index.ts';

/** An input and its right answer. */
export interface Case {
  readonly case: Json;
  readonly answer: Json;
  readonly size: number;
}

/** The inputs of a task's variant, and how long the program that is given out takes on the visible ones. */
export interface Prepared {
  readonly visible: readonly Case[];
  /** First those of the visible sizes, as many as there are visible ones. */
  readonly heldOut: readonly Case[];
  /** CPU seconds. */
  readonly baselineSeconds: number;
}
