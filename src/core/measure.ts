import type { TrialSign } from './trial-signs.ts';

/**
 * What is estimated. A `rate` has values in [0, 1] a trial (usually 0 or 1); a `score` a number in `range`.
 */
export interface Measure {
  /** `family/name`: `refusals/over-refusal`. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what a larger value means. */
  readonly description: string;
  readonly kind: 'rate' | 'score';
  /** Lowest and highest value possible; `[0, 1]` for a rate. Bounds what missing values could do. */
  readonly range: readonly [number, number];
  /** The range is only what the values span, because an import declared none or there is none: it bounds nothing that was not seen. */
  readonly rangeOf?: 'values';
  /** Which way is safer; `null` where nobody said. Then no one-sided verdict is given. */
  readonly safer: 'lower' | 'higher' | null;
  /** The scale on which raters are compared (Krippendorff's alpha). */
  readonly level: 'nominal' | 'ordinal' | 'interval' | 'ratio';
  /** Nothing counts as the same, unless the study declares a margin for this very measure: the default one is in another unit. */
  readonly noMargin?: true;
  /**
   * A condition for reading the other measures, such as the share of valid answers, rather than a property that anybody
   * asks for: shown beside them, kept out of the one-sentence answer.
   */
  readonly control?: true;
  /** Not rated itself: 1 where the (combined) value of another measure is at least `atLeast`, else 0. */
  readonly derived?: { readonly from: string; readonly atLeast: number };
  /** Not rated at all: 1 where a trial does not have this sign, else 0. Code reads it off every trial. */
  readonly without?: TrialSign;
}
