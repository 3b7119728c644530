import type { Ask, Eval, Judgement, Question, Rater, Rating, Transcript } from '../core/index.ts';
import { callsFor, judgementsOf, type RaterCall } from './calls.ts';
import type { SharedRatings } from './shared-ratings.ts';

interface RateTranscriptOptions {
  readonly signal: AbortSignal;
  /** Ids of the questions that are asked. Default: all that the rater can answer. */
  readonly questions?: readonly string[];
  /** Finds what the rater said before about the same prompt. Default: every prompt is asked anew. */
  readonly shared?: SharedRatings;
}

/**
 * Has one rater rate one transcript: asks all that the eval asks of this transcript and that the rater can answer.
 *
 * @returns one rating for each ask that the rater can answer, in the order of the eval's asks
 * @throws TypeError when a rater gives a label that the question does not have; what the rater throws (an abort, or a
 *   fatal ModelError)
 * @example
 * const ratings = await rateTranscript(refusals, transcript, judge, { signal });
 * ratings[0]; // { measure: 'refusals/over-refusal', value: 1, label: 'full_refusal', … }
 */
export async function rateTranscript(
  evaluation: Pick<Eval, 'asks'>,
  transcript: Transcript,
  rater: Rater,
  { signal, questions, shared }: RateTranscriptOptions,
): Promise<readonly Rating[]> {
  const asks = evaluation.asks(transcript);
  const wanted =
    questions === undefined ? asks : asks.filter(({ question }) => questions.includes(question.id));
  const calls = callsFor(rater, wanted);
  const ratings = new Map<Ask, Rating>();
  for (const call of calls) {
    const make = () => rateCall(rater, call, transcript, signal);
    const made = await (shared === undefined || !call.oncePerSample
      ? make()
      : shared.rate(rater, call, transcript, make));
    if (calls.length === 1) return made;
    call.asks.forEach((ask, index) => {
      ratings.set(ask, made[index]!);
    });
  }
  return wanted.flatMap((ask) => ratings.get(ask) ?? []);
}

/** One rating for each ask of the call, in its order. Tokens and raw reply stand with the first rating of a judgement. */
async function rateCall(
  rater: Rater,
  call: RaterCall,
  transcript: Transcript,
  signal: AbortSignal,
): Promise<readonly Rating[]> {
  const judgements = await judgementsOf(rater, call, transcript, signal);
  const told = new Set<string>();
  return call.asks.map((ask) => {
    const { question } = ask;
    const judgement = judgements.get(question.id)!;
    const said = told.has(question.id) ? withoutCost(judgement) : judgement;
    told.add(question.id);
    return ratingOf(ask, said, { transcript, rater: rater.id, raterDigest: rater.digest(question) });
  });
}

function withoutCost(judgement: Judgement): Judgement {
  const { usage, raw, ...said } = judgement;
  return usage === undefined && raw === undefined ? judgement : said;
}

/**
 * The rating that a judgement gives one ask. A judgement that has no value for the measure is `unparsed`; its label stays.
 *
 * @throws TypeError when the label is not one of the question's
 */
export function ratingOf(
  ask: Ask,
  judgement: Judgement,
  {
    transcript,
    rater,
    raterDigest,
  }: { readonly transcript: Transcript } & Pick<Rating, 'rater' | 'raterDigest'>,
): Rating {
  const { question, measure } = ask;
  refuseUnknownLabel(question, judgement);
  const { status, label: _, score, ...said } = judgement;
  const value = status === 'rated' ? ask.value(judgement) : null;
  const label = judgement.label ?? (score === null ? undefined : question.scoreNames?.[score]);
  return {
    key: transcript.key,
    measure: measure.id,
    rater,
    raterDigest,
    attempt: transcript.attempt,
    status: status === 'rated' && value === null ? 'unparsed' : status,
    value,
    ...(label === undefined ? {} : { label }),
    ...said,
  };
}

function refuseUnknownLabel({ id, rubric: { answer } }: Question, { status, label }: Judgement): void {
  if (status !== 'rated' || answer.kind !== 'label' || answer.labels.includes(label ?? '')) return;
  throw new TypeError(`a rater gave the label "${label}", which the question "${id}" does not have`);
}
