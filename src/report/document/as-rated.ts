import type { Contrast, StageEstimate } from '../../findings/contrast-findings.ts';
import type { MeasureFindings } from '../../findings/findings.ts';
import type { Notation } from '../../format/index.ts';

/*
 * Where labels correct what a rater says, the corrected values lead; its own stand beside them, in these words.
 */

/** Whether anything of a measure is corrected. */
export function isLed({ stages, contrasts }: MeasureFindings): boolean {
  return [...stages, ...contrasts].some(({ raw }) => raw !== undefined);
}

/** `as rated 63.0%`; nothing where the estimate is not corrected. */
export function levelAsRated({ raw }: StageEstimate, notation: Notation): string | null {
  return raw === undefined ? null : `as rated ${notation.value(raw.estimate)}`;
}

/** `as rated +8.2 points: different`; nothing where the contrast is not corrected. */
export function verdictAsRated({ raw }: Contrast, notation: Notation): string | null {
  if (raw === undefined) return null;
  const amount = raw.difference === null ? '' : ` ${notation.changeInWords(raw.difference)}`;
  return `as rated${amount}: ${raw.verdict}`;
}
