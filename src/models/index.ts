export type { EndpointStats, ModelEvent, ModelEvents } from './events.ts';
export { type ModelSpec, type Models, type ModelsOptions, openModels } from './open.ts';
export { type ModelRef, parseModelRef } from './ref.ts';
export { type Respond, type ScriptedAnswer, scriptedModel } from './scripted.ts';
export { type EndpointSettings, settingsByBaseUrl } from './settings.ts';
export { loadTemplate, plainTemplate, renderPrompt, type Template } from './template.ts';
