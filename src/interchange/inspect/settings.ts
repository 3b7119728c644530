import { type Digest, digestOf, type Json, type JsonObject } from '../../core/index.ts';
import { asNumber, asObject, asObjects } from './json-access.ts';
import type { LogHeader } from './log.ts';

/** The settings of generation that change what is answered; times, retries and connections do not. */
const SAMPLING = [
  'best_of',
  'extra_body',
  'frequency_penalty',
  'logit_bias',
  'max_tokens',
  'num_choices',
  'presence_penalty',
  'reasoning_effort',
  'reasoning_tokens',
  'response_schema',
  'seed',
  'stop_seqs',
  'system_message',
  'temperature',
  'top_k',
  'top_p',
] as const;

const LIMITS = ['message_limit', 'token_limit', 'time_limit', 'working_limit', 'turn_limit'] as const;

/** The settings under which a log's answers came about. */
export function settingsOf({ spec, plan }: LogHeader): {
  readonly digest: Digest;
  readonly seed: number | null;
} {
  const generation = { ...asObject(spec.model_generate_config), ...asObject(plan.config) };
  const sampling = Object.fromEntries(SAMPLING.map((name) => [name, generation[name] ?? null]));
  const config = asObject(spec.config);
  const limits = Object.fromEntries(LIMITS.map((name) => [name, config[name] ?? null]));
  return {
    digest: digestOf({ sampling, limits, steps: withoutAddresses(plan.steps ?? null) }),
    seed: asNumber(generation.seed),
  };
}

/** What steers a scorer, as far as the log says; the version that its ratings were made with. */
export function scorerDigest({ spec }: LogHeader, scorer: string): Digest {
  const scorers = asObjects(spec.scorers);
  const found: JsonObject = scorers.find(({ name }) => name === scorer) ?? {};
  return digestOf({ scorer, options: withoutAddresses(found.options ?? null) });
}

/** Python prints where an object is in memory: `<function f at 0x7f…>`. */
function withoutAddresses(value: Json): Json {
  return JSON.parse(JSON.stringify(value).replaceAll(/ at 0x[0-9a-f]+/g, '')) as Json;
}
