import type { Model, ModelError } from '../core/index.ts';

/** Models whose endpoint has said that they have no tools: asked once, not once a trial. */
const withoutTools = new WeakMap<Model, string>();

/** Why a model is known to have no tool calls, before it is asked; `undefined` where it may have them. */
export function hasNoTools(subject: Model): string | undefined {
  return lacksTools(subject.ref) ?? withoutTools.get(subject);
}

/** Has a model's agents use the text protocol where `auto` leaves it open. @param why for the records */
export function haveTextProtocol(subject: Model, why: string): void {
  withoutTools.set(subject, why);
}

/** The same, as far as a model's ref alone tells. */
export function lacksTools(ref: string): string | undefined {
  if (/^(openai-completions:|completions\+)/.test(ref)) return 'a text completion model has no tool calls';
  if (ref.startsWith('organism:')) return 'the organism has no tool calls';
  return undefined;
}

/**
 * Whether an endpoint rejected a request because it offered tools, as a model without them does (Ollama: "does not support
 * tools"), a server that was started without a parser for them (vLLM: "requires --enable-auto-tool-choice"), and a router
 * that finds no provider with them (OpenRouter, as a 404). Remembered for the model's later trials.
 */
export function refusesTools(subject: Model, error: ModelError): boolean {
  const { kind, message, raw = '' } = error;
  if (kind !== 'rejected' && kind !== 'not-found') return false;
  if (!/\btools?\b|tool[-_ ]?(choice|call|use)|function[-_ ]?call/i.test(`${message}\n${raw}`)) return false;
  withoutTools.set(subject, message);
  return true;
}

/** Whether an endpoint rejected a request because the conversation has outgrown the model's context. */
export function isContextOverflow({ kind, message, raw = '' }: ModelError): boolean {
  return kind === 'rejected' && CONTEXT_WORDS.test(`${message}\n${raw}`);
}

/** In the words of OpenAI and vLLM, Anthropic, Gemini, llama.cpp, TGI, Mistral, Together. */
const CONTEXT_WORDS =
  /context[ _-]?(length|window|size)|maximum context|(prompt|input) is too (long|large)|input token count.*exceeds|exceeds the (available |maximum )?(context|number of tokens)|too many tokens|`?inputs`? tokens .*must be|too large for model with/i;
