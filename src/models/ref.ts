import { InputError } from '../core/index.ts';
import { withoutUrlSecrets } from '../core/url-secrets.ts';
import { nearest } from '../files/index.ts';
import type { HttpProtocol } from './protocols/protocol.ts';

/** A model ref taken apart. */
export interface ModelRef {
  readonly protocol: HttpProtocol | 'scripted' | 'replay' | 'organism' | 'served';
  /** Key of the endpoint's settings: a provider's name or a base URL; for `scripted:` the file, for `replay:` the run. */
  readonly endpoint: string;
  /** Where requests go; absent for `scripted:`, `replay:`, `organism:` and `served:`. */
  readonly baseUrl?: string;
  /** The model's name there; for `scripted:` the export or table (may be empty), for `replay:` the stage, for `organism:` the checkpoint, for `served:` the stage. */
  readonly model: string;
}

interface Provider {
  readonly protocol: HttpProtocol;
  readonly endpoint: string;
  readonly baseUrl: string;
  /** Environment variables that may hold the key, the first one set wins. */
  readonly keys: readonly string[];
}

const openai = { endpoint: 'openai', baseUrl: 'https://api.openai.com/v1', keys: ['OPENAI_API_KEY'] };

/** The services that go by name. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: { ...openai, protocol: 'openai-chat' },
  'openai-responses': { ...openai, protocol: 'openai-responses' },
  'openai-completions': { ...openai, protocol: 'openai-completions' },
  anthropic: {
    protocol: 'anthropic-messages',
    endpoint: 'anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    keys: ['ANTHROPIC_API_KEY'],
  },
  gemini: {
    protocol: 'gemini',
    endpoint: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  },
};

/** What is before `+http://…`; nothing means chat completions. */
export const PREFIXES: Record<string, HttpProtocol> = {
  completions: 'openai-completions',
  responses: 'openai-responses',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
};

/** Paths that people copy from an API's documentation, though the client adds them itself. */
const ADDED_BY_US = /\/(chat\/completions|completions|responses|messages|models\/[^/]+:generateContent)$/;

const FORMS =
  'A model is named as openai:NAME, openai-responses:NAME, openai-completions:NAME, anthropic:NAME, gemini:NAME, ' +
  'http://host/v1#NAME, completions+http://host/v1#NAME (also responses+, anthropic+, gemini+), scripted:FILE#NAME, ' +
  'replay:RUN#STAGE or organism:CHECKPOINT.';

/**
 * Takes a model ref apart.
 * @throws InputError saying what is wrong and naming the nearest right form
 */
export function parseModelRef(ref: string): ModelRef {
  if (ref.trim() !== ref || ref === '') throw wrong(ref, 'is empty or has white space around it', FORMS);
  const url = /^(?:([^:/]*)\+)?(https?:\/\/.*)$/.exec(ref);
  if (url !== null) return parseUrlRef(ref, url[1], url[2]!);
  const colon = ref.indexOf(':');
  const scheme = colon < 0 ? '' : ref.slice(0, colon);
  const rest = ref.slice(colon + 1);
  if (scheme === 'scripted' || scheme === 'replay') return parseFileRef(ref, scheme, rest);
  if (scheme === 'organism') {
    if (rest === '')
      throw wrong(ref, 'names no checkpoint', 'Write organism:base, or organism:FILE.safetensors.');
    return { protocol: scheme, endpoint: scheme, model: rest };
  }
  // stemma's own word for a stage whose weights it serves itself; no study has to write it.
  if (scheme === 'served' && rest !== '') return { protocol: scheme, endpoint: scheme, model: rest };
  const provider = Object.hasOwn(PROVIDERS, scheme) ? PROVIDERS[scheme] : undefined;
  if (provider === undefined) throw unknownScheme(ref, scheme, rest);
  if (rest === '') throw wrong(ref, 'names no model', `Write ${scheme}:NAME.`);
  return { protocol: provider.protocol, endpoint: provider.endpoint, baseUrl: provider.baseUrl, model: rest };
}

function ownPrefix(prefix: string): HttpProtocol | undefined {
  return Object.hasOwn(PREFIXES, prefix) ? PREFIXES[prefix] : undefined;
}

function parseUrlRef(ref: string, prefix: string | undefined, address: string): ModelRef {
  const [location = '', ...rest] = address.split('#');
  const baseUrl = normalBaseUrl(location, ref);
  const model = rest.join('#');
  const protocol = prefix === undefined ? 'openai-chat' : ownPrefix(prefix);
  if (protocol === undefined) {
    const right = nearest(prefix!, Object.keys(PREFIXES));
    throw wrong(
      ref,
      `has the unknown protocol "${prefix}+"`,
      right === undefined ? FORMS : `Did you mean ${right}+${address}?`,
    );
  }
  if (model === '') throw wrong(ref, 'names no model', `Add its name: ${ref.replace(/#$/, '')}#NAME`);
  return { protocol, endpoint: baseUrl, baseUrl, model };
}

/**
 * A base URL in its one form: no slash at the end, host in lower case, default port left out.
 * @throws InputError when it is not a URL, holds a key, or ends with what the client adds itself
 */
export function normalBaseUrl(text: string, ref = text): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new InputError('a model ref or endpoint has no proper URL in it', { remedy: FORMS });
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    const remedy =
      'Keys come from the environment: set api_key_env, or headers, for this endpoint in the study file.';
    throw new InputError(`the URL of ${url.host} holds a user, a password or a query`, { remedy });
  }
  const path = url.pathname.replace(/(?<!\/)\/+$/, '');
  const added = ADDED_BY_US.exec(path);
  if (added !== null) {
    throw wrong(
      ref,
      `ends its URL with ${added[0]}`,
      `Leave it out, it is added: ${url.origin}${path.slice(0, added.index)}`,
    );
  }
  return url.origin + path;
}

function parseFileRef(ref: string, scheme: 'scripted' | 'replay', rest: string): ModelRef {
  const hash = rest.lastIndexOf('#');
  const file = hash < 0 ? rest : rest.slice(0, hash);
  const name = hash < 0 ? '' : rest.slice(hash + 1);
  if (file === '') {
    const form = scheme === 'scripted' ? 'scripted:FILE#NAME' : 'replay:RUN#STAGE';
    throw wrong(ref, `names no ${scheme === 'scripted' ? 'file' : 'run'}`, `Write ${form}.`);
  }
  if (scheme === 'replay' && name === '') {
    throw wrong(ref, 'names no stage', `Say whose answers: ${scheme}:${file}#STAGE`);
  }
  return { protocol: scheme, endpoint: file, model: name };
}

function unknownScheme(ref: string, scheme: string, rest: string): InputError {
  const schemes = [...Object.keys(PROVIDERS), 'scripted', 'replay', 'organism'];
  if (/^[\w.-]+(:\d+)?\/.*#/.test(ref)) return wrong(ref, 'has no protocol', `Did you mean http://${ref}?`);
  const guess = /^claude/i.test(ref)
    ? 'anthropic'
    : /^gemini-/i.test(ref)
      ? 'gemini'
      : /^(gpt|o\d|chatgpt)/i.test(ref)
        ? 'openai'
        : undefined;
  if (guess !== undefined) return wrong(ref, 'names no provider', `Did you mean ${guess}:${ref}?`);
  if (scheme === '') return wrong(ref, 'names no provider', FORMS);
  const right = nearest(scheme, schemes);
  return wrong(
    ref,
    `has the unknown provider "${scheme}"`,
    right === undefined ? FORMS : `Did you mean ${right}:${rest}? ${FORMS}`,
  );
}

function wrong(ref: string, what: string, remedy: string): InputError {
  return new InputError(withoutUrlSecrets(`the model ref "${ref}" ${what}`), {
    remedy: withoutUrlSecrets(remedy),
  });
}
