import {
  addUsage,
  digestOf,
  type Generation,
  type Judgement,
  type Model,
  ModelError,
  noUsage,
  type Question,
  type Rater,
  type Rubric,
  type Sampling,
  type Transcript,
  type Usage,
} from '../core/index.ts';
import { type Answer, parseAnswer } from './answer.ts';
import { ask, type Judge, joined } from './ask.ts';
import { CONTEXT_RECKONING, type JudgeContext } from './context.ts';
import { isJudgeRefusal } from './judge-refusal.ts';
import { CRITERIA_LAYOUT, correctedPrompt, type JudgePrompt, judgePrompt, promptDigest } from './prompt.ts';
import { judgeTogether, togetherDigest } from './together.ts';
import { ratedText, viewOf } from './view.ts';

/**
 * How judges are sampled unless the study says otherwise: as deterministically as a provider allows. `maxTokens` leaves
 * room for a judge that thinks first. A judge that takes no temperature needs `temperature: null`.
 */
export const judgeSampling: Sampling = { temperature: 0, topP: null, maxTokens: 4096, seed: 1 };

export interface AutoraterOptions {
  readonly id: string;
  readonly model: Model;
  /** Where it differs from `judgeSampling`. */
  readonly sampling?: Partial<Sampling>;
  /** How the questions of a battery are put to it. Default: one by one. */
  readonly judging?: Judging;
  /**
   * Tokens that its model's context holds: prompt and answer must fit into it, and a transcript is shortened to that. Default:
   * not known; a transcript is shortened to 400,000 characters.
   */
  readonly contextTokens?: number;
}

/** `one-by-one`: a call a question. `together`: a call a battery. */
export type Judging = 'one-by-one' | 'together';

/**
 * A language model that rates transcripts by an eval's rubric.
 *
 * It sees the rubric, the sample's criteria where the question has them, and as much of the transcript as the question
 * shows, fenced; and nothing else. An answer that can't be read is asked for once more,
 * saying what was wrong; then it is `unparsed`, with all texts kept in `raw`. A judge that declines (by the provider's
 * word, by a refusal instead of an answer, or by the answer that the schema offers for it) is `refused`. An endpoint that
 * fails is `error`. None of these ever becomes a value.
 */
export function autorater(options: AutoraterOptions): Rater {
  const { id, model, judging = 'one-by-one' } = options;
  const asked: Judge = {
    model,
    sampling: { ...judgeSampling, ...options.sampling },
    context: contextOf(options),
  };
  const together = judging === 'together';
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
        context: asked.context && { tokens: asked.context.tokens, reckoning: CONTEXT_RECKONING },
        shows,
        // Which criteria they are is the sample's matter, and in its digest.
        criteria: criteria === undefined ? undefined : CRITERIA_LAYOUT,
        // Whoever is asked all at once has read all of it.
        battery: together && battery !== undefined ? togetherDigest(battery) : undefined,
      }),
    judge: (question, transcript, signal) => judge(question, transcript, asked, signal),
    ...(together
      ? {
          judgeTogether: (battery, transcript, signal) => judgeTogether(battery, transcript, asked, signal),
        }
      : {}),
  };
}

/** What a judge's prompt and answer must fit into; `undefined` where that is not known. */
export function contextOf({
  contextTokens,
  sampling,
}: Pick<AutoraterOptions, 'contextTokens' | 'sampling'>): JudgeContext | undefined {
  if (contextTokens === undefined) return undefined;
  return { tokens: contextTokens, answer: sampling?.maxTokens ?? judgeSampling.maxTokens };
}

/** Said once; what the retry adds is added to it. */
interface Exchange {
  readonly usage: Usage;
  readonly texts: readonly string[];
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
  let prompt: JudgePrompt = judgePrompt(rubric, shown, {
    criteria: question.criteria?.(transcript),
    context: asked.context,
  });
  let exchange: Exchange = { usage: noUsage, texts: [] };
  for (let tries = 1; ; tries += 1) {
    const generation = await ask(asked, prompt, signal);
    if (generation instanceof ModelError) return unreachable(generation, exchange);
    exchange = {
      usage: addUsage(exchange.usage, generation.usage),
      texts: [...exchange.texts, generation.response],
    };
    const reading = read(generation, rubric, rated);
    if (reading.kind !== 'unparsed' || tries === 2) return conclude(reading, exchange);
    prompt = correctedPrompt(prompt, rubric, generation.response, reading.why);
  }
}

type Reading = Answer | { readonly kind: 'refused' };

function read({ response, stop }: Generation, { answer: scale }: Rubric, rated: string): Reading {
  if (stop === 'refusal') return { kind: 'refused' };
  const answer = parseAnswer(response, scale, rated);
  if (answer.kind !== 'unparsed') return answer;
  if (isJudgeRefusal(response)) return { kind: 'refused' };
  return stop === 'length'
    ? { ...answer, why: `${answer.why} (it was cut off by the limit of length)` }
    : answer;
}

function conclude(reading: Reading, { usage, texts }: Exchange): Judgement {
  const raw = joined(texts);
  switch (reading.kind) {
    case 'rated': {
      const { label, score, explanation, quote } = reading;
      return {
        status: 'rated',
        label,
        score,
        ...(explanation === undefined ? {} : { explanation }),
        ...(quote === undefined ? {} : { quote }),
        ...(texts.length === 1 ? {} : { raw }),
        usage,
      };
    }
    case 'declined': {
      const { explanation } = reading;
      return { ...none('refused', raw, usage), ...(explanation === undefined ? {} : { explanation }) };
    }
    case 'refused':
      return none('refused', raw, usage);
    case 'unparsed':
      return {
        ...none('unparsed', raw, usage),
        explanation: `The answer could not be read: ${reading.why}.`,
      };
  }
}

function unreachable(error: ModelError, { usage, texts }: Exchange): Judgement {
  const raw = joined([...texts, error.raw ?? '']);
  return { ...none('error', raw, usage), explanation: `${error.kind}: ${error.message}` };
}

function none(status: 'refused' | 'unparsed' | 'error', raw: string, usage: Usage): Judgement {
  return { status, label: null, score: null, raw, usage };
}
