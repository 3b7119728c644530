export { headerFault, secretNames } from './endpoint/endpoint-keys.ts';
export { settingsText } from './endpoint/neutral-sampler.ts';
export { costOf, type Price, priceOf } from './endpoint/price.ts';
export { proxyFor } from './endpoint/proxy.ts';
export type { ServerDescription } from './endpoint/server-facts.ts';
export { type EndpointSettings, settingsByBaseUrl } from './endpoint/settings.ts';
export { BoundedServer, isOwnHost, RequestRefusal, requestPath, sendJson } from './http-server.ts';
export {
  addProtocol,
  type ModelOpener,
  type ModelSpec,
  type Models,
  type ModelsOptions,
  openModels,
} from './open.ts';
export { type ModelToServe, serveOpenAi } from './openai-server.ts';
export type { ModelEvent } from './protocols/events.ts';
export type { Protocol } from './protocols/protocol.ts';
export { stepSeed } from './protocols/step-seed.ts';

export { type ModelRef, parseModelRef } from './ref.ts';
export { priceOfRef } from './ref-price.ts';
export { type Respond, type ScriptedAnswer, scriptedModel } from './scripted/scripted.ts';
export { scriptedAgent } from './scripted/scripted-agent.ts';
