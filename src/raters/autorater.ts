import {
  digestOf,
  type Generation,
  type Judgement,
  type Model,
  ModelError,
  type Question,
  type Rater,
  type Rubric,
  type Sampling,
  type Transcript,
} from '../core/index.ts';
import { type Answer, parseAnswer } from './answer.ts';
import { Exchange, type Judge } from './ask-judge.ts';
import { batteryDigest, judgeBattery } from './battery.ts';
import { CONTEXT_ESTIMATE_VERSION, type JudgeContext } from './context.ts';
import { isJudgeRefusal } from './judge-refusal.ts';
import { judgementFrom, unreachable } from './judgement.ts';
import { CRITERIA_LAYOUT, correctedPrompt, judgePrompt, promptDigest } from './prompt.ts';
import { ratedText, viewOf } from './view.ts';

/**
 * How judges are sampled unless the study says otherwise: as deterministically as a provider allows. `maxTokens` leaves
 * room for a judge that thinks first. A judge that accepts no temperature needs `temperature: null`.
 */
export const judgeSampling: Sampling = { temperature: 0, topP: null, maxTokens: 4096, seed: 1 };

export interface AutoraterOptions {
  readonly id: string;
  readonly model: Model;
  /** Where it differs from `judgeSampling`. */
  readonly sampling?: Partial<Sampling>;
  /** How the questions of a battery are asked. Default: one by one. */
  readonly judging?: Judging;
  /**
   * The size of its model's context in tokens. Prompt and answer must fit, so longer transcripts are shortened. Default: not
   * known; a transcript is shortened to 400,000 characters.
   */
  readonly contextTokens?: number;
}

/** `one-by-one`: one call for each question. `together`: one call for each battery. */
export type Judging = 'one-by-one' | 'together';

/**
 * A language model that rates transcripts by an eval's rubric.
 *
 * It sees the rubric, the sample's criteria if the question has them, and the part of the transcript that the question
 * shows, inside fences. It sees nothing else. An answer that cannot be read is asked for once more, with the reason;
 * then it is `unparsed`. A judge that declines is `refused`: by the provider's word, by a refusal in place of an answer,
 * or by the answer that the schema offers for it. An endpoint that fails is `error`. None of these becomes a value.
 * `raw` always holds the judge's replies.
 */
export function autorater(options: AutoraterOptions): Rater {
  const { id, model, judging = 'one-by-one' } = options;
  const asked: Judge = {
    model,
    sampling: { ...judgeSampling, ...options.sampling },
    context: contextOf(options),
  };
  const atOnce = judging === 'together';
  return {
    id,
    kind: 'autorater',
    digest: ({ rubric, shows, criteria, battery }: Question) =>
      digestOf({
        kind: 'autorater',
        model: model.ref,
        rubric: rubric.digest,
        prompt: promptDigest,
        sampling: asked.sampling,
        context: asked.context && { tokens: asked.context.tokens, reckoning: CONTEXT_ESTIMATE_VERSION },
        shows,
        // The criteria themselves are covered by the sample's digest.
        criteria: criteria === undefined ? undefined : CRITERIA_LAYOUT,
        // A judge that is asked all questions at once reads all of their rubrics.
        battery: atOnce && battery !== undefined ? batteryDigest(battery) : undefined,
      }),
    judge: (question, transcript, signal) => judge(question, transcript, asked, signal),
    ...(atOnce
      ? {
          judgeBattery: (battery, transcript, signal) => judgeBattery(battery, transcript, asked, signal),
        }
      : {}),
  };
}

/** The context that a judge's prompt and answer must fit into; `undefined` where it is not known. */
export function contextOf({
  contextTokens,
  sampling,
}: Pick<AutoraterOptions, 'contextTokens' | 'sampling'>): JudgeContext | undefined {
  if (contextTokens === undefined) return undefined;
  return { tokens: contextTokens, answer: sampling?.maxTokens ?? judgeSampling.maxTokens };
}

async function judge(
  question: Question,
  transcript: Transcript,
  asked: Judge,
  signal: AbortSignal,
): Promise<Judgement> {
  const { rubric } = question;
  const shown = viewOf(question, transcript);
  const rated = ratedText(question, shown);
  const exchange = new Exchange(asked, signal);
  let prompt = judgePrompt(rubric, shown, {
    criteria: question.criteria?.(transcript),
    context: asked.context,
  });
  for (let tries = 1; ; tries += 1) {
    const generation = await exchange.ask(prompt);
    if (generation instanceof ModelError) return { ...unreachable(generation), ...exchange.record };
    const answer = read(generation, rubric, rated);
    if (answer.kind !== 'unparsed' || tries === 2) return { ...judgementFrom(answer), ...exchange.record };
    prompt = correctedPrompt(prompt, rubric, generation, answer.why);
  }
}

function read({ response, stop }: Generation, { answer: scale }: Rubric, rated: string): Answer {
  if (stop === 'refusal') return { kind: 'declined' };
  const answer = parseAnswer(response, scale, rated);
  if (answer.kind !== 'unparsed') return answer;
  if (isJudgeRefusal(response)) return { kind: 'declined' };
  return stop === 'length'
    ? { ...answer, why: `${answer.why} (it was cut off by the limit of length)` }
    : answer;
}
