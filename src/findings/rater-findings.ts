import type { Interval } from '../stats/index.ts';
import type { Verdict } from './contrast-findings.ts';

/* How far raters agree, and what other judges would say. */

export interface AgreementFindings {
  readonly raters: readonly string[];
  readonly units: number;
  readonly alpha: number | null;
  readonly level: string;
  readonly ac1: number | null;
  /** Alpha on each scale that the values can be read on: `nominal`, `ordinal`, `interval`. */
  readonly alphaByLevel?: Readonly<Record<string, number | null>>;
  /** For panels that a member's own family was rated by. */
  readonly selfExclusion?: SelfExclusionFindings;
  /**
   * Each other rater against this one, by the pairs of stages compared: how much more this one's value rises than the other's,
   * on trials that both rated. `pHolm` counts all of them. Absent where there are too few clusters.
   */
  readonly interactions?: readonly {
    readonly rater: string;
    readonly from: string;
    readonly to: string;
    readonly n: number;
    readonly difference: number;
    readonly interval: Interval;
    readonly p: number;
    readonly pHolm: number;
  }[];
  /** Each other rater against this one, by stage. */
  readonly pairs: readonly {
    readonly rater: string;
    readonly stage: string;
    readonly n: number;
    readonly agreement: number | null;
    readonly kappa: number | null;
  }[];
}

/** What it does to a panel that no member counts for a stage of its own family. */
export interface SelfExclusionFindings {
  /** Whether this panel leaves such ratings out. */
  readonly applied: boolean;
  /** Trials that a member of the same family rated, and those among them whose panel value depends on leaving that out. */
  readonly trials: number;
  readonly changed: number;
  /** The members' ratings: all, and without those of their own family; and how they agree. */
  readonly ratings: number;
  readonly ratingsWithout: number;
  readonly alphaByLevel: Readonly<Record<string, number | null>>;
  readonly alphaByLevelWithout: Readonly<Record<string, number | null>>;
}

/** A panel's findings as they would be with other judges. */
export interface SensitivityFindings {
  readonly judges: readonly string[];
  readonly stages: readonly {
    readonly id: string;
    /** The estimate of the panel without each judge. */
    readonly without: readonly { readonly judge: string; readonly estimate: number | null }[];
    /** The lowest and the highest of these: the leave-one-judge-out range. */
    readonly range: Interval | null;
  }[];
  /** In the order of the measure's contrasts. */
  readonly contrasts: readonly {
    readonly from: string;
    readonly to: string;
    readonly verdict: Verdict;
    /** By the panel without each judge; here and below each comparison by itself, without the family counted. */
    readonly without: readonly JudgedVerdict[];
    /** By each judge alone, its own family included. */
    readonly alone: readonly JudgedVerdict[];
    /** Whether all of them give the panel's verdict. */
    readonly standsWithout: boolean;
    readonly standsAlone: boolean;
  }[];
}

export interface JudgedVerdict {
  readonly judge: string;
  readonly difference: number | null;
  readonly verdict: Verdict;
}
