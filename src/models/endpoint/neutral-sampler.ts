import type { HttpProtocol } from '../protocols/protocol.ts';
import type { ServerFacts, ServerSoftware } from './server-facts.ts';

type Settings = Readonly<Record<string, number>>;

/**
 * The values at which the settings of llama.cpp's sampler change nothing. `temperature` and `top_p` stand here too: they are
 * the study's own, and what the server takes matters where the study leaves them out.
 */
const LLAMA_CPP: Settings = {
  temperature: 1,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  typical_p: 1,
  top_n_sigma: -1,
  xtc_probability: 0,
  repeat_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  dry_multiplier: 0,
  dynatemp_range: 0,
  mirostat: 0,
};

/** These are always sent; of llama.cpp's other settings, those whose default is not neutral. */
const ALWAYS: Readonly<Record<ServerSoftware, Settings>> = {
  'llama.cpp': { top_k: 0, min_p: 0 },
  // Both take their defaults from the checkpoint's generation_config.json, which they do not show.
  vllm: { top_k: -1, min_p: 0, repetition_penalty: 1 },
  sglang: { top_k: -1, min_p: 0, repetition_penalty: 1 },
};

/** The only ones that change which token is the likeliest: the others do nothing at temperature 0. */
const PENALTIES: ReadonlySet<string> = new Set([
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
  'dry_multiplier',
  'mirostat',
]);

const OWN: ReadonlySet<string> = new Set(['temperature', 'top_p']);

/**
 * Members of a request that keep a server from adding sampling settings of its own: llama.cpp cuts the tail of the distribution
 * (`top_k` 40, `min_p` 0.05) whatever temperature says, and vLLM does what the checkpoint's `generation_config.json` says.
 *
 * @returns nothing for servers that are not known to take them: others may refuse a request with members that they do not know
 * @example neutralSampler({ ...NO_FACTS, software: 'llama.cpp' }, 'openai-chat') // => { top_k: 0, min_p: 0 }
 */
export function neutralSampler({ software, defaults }: ServerFacts, protocol: HttpProtocol): Settings {
  if (software === null || (protocol !== 'openai-chat' && protocol !== 'openai-completions')) return {};
  if (software !== 'llama.cpp') return ALWAYS[software];
  const others = Object.entries(LLAMA_CPP).filter(
    ([name, neutral]) => !OWN.has(name) && defaults?.[name] !== undefined && defaults[name] !== neutral,
  );
  return { ...ALWAYS[software], ...Object.fromEntries(others) };
}

/**
 * What a server adds to a request by itself: settings that are not neutral and that the request does not name.
 *
 * @param sent members of the request's body
 * @returns `null` where the server does not say what it takes by default
 * @example addedSettings(facts, { temperature: 1, top_p: 1 }) // => { top_k: 40, min_p: 0.05 }
 */
export function addedSettings(
  { defaults }: ServerFacts,
  sent: Readonly<Record<string, unknown>>,
): Settings | null {
  if (defaults === null) return null;
  const greedy = sent.temperature === 0;
  return Object.fromEntries(
    Object.entries(LLAMA_CPP).flatMap(([name, neutral]) => {
      const value = defaults[name];
      const noMatter = Object.hasOwn(sent, name) || (greedy && !PENALTIES.has(name));
      return value === undefined || value === neutral || noMatter ? [] : [[name, value] as const];
    }),
  );
}

/** @example settingsText({ top_k: 40, min_p: 0.05 }) // => 'top_k 40, min_p 0.05' */
export function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
