import {
  InputError,
  type Judgement,
  type Measure,
  type Question,
  type Rater,
  type Rating,
  type Transcript,
} from '../core/index.ts';

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
  const { status, label, explanation, quote, raw, usage } = judgement;
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
    ...(quote === undefined ? {} : { quote }),
    ...(raw === undefined ? {} : { raw }),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** Whether a rater can answer a question: a rule rater only those that have its rule. */
export function canAnswer(rater: Rater, question: Question): boolean {
  try {
    rater.digest(question);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
