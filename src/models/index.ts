export type { EndpointStats, ModelEvent, ModelEvents } from './events.ts';
export { type ModelOpener, type ModelSpec, type Models, type ModelsOptions, openModels } from './open.ts';
export { type OpenAiServer, type Served, serveOpenAi } from './openai-server.ts';
export { type ModelRef, parseModelRef } from './ref.ts';
export { type Respond, type ScriptedAnswer, scriptedModel } from './scripted.ts';
export { type ScriptedPlan, type ScriptedTask, type ScriptedTurn, scriptedAgent } from './scripted-agent.ts';
export { type EndpointSettings, settingsByBaseUrl } from './settings.ts';
export { stepSeed } from './step-seed.ts';
export { loadTemplate, plainTemplate, renderPrompt, type Template } from './template.ts';
