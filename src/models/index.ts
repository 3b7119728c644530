export { costOf, type Price, priceOf } from './endpoint/price.ts';
export { type EndpointSettings, settingsByBaseUrl } from './endpoint/settings.ts';
export { BoundedServer, isOwnHost, RequestRefusal, requestPath, type ServerLimits } from './http-server.ts';
export {
  addProtocol,
  type ModelOpener,
  type ModelSpec,
  type Models,
  type ModelsOptions,
  openModels,
} from './open.ts';
export { type OpenAiServer, type Served, serveOpenAi } from './openai-server.ts';
export type { EndpointStats, ModelEvent, ModelEvents } from './protocols/events.ts';
export type { Protocol, Reading, Target } from './protocols/protocol.ts';
export { stepSeed } from './protocols/step-seed.ts';
export { loadTemplate, plainTemplate, renderPrompt, type Template } from './protocols/template.ts';
export { type ModelRef, parseModelRef } from './ref.ts';
export { type Respond, type ScriptedAnswer, scriptedModel } from './scripted/scripted.ts';
export {
  type ScriptedPlan,
  type ScriptedTask,
  type ScriptedTurn,
  scriptedAgent,
} from './scripted/scripted-agent.ts';
