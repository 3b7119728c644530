import { parsedJson } from '../../core/parsed-json.ts';
import { nameOf } from '../protocols/served.ts';
import { optionalMembers } from '../protocols/shape.ts';

/** The server software that stemma knows by its own word. */
export type ServerSoftware = 'llama.cpp' | 'vllm' | 'sglang';

/** What a server says of itself, beside its answers. Most servers say little of it. */
export interface ServerFacts {
  /** `null` where it does not say which software it is. */
  readonly software: ServerSoftware | null;
  /** By served name: the path or repository that was loaded (`root`), where it says more than the name. */
  readonly roots: ReadonlyMap<string, string>;
  /** By served name: the tokens that a context holds, prompt and answer together. The name `''` stands for all names. */
  readonly contextTokens: ReadonlyMap<string, number>;
  /** The sampling settings that it takes where a request does not say; `null` where it does not say. */
  readonly defaults: Readonly<Record<string, number>> | null;
  /** Whether the model's chat template can show tools; `null` where it does not say. */
  readonly takesTools: boolean | null;
}

/** What is known of the server behind a model, and of the sampling settings that it adds by itself. */
export interface ServerDescription {
  /** `null` where the server does not say. */
  readonly software: ServerSoftware | null;
  /** Tokens that one context holds, prompt and answer together; `null` where the server does not say. */
  readonly contextTokens: number | null;
  /** Whether the model's chat template can show tools; `null` where the server does not say. */
  readonly takesTools: boolean | null;
  /** Neutral values that every request carries, so that the server adds nothing. */
  readonly neutral: Readonly<Record<string, number>>;
  /** What it adds to a request in spite of that; `null` where it does not say what it takes by default. */
  readonly adds: Readonly<Record<string, number>> | null;
}

export const NO_FACTS: ServerFacts = {
  software: null,
  roots: new Map(),
  contextTokens: new Map(),
  defaults: null,
  takesTools: null,
};

const OWNERS: Readonly<Record<string, ServerSoftware>> = {
  llamacpp: 'llama.cpp',
  vllm: 'vllm',
  sglang: 'sglang',
};

/**
 * What a list of models (`/v1/models`) says: vLLM, SGLang and llama.cpp name themselves as the owner. vLLM and SGLang also give
 * the loaded path (`root`) and the context (`max_model_len`).
 *
 * @param text the body; one that is not such a list says nothing
 * @see https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 * @example readModelList('{"data":[{"id":"m","root":"/weights/a","owned_by":"vllm"}]}').roots.get('m') // => '/weights/a'
 */
export function readModelList(text: string): ServerFacts {
  const { data } = optionalMembers(parsedJson(text));
  const models = Array.isArray(data) ? data.map(optionalMembers) : [];
  const roots = new Map<string, string>();
  const contextTokens = new Map<string, number>();
  let software: ServerSoftware | null = null;
  for (const { id, root, owned_by: owner, max_model_len: length } of models) {
    const [name, path] = [nameOf(id), nameOf(root)];
    if (name === '') continue;
    if (path !== '' && path !== name) roots.set(name, path);
    if (isCount(length)) contextTokens.set(name, length);
    if (typeof owner === 'string' && Object.hasOwn(OWNERS, owner)) software = OWNERS[owner]!;
  }
  return { ...NO_FACTS, software, roots, contextTokens };
}

/**
 * Adds what llama.cpp says in `/props`: the settings of its sampler, the context of one slot, and what the chat template knows.
 * Older versions have the settings one level higher.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 */
export function withProps(facts: ServerFacts, text: string): ServerFacts {
  const props = optionalMembers(parsedJson(text));
  const settings = optionalMembers(props.default_generation_settings);
  const sampler = settings.params === undefined ? settings : optionalMembers(settings.params);
  const defaults = Object.fromEntries(
    Object.entries(sampler).flatMap(([name, value]) =>
      // Single-precision numbers: 0.05 is written as 0.05000000074505806.
      typeof value === 'number' ? [[name, Number(value.toPrecision(6))] as const] : [],
    ),
  );
  const { supports_tools: tools } = optionalMembers(props.chat_template_caps);
  return {
    ...facts,
    contextTokens: isCount(settings.n_ctx) ? new Map([['', settings.n_ctx]]) : facts.contextTokens,
    defaults: Object.keys(defaults).length === 0 ? null : defaults,
    takesTools: typeof tools === 'boolean' ? tools : null,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
