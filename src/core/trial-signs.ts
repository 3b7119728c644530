import { isObject, type Members } from './parsed-json.ts';

/**
 * What can be seen of a trial, by code alone, that makes its answer doubtful. A sign is counted by stage: where it is common
 * at one stage and rare at another, a difference between the two may come from it.
 *
 * - `empty`: there is no text and no tool call
 * - `cut`: the answer ran into the token limit
 * - `unfinished`: the server did not say that the answer had come to its end
 * - `no-tool`: an agent did not call any tool
 * - `template-tokens`: marks of a chat template are in the answer, such as `<|im_end|>`
 * - `retried`: a request had to be made more than once
 * - `filtered`: the provider said that the checkpoint declined, or that a filter stopped the prompt or the answer. It may be without
 *   text, and is not `empty` then
 *
 * The order is that of the bits in `signBits`.
 */
export const TRIAL_SIGNS = [
  'empty',
  'cut',
  'unfinished',
  'no-tool',
  'template-tokens',
  'retried',
  'filtered',
] as const;

export type TrialSign = (typeof TRIAL_SIGNS)[number];

/** What is said of an answer with the sign: "12 answers were cut at the token limit". */
export const SIGN_WORDS: Readonly<Record<TrialSign, string>> = {
  empty: 'empty',
  cut: 'cut at the token limit',
  unfinished: 'not said to be complete',
  'no-tool': 'without a tool call',
  'template-tokens': 'mixed with tokens of a chat template',
  retried: 'given only after a retry',
  filtered: 'declined or filtered by the provider',
};

/** The members of a transcript that signs are read from; any of them may be missing or of another form in a foreign record. */
export interface Signed {
  readonly status?: unknown;
  readonly output?: unknown;
  readonly response?: unknown;
  readonly stop?: unknown;
  readonly state?: unknown;
  readonly calls?: unknown;
  readonly requests?: unknown;
}

/** Marks by which templates part turns. The last is DeepSeek's, as text and as the bytes of its UTF-8. */
const TEMPLATE_TOKENS =
  /<\|(?:im_start|im_end|im_sep|eot_id|eom_id|end_of_text|begin_of_text|start_header_id|end_header_id|endoftext|end|user|assistant|system|channel|message|start|return|tool|observation)\|>|<(?:start|end)_of_turn>|<\|(?:turn|channel|tool_call)>|<(?:turn|channel|tool_call)\|>|<\|(?:system|user|assistant|developer)_(?:start|end)\|>|<\/?s>|<(?:eos|bos|pad|unk)>|\[\/?INST\]|<<\/?SYS>>|<(?:｜|\u00ef\u00bd\u009c)(?:end|begin|User|Assistant)/;

/**
 * The signs of a trial. A trial that failed has none: it did not answer.
 *
 * @example
 * signsOf({ status: 'completed', output: [{ role: 'assistant', content: 'Yes<|im_end|>' }], response: 'Yes<|im_end|>', stop: 'length' });
 * // => ['cut', 'template-tokens']
 */
export function signsOf(transcript: Signed): TrialSign[] {
  const { status, output, response, stop, state, calls, requests } = transcript;
  if (status === 'error') return [];
  const seen = new SeenTurns();
  if (Array.isArray(output)) for (const message of output) seen.message(message);
  if (seen.turns === 0) seen.turn({ content: response });
  const agent = isObject(state) && isObject(state.agent) ? state.agent : undefined;
  const signs: TrialSign[] = [];
  const filtered = stop === 'refusal' || agent?.ended === 'refusal';
  if (seen.toolCalls === 0 && seen.isSilent && !filtered) signs.push('empty');
  if (stop === 'length' || agent?.ended === 'length') signs.push('cut');
  if (stop === 'other') signs.push('unfinished');
  if (agent !== undefined && seen.toolCalls === 0) signs.push('no-tool');
  if (seen.hasTemplateTokens) signs.push('template-tokens');
  if (typeof calls === 'number' && typeof requests === 'number' && requests > calls) signs.push('retried');
  if (filtered) signs.push('filtered');
  return signs;
}

/** What is seen of the checkpoint's turns; of the response alone, where a record holds no messages. */
class SeenTurns {
  turns = 0;
  toolCalls = 0;
  isSilent = true;
  hasTemplateTokens = false;

  message(message: unknown): void {
    if (isObject(message) && message.role === 'assistant') this.turn(message);
  }

  turn({ content, toolCalls }: Members): void {
    this.turns++;
    if (Array.isArray(toolCalls)) this.toolCalls += toolCalls.length;
    if (typeof content !== 'string') return;
    this.isSilent &&= content.trim() === '';
    this.hasTemplateTokens ||= TEMPLATE_TOKENS.test(content);
  }
}

/** Signs as one number, for an index: bit k is the k-th sign. @example signBits(['cut']); // => 2 */
export function signBits(signs: readonly TrialSign[]): number {
  return signs.reduce((bits, sign) => bits | (1 << TRIAL_SIGNS.indexOf(sign)), 0);
}

/** @example signsIn(2); // => ['cut'] */
export function signsIn(bits: number): TrialSign[] {
  return TRIAL_SIGNS.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
