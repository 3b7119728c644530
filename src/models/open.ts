import { resolve } from 'node:path';
import type { Dispatcher } from 'undici';
import {
  type GenerateRequest,
  InputError,
  type JsonObject,
  type Model,
  type Transcript,
} from '../core/index.ts';
import type { ConnectionLimits } from './endpoint/connections.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { endpointKeys } from './endpoint/endpoint-keys.ts';
import { HttpModel } from './endpoint/http-model.ts';
import { proxyFor } from './endpoint/proxy.ts';
import type { ServerDescription } from './endpoint/server-facts.ts';
import { type EndpointSettings, resolveSettings, settingsByBaseUrl } from './endpoint/settings.ts';
import { LeastBusyModel } from './least-busy.ts';
import { anthropicMessages } from './protocols/anthropic-messages.ts';
import type { EndpointStats, ModelEvents } from './protocols/events.ts';
import { gemini } from './protocols/gemini.ts';
import { openaiChat } from './protocols/openai-chat.ts';
import { openaiCompletions } from './protocols/openai-completions.ts';
import { openaiResponses } from './protocols/openai-responses.ts';
import type { HttpProtocol, Protocol } from './protocols/protocol.ts';
import { WrongShape } from './protocols/shape.ts';
import { loadTemplate, plainTemplate } from './protocols/template.ts';
import { type ModelRef, PREFIXES, PROVIDERS, parseModelRef } from './ref.ts';
import { openReplay } from './replay.ts';
import { openScripted } from './scripted/scripted-file.ts';

/** A model as a study file describes it. */
export interface ModelSpec {
  readonly ref: string;
  /** More servers of the same checkpoint, as refs: each request goes to the least busy one. */
  readonly also?: readonly string[];
  /** Text completions only: a template file for the prompt. */
  readonly template?: string;
  /** Stop sequences beside the request's own. */
  readonly stop?: readonly string[];
  /** Members that are merged into every request's body; `null` takes one out. */
  readonly body?: JsonObject;
  /** Where the content is empty, the reasoning field is the response: for servers that leave the whole answer there. */
  readonly responseFrom?: 'reasoning';
  /** The chat template writes the opening tag of the thoughts, so the first closing tag ends them wherever it is. */
  readonly opensThoughts?: boolean;
  /** `merge`: system messages are folded into the first user message. */
  readonly systemRole?: 'merge';
}

export interface ModelsOptions {
  /** Where relative file names in refs and templates start. */
  readonly folder: string;
  /** By base URL or provider name. */
  readonly endpoints?: Readonly<Record<string, EndpointSettings>>;
  /** Where keys come from; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The records of a run, for `replay:`. */
  readonly transcripts?: (runFolder: string) => AsyncIterable<Transcript>;
  readonly onEvent?: ModelEvents;
  /** Opens what other folders know how to open, by the ref's scheme: `organism`. */
  readonly openers?: Readonly<Record<string, ModelOpener>>;
  /** Where a stage is served that the study gives no address for: `served:STAGE`. @throws InputError where it is not */
  readonly servedAt?: (stage: string) => Promise<ServedAt>;
}

/** The address of a server that stemma started. */
interface ServedAt {
  readonly baseUrl: string;
  /** The model's name there. */
  readonly name: string;
  readonly protocol: 'openai-chat' | 'openai-completions';
  readonly settings: EndpointSettings;
}

/** @param name what follows the scheme; @param folder where relative file names start */
export type ModelOpener = (name: string, folder: string) => Promise<Model>;

/** Opens models, and holds what they share: one queue, one set of limits and one pool of connections an endpoint. */
export interface Models extends AsyncDisposable {
  /** @throws InputError when the ref, a file it names, or the key it needs is wrong or missing */
  open(spec: ModelSpec): Promise<Model>;
  /**
   * Has the servers of all models opened so far say what they are, once each: their software, which weights are behind a name,
   * the context, the settings of their sampler. From then on requests carry the neutral values that such a server takes, and
   * what is generated says what is behind its name. Providers' own services are not asked. A server that does not say
   * does not matter.
   */
  learnServers(signal: AbortSignal): Promise<void>;
  /** What is known of the server behind a model, for requests like this one; `null` for models that are not behind a server. */
  describe(model: Model, request: GenerateRequest): ServerDescription | null;
  /** Of every HTTP endpoint opened so far. */
  stats(): EndpointStats[];
}

const PROTOCOLS: Record<string, Protocol> = {
  'openai-chat': openaiChat,
  'openai-completions': openaiCompletions,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
};

/**
 * Makes a protocol of a plugin known to this process: its models are named as `NAME+http://host/v1#MODEL`. Whatever its
 * `read` throws means that the body is not an answer.
 *
 * @throws InputError when another protocol has its name
 */
export function addProtocol(protocol: Protocol): void {
  const { name } = protocol;
  const taken = added.get(name);
  if (taken === protocol) return;
  if (taken !== undefined || Object.hasOwn(PREFIXES, name) || Object.hasOwn(PROTOCOLS, name))
    throw new InputError(`there is a protocol "${name}" already`, { remedy: 'Give it another name.' });
  added.set(name, protocol);
  PREFIXES[name] = name;
  PROTOCOLS[name] = {
    name,
    path: (target) => protocol.path(target),
    headers: (key) => protocol.headers(key),
    body: (request, target) => protocol.body(request, target),
    read: (body, request) => {
      try {
        return protocol.read(body, request);
      } catch (error) {
        throw new WrongShape(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
  };
}

/** Of plugins. */
const added = new Map<string, Protocol>();

/** @throws InputError for a key of `endpoints` that is neither a base URL nor a provider, or numbers out of range */
export function openModels(options: ModelsOptions): Models {
  const { folder, env = process.env, transcripts, onEvent, openers = {}, servedAt } = options;
  const settings = new Map(settingsByBaseUrl(options.endpoints ?? {}));
  const opened: HttpModel[] = [];
  const endpoints = new Map<string, { endpoint: Endpoint; key?: string; headers: Record<string, string> }>();

  async function endpointAt(baseUrl: string) {
    // The HTTP client is large, and a plan asks nobody. Nothing is awaited between looking for an endpoint and keeping it.
    const { Endpoint } = await import('./endpoint/endpoint.ts');
    const connect = await connector(new URL(baseUrl), env);
    const known = endpoints.get(baseUrl);
    if (known !== undefined) return known;
    const given = settings.get(baseUrl) ?? {};
    const { keyName, secrets, ...keys } = endpointKeys(baseUrl, given, env);
    const resolved = resolveSettings({ ...given, ...(keyName === undefined ? {} : { apiKeyEnv: keyName }) });
    const opened = {
      endpoint: new Endpoint(baseUrl, resolved, secrets, connect(resolved), onEvent),
      ...keys,
    };
    endpoints.set(baseUrl, opened);
    return opened;
  }

  async function openHttp(spec: ModelSpec, ref: ModelRef & { protocol: HttpProtocol }): Promise<Model> {
    if (spec.template !== undefined && ref.protocol !== 'openai-completions') {
      throw new InputError(
        `${spec.ref}: only text completions take a template; chat servers have their own`,
        {
          remedy: `Name the checkpoint as completions+${ref.baseUrl}#${ref.model}, or leave the template out.`,
        },
      );
    }
    if (spec.body?.stream === true) {
      throw new InputError(`${spec.ref}: "stream: true" in body; answers are read whole`);
    }
    const custom = spec.template === undefined ? plainTemplate : loadTemplate(resolve(folder, spec.template));
    const stop = [...(ref.protocol === 'openai-completions' ? custom.stop : []), ...(spec.stop ?? [])];
    const baseUrl = ref.baseUrl!;
    const { endpoint, ...keys } = await endpointAt(baseUrl);
    const official = Object.values(PROVIDERS).some((provider) => provider.baseUrl === baseUrl);
    const target = { model: ref.model, official, stop, template: custom };
    const model = new HttpModel(spec.ref, PROTOCOLS[ref.protocol]!, endpoint, target, {
      ...keys,
      extra: spec.body ?? {},
      responseFrom: spec.responseFrom ?? null,
      opensThoughts: spec.opensThoughts ?? false,
      mergesSystem: spec.systemRole === 'merge',
    });
    opened.push(model);
    return model;
  }

  async function open(spec: ModelSpec): Promise<Model> {
    const { also = [], ...first } = spec;
    if (also.length === 0) return openOne(first);
    const others = await Promise.all(also.map((ref) => openOne({ ...first, ref })));
    return new LeastBusyModel([await openOne(first), ...others]);
  }

  async function openOne(spec: ModelSpec): Promise<Model> {
    const ref = parseModelRef(spec.ref);
    if (ref.protocol === 'scripted') return openScripted(spec.ref, resolve(folder, ref.endpoint), ref.model);
    if (ref.protocol === 'served') {
      if (servedAt === undefined) throw new InputError(`${spec.ref} cannot be opened here`);
      const { baseUrl, name, protocol, settings: own } = await servedAt(ref.model);
      if (!settings.has(baseUrl)) settings.set(baseUrl, own);
      return openHttp(spec, { protocol, endpoint: baseUrl, baseUrl, model: name });
    }
    if (ref.protocol === 'organism') {
      const open = openers.organism;
      if (open === undefined) throw new InputError(`${spec.ref} cannot be opened here`);
      return open(ref.model, folder);
    }
    if (ref.protocol !== 'replay') return openHttp(spec, { ...ref, protocol: ref.protocol });
    if (transcripts === undefined) throw new InputError(`${spec.ref}: no records can be read here`);
    return openReplay(spec.ref, ref.model, transcripts(resolve(folder, ref.endpoint)));
  }

  return {
    open,
    async learnServers(signal) {
      const own = opened.filter(({ official }) => !official);
      await Promise.all(own.map((model) => model.learnFacts(signal)));
    },
    describe(model, request) {
      const asked = model instanceof LeastBusyModel ? model.first : model;
      return asked instanceof HttpModel ? asked.describe(request) : null;
    },
    stats: () => [...endpoints.values()].map(({ endpoint }) => endpoint.stats()),
    async [Symbol.asyncDispose]() {
      await Promise.all([...endpoints.values()].map(({ endpoint }) => endpoint.close()));
    },
  };
}

/** How connections to an endpoint are opened: through the proxy that the environment names for it, or directly. */
async function connector(
  origin: URL,
  env: Readonly<Record<string, string | undefined>>,
): Promise<(limits: ConnectionLimits) => Dispatcher> {
  const proxy = proxyFor(origin, env);
  if (proxy === undefined) {
    const { openConnections } = await import('./endpoint/connections.ts');
    return (limits) => openConnections(origin, limits);
  }
  const { openProxiedConnections } = await import('./endpoint/proxied-connections.ts');
  return (limits) => openProxiedConnections(proxy, limits);
}
