import { type Generation, type Model, ModelError, type Sampling } from '../../core/index.ts';
import { saidIn } from './heard-model.ts';

/** What came of asking one prompt again and again. */
export interface SamplingProbe {
  /** Answers that came, from as many seeds, and how many of them are different. */
  readonly answers: number;
  readonly different: number;
  /** Whether one seed, asked twice with nothing else under way, gave one answer twice; `null` where that is not known. */
  readonly repeatable: boolean | null;
  /** Output tokens a second while all seeds were asked at once; `null` where the server does not count. */
  readonly tokensPerSecond: number | null;
  /** What kept the first missing answer away. */
  readonly error?: string;
}

const SEEDS = [101, 102, 103, 104, 105, 106, 107, 108];

/** It has so many likely answers that eight equal ones do not come by chance. */
const PROMPT = 'Write the first sentence of a story. Choose any subject that you like.';

const MOST_TOKENS = 32;

/**
 * Whether a model samples at all, and whether a seed repeats an answer: one prompt from eight seeds at temperature 1, all at once,
 * and then one seed twice. Some servers ignore the temperature, and others have no seeds.
 *
 * @param topP the study's own
 * @throws only when the signal aborts
 */
export async function probeSampling(
  model: Model,
  topP: Sampling['topP'],
  signal: AbortSignal,
): Promise<SamplingProbe> {
  const ask = async (seed: number) => {
    try {
      return await model.generate(
        {
          messages: [{ role: 'user', content: PROMPT }],
          sampling: { temperature: 1, topP, maxTokens: MOST_TOKENS, seed },
        },
        signal,
      );
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      return error;
    }
  };
  const begun = performance.now();
  const outcomes = await Promise.all(SEEDS.map(ask));
  const seconds = (performance.now() - begun) / 1_000;
  const again = [await ask(SEEDS[0]!), await ask(SEEDS[0]!)];
  const texts = outcomes.flatMap(textOf);
  const [first, second] = again.flatMap(textOf);
  const error = outcomes.find((outcome) => outcome instanceof ModelError);
  return {
    answers: texts.length,
    different: new Set(texts).size,
    repeatable: first === undefined || second === undefined ? null : first === second,
    tokensPerSecond: speedOf(outcomes, seconds),
    ...(error === undefined ? {} : { error: error.message }),
  };
}

/** Whether all answers were one: the server does not sample, whatever temperature says. */
export function doesNotSample({ answers, different }: SamplingProbe): boolean {
  return answers === SEEDS.length && different === 1;
}

/** An answer that came without text says nothing of sampling. */
function textOf(outcome: Generation | ModelError): string[] {
  const text = outcome instanceof ModelError ? '' : saidIn(outcome);
  return text === '' ? [] : [text];
}

function speedOf(outcomes: readonly (Generation | ModelError)[], seconds: number): number | null {
  const counts = outcomes.flatMap((outcome) =>
    outcome instanceof ModelError ? [] : (outcome.usage.outputTokens ?? []),
  );
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  return tokens === 0 || seconds === 0 ? null : tokens / seconds;
}
