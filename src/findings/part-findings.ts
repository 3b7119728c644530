import type { Interval } from '../stats/index.ts';
import type { Contrast, ShareFindings, StageEstimate } from './contrast-findings.ts';
import type { FlippedSample } from './flipped.ts';

/* Findings within a measure: of samples, checkpoints of one training, factors, and parts of the trials. */

/** The samples whose rated value differs between the stages of a contrast. */
export interface FlippedFindings {
  readonly from: string;
  readonly to: string;
  /** How many rose, and fell. */
  readonly up: number;
  readonly down: number;
  /** The worst first; not all where they are many, unless they are asked for. */
  readonly samples: readonly FlippedSample[];
}

/** Checkpoints of one kind of training, in the order of their steps. */
export interface StepFindings {
  readonly kind: string;
  readonly points: readonly {
    readonly id: string;
    readonly step: number;
    readonly estimate: number | null;
    /** Holds at all points at once, 95 %. */
    readonly band: Interval | null;
  }[];
  /** The change from the first step to the last on a straight line through all, and the test that it is 0. */
  readonly trend?: {
    readonly n: number;
    readonly clusters: number;
    readonly change: number;
    readonly interval: Interval | null;
    readonly p: number | null;
  };
  /** How the change from the first to the last divides among the stretches between them. */
  readonly shares?: ShareFindings;
}

/** What factors do that stages are made from. */
export interface FactorialFindings {
  /** Those that vary; the first level is what the others are compared with. */
  readonly factors: readonly { readonly name: string; readonly levels: readonly string[] }[];
  /** Samples with a value in every stage that has factors. */
  readonly n: number;
  readonly clusters: number;
  readonly effects: readonly FactorialEffect[];
  readonly interactions: readonly FactorialInteraction[];
  /** Where every factor has two levels: how the change from all first levels to all second ones divides among the factors. */
  readonly shapley?: {
    readonly total: number;
    readonly totalInterval: Interval | null;
    readonly identified: boolean;
    readonly why?: string;
    readonly parts: readonly {
      readonly factor: string;
      readonly change: number;
      readonly changeInterval: Interval | null;
      /** `null` unless identified. */
      readonly share: number | null;
      readonly interval: Interval | null;
    }[];
  };
  /** Why there are no effects. */
  readonly why?: string;
}

/** A main effect: a level in place of the first one, averaged over all settings of the other factors. */
export interface FactorialEffect
  extends Pick<Contrast, 'difference' | 'interval' | 'interval90' | 'verdict' | 'reason' | 'why' | 'words'> {
  readonly factor: string;
  readonly from: string;
  readonly to: string;
  readonly p: number | null;
}

/** How much more the first factor's level does where the second factor has its level. */
export interface FactorialInteraction {
  readonly factors: readonly [string, string];
  readonly levels: readonly [string, string];
  readonly estimate: number;
  readonly interval: Interval | null;
  readonly p: number | null;
}

/** A measure over the trials on which another one has a value (`holds`), and over the others (`not`). */
export interface ConditionalFindings {
  readonly measure: string;
  readonly given: string;
  /** The condition holds from this value of `given` on. */
  readonly atLeast: number;
  readonly title: string;
  readonly givenTitle: string;
  readonly kind: 'rate' | 'score';
  readonly rater: string;
  readonly givenRater: string;
  readonly stages: readonly {
    readonly id: string;
    /** The share of the trials on which the condition holds. */
    readonly share: number | null;
    readonly holds: ConditionalPart;
    readonly not: ConditionalPart;
    /** `holds` minus `not`. */
    readonly difference: number | null;
    readonly interval: Interval | null;
  }[];
}

export type ConditionalPart = Pick<StageEstimate, 'n' | 'clusters' | 'trials' | 'estimate' | 'interval'>;
