import type { Judgement, Measure, Question, Rater, Rating, Transcript } from '../core/index.ts';

/**
 * The rating of one measure that a rater's judgement amounts to; carries over all that the rater said.
 *
 * @param value what the judgement means for the measure; `null` when the rater gave none
 */
export function ratingOf(
  judgement: Judgement,
  value: number | null,
  {
    transcript,
    rater,
    question,
    measure,
  }: {
    readonly transcript: Transcript;
    readonly rater: Rater;
    readonly question: Question;
    readonly measure: Measure;
  },
): Rating {
  const { status, label, explanation, raw, usage } = judgement;
  return {
    key: transcript.key,
    measure: measure.id,
    rater: rater.id,
    raterDigest: rater.digest(question),
    attempt: transcript.attempt,
    status,
    value,
    ...(label === null ? {} : { label }),
    ...(explanation === undefined ? {} : { explanation }),
    ...(raw === undefined ? {} : { raw }),
    ...(usage === undefined ? {} : { usage }),
  };
}
