import { InputError } from '../../core/index.ts';
import { PROVIDERS } from '../ref.ts';
import type { EndpointSettings } from './settings.ts';

/** What an endpoint's requests carry that comes from the environment. */
interface EndpointKeys {
  /** The environment variable that holds the key. */
  readonly keyName?: string;
  readonly key?: string;
  readonly headers: Record<string, string>;
  /** Every value that must not be shown. */
  readonly secrets: readonly string[];
}

/** Headers that carry secrets, and so must not be in a study file as they are. */
const SECRET_HEADER = /authorization|api-?key|token|cookie|secret|password/i;

/** What a header is called, by HTTP. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a header may say: no line break, and nothing beyond ASCII, which clients write in different ways. */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
/** Headers by which client and server agree on the connection and the body. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Why a header cannot be sent with requests; `null` where it can.
 *
 * @example headerFault('x y', 'a'); // => 'the header "x y" has a name that HTTP does not allow'
 */
export function headerFault(name: string, value: string): string | null {
  if (!HEADER_NAME.test(name)) return `the header "${name}" has a name that HTTP does not allow`;
  if (OF_THE_CONNECTION.has(name.toLowerCase()))
    return `the header "${name}" is about the connection, and stemma writes it itself`;
  if (!HEADER_VALUE.test(value))
    return `the header "${name}" holds characters that can't be in a header, such as a line break`;
  return null;
}

/** `${NAME}` in the value of a header. */
const VARIABLE = /\$\{(\w+)\}/g;

/**
 * A provider's key comes from its own variable; a server by URL gets a key only where `apiKeyEnv` names one, so that no
 * key goes where it was not meant to.
 *
 * @throws InputError when a variable is not set or can't be in a header, or a secret is in the settings
 */
export function endpointKeys(
  baseUrl: string,
  settings: EndpointSettings,
  env: Readonly<NodeJS.ProcessEnv>,
): EndpointKeys {
  const secrets: string[] = [];
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings.headers ?? {})) {
    headers[name.toLowerCase()] = expand(name, value, env, secrets, baseUrl);
  }
  const keyName = keyVariable(baseUrl, settings, env);
  if (keyName === undefined) return { headers, secrets };
  const key = headerValue(keyName, env[keyName], baseUrl);
  return { keyName, key, headers, secrets: [...secrets, key] };
}

function keyVariable(
  baseUrl: string,
  settings: EndpointSettings,
  env: Readonly<NodeJS.ProcessEnv>,
): string | undefined {
  const provider = Object.values(PROVIDERS).find((candidate) => candidate.baseUrl === baseUrl);
  const names = settings.apiKeyEnv === undefined ? (provider?.keys ?? []) : [settings.apiKeyEnv];
  return names.find((name) => env[name]?.trim()) ?? names[0];
}

/**
 * The environment variables whose values requests to an endpoint carry: its key, and those that its headers name.
 *
 * @example secretNames('https://api.openai.com/v1', {}, {}); // => ['OPENAI_API_KEY']
 */
export function secretNames(
  baseUrl: string,
  settings: EndpointSettings,
  env: Readonly<NodeJS.ProcessEnv>,
): string[] {
  const key = keyVariable(baseUrl, settings, env);
  const inHeaders = Object.values(settings.headers ?? {}).flatMap((value) =>
    [...value.matchAll(VARIABLE)].map(([, name]) => name!),
  );
  return [...new Set([...(key === undefined ? [] : [key]), ...inHeaders])];
}

function expand(
  name: string,
  value: string,
  env: Readonly<NodeJS.ProcessEnv>,
  secrets: string[],
  baseUrl: string,
): string {
  const fault = headerFault(name, value);
  if (fault !== null) throw new InputError(fault, { place: { key: `endpoints.${baseUrl}.headers.${name}` } });
  if (SECRET_HEADER.test(name) && !value.includes('${')) {
    throw new InputError(`the header "${name}" of ${baseUrl} holds a secret`, {
      place: { key: `endpoints.${baseUrl}.headers.${name}` },
      remedy: `Put it in an environment variable and write ${name}: \${NAME_OF_IT}.`,
    });
  }
  return value.replace(VARIABLE, (_, variable: string) => {
    const secret = headerValue(variable, env[variable], baseUrl);
    secrets.push(secret);
    return secret;
  });
}

function headerValue(variable: string, value: string | undefined, baseUrl: string): string {
  const trimmed = value?.trim();
  if (!trimmed) {
    throw new InputError(`the environment variable ${variable}, the key for ${baseUrl}, is not set`, {
      remedy: `export ${variable}=…`,
    });
  }
  if (!/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(trimmed)) {
    throw new InputError(`${variable} holds characters that can't be in a header, such as a line break`);
  }
  return trimmed;
}
