import {
  type Digest,
  digestOf,
  type Generation,
  type JsonObject,
  type Model,
  ModelError,
} from '../../core/index.ts';
import type { ServedName } from './same-served.ts';
import { eachOnce } from './served-by-stage.ts';

/** What a stage answered to the fixed prompts; a line of `probes.jsonl`. */
export interface Probe {
  /** ISO 8601. */
  readonly at: string;
  readonly stage: string;
  readonly ref: string;
  readonly served: readonly ServedName[];
  /** `null` where the server takes no temperature: such answers differ by chance, and are not compared. */
  readonly temperature: 0 | null;
  /** By prompt, thoughts included; `null` where none came. */
  readonly answers: readonly (string | null)[];
  /** Of the answers; `null` where not all came. */
  readonly digest: Digest | null;
  /** What kept the first missing answer away. */
  readonly error?: string;
  /** What the server says of itself, and which sampling settings it adds; absent where it says nothing. */
  readonly server?: JsonObject;
}

/**
 * The fixed prompts. Each has many likely answers, so that other weights hardly give the same ones. They must not change:
 * probes of other days are compared with them.
 */
const PROBE_PROMPTS: readonly string[] = [
  'Write one sentence about the sea.',
  'Name five animals.',
  'Continue this story: Once upon a time, in a village by the river,',
];

const MOST_TOKENS = 32;

/** A server that has not answered by then is not waited for: the run has its own patience. */
const PATIENCE_MS = 60_000;

/**
 * Asks a model the fixed prompts at temperature 0; where it takes no temperature, without one. Fails never: a server that
 * does not answer, or refuses a prompt, leaves an answer out.
 *
 * @example (await askProbe('sft', model, signal)).answers // => ['The sea is…', 'Dog, cat…', 'there lived…']
 */
export async function askProbe(stage: string, model: Model, signal: AbortSignal): Promise<Probe> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const at = new Date().toISOString();
  const strict = await askAll(model, 0, patience);
  const rejected = strict.every((answer) => answer instanceof ModelError && answer.kind === 'rejected');
  const temperature = rejected ? null : 0;
  const outcomes = rejected ? await askAll(model, null, patience) : strict;
  const generations = outcomes.filter((outcome): outcome is Generation => !(outcome instanceof ModelError));
  const answers = outcomes.map((outcome) => (outcome instanceof ModelError ? null : textOf(outcome)));
  const error = outcomes.find((outcome) => outcome instanceof ModelError);
  return {
    at,
    stage,
    ref: model.ref,
    served: eachOnce(
      generations.flatMap(({ served }) => served ?? []).map(({ fingerprint: _, ...name }) => name),
    ),
    temperature,
    answers,
    digest: answers.includes(null) ? null : digestOf(answers),
    ...(error === undefined ? {} : { error: error.message }),
  };
}

/** How many of the fixed prompts two probes answered differently; `null` where they can't be compared. */
export function changedAnswers(
  before: Probe,
  now: Probe,
): { readonly changed: number; readonly of: number } | null {
  if (before.temperature !== 0 || now.temperature !== 0) return null;
  const both = now.answers.flatMap((answer, i) => {
    const earlier = before.answers[i] ?? null;
    return answer === null || earlier === null ? [] : [answer !== earlier];
  });
  return both.length === 0 ? null : { changed: both.filter((differs) => differs).length, of: both.length };
}

function askAll(
  model: Model,
  temperature: 0 | null,
  signal: AbortSignal,
): Promise<(Generation | ModelError)[]> {
  return Promise.all(
    PROBE_PROMPTS.map(async (content) => {
      try {
        return await model.generate(
          {
            messages: [{ role: 'user', content }],
            sampling: { temperature, topP: null, maxTokens: MOST_TOKENS, seed: null },
            retries: 1,
          },
          signal,
        );
      } catch (error) {
        if (error instanceof ModelError) return error;
        throw error;
      }
    }),
  );
}

function textOf({ thoughts = '', response }: Generation): string {
  return thoughts === '' ? response : `${thoughts}\n\n${response}`;
}
