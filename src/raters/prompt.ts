import { readFileSync } from 'node:fs';
import type { CutText } from '../core/cut-middle.ts';
import {
  canonicalJson,
  type Digest,
  digestOf,
  digestOfText,
  type Generation,
  type JsonSchema,
  type Message,
  type Rubric,
  type Transcript,
} from '../core/index.ts';
import { count } from '../format/index.ts';
import { answerFormat, answerSchema, correction } from './answer-scale.ts';
import {
  BYTES_A_TOKEN,
  estimatedTokens,
  FEWEST_TRANSCRIPT_TOKENS,
  type JudgeContext,
  requireTranscriptTokens,
} from './context.ts';
import { fitTexts, type SectionKind } from './fit.ts';
import { toolCallText } from './tool-call-text.ts';

const template = readFileSync(new URL('./judge-prompt.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

/** Changes with every change to how sections are laid out below; the golden prompts in the tests hold it to that. */
const LAYOUT = 2;

/**
 * Characters of a transcript that a judge is shown whose context is not given: about 100,000 tokens, which leaves room for a
 * rubric and an answer in the context of most models. The trajectories of agents can be longer: fit.ts says what is left out
 * of those.
 */
export const TRANSCRIPT_CHARACTERS = 400_000;

/** Changes with how a sample's criteria are put to the judge; counts for questions that have them. */
export const CRITERIA_LAYOUT = 1;

/** Of all of a judge's prompt that is not the rubric or the transcript. */
export const promptDigest: Digest = digestOf({
  template,
  layout: LAYOUT,
  characters: TRANSCRIPT_CHARACTERS,
});

/** All of a transcript that a judge may see: no stage, no model, no run, no metadata. */
export type ShownTranscript = Pick<
  Transcript,
  'input' | 'output' | 'response' | 'thoughts' | 'status' | 'stop'
>;

export interface JudgePrompt {
  readonly messages: readonly Message[];
  readonly schema: JsonSchema;
}

/**
 * What a judge is asked about a transcript: the rules and the rubric as the system message, which is the same for every
 * transcript and so can be cached, and the fenced transcript as the user's. A sample's criteria close the system message:
 * they are not data, and what is before them can still be cached.
 *
 * @param criteria what `Question.criteria` says of this sample
 * @param context  what it must fit into; the transcript is shortened to that
 * @throws InputError when the context leaves no room for a transcript
 */
export function judgePrompt(
  rubric: Rubric,
  transcript: ShownTranscript,
  {
    criteria,
    context,
  }: { readonly criteria?: string | undefined; readonly context?: JudgeContext | undefined } = {},
): JudgePrompt {
  const { text, answer: scale } = rubric;
  const asked = { rubric: text, answer: answerFormat(scale), schema: answerSchema(scale) };
  return promptOf(criteria === undefined ? asked : { ...asked, criteria }, transcript, context);
}

/** What a judge is to go by: a rubric, and what an answer looks like, in words and as a schema. */
export interface Asked {
  readonly rubric: string;
  readonly answer: string;
  readonly schema: JsonSchema;
  readonly criteria?: string;
}

/** The prompt around a rubric and a transcript. @throws InputError as `judgePrompt` */
export function promptOf(
  { schema, criteria, ...asked }: Asked,
  transcript: ShownTranscript,
  context?: JudgeContext,
): JudgePrompt {
  const values: Readonly<Record<string, string>> = asked;
  // One pass: a placeholder that is in a rubric is text.
  const general = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!).trim();
  const system = criteria === undefined ? general : withCriteria(general, criteria);
  const room = context === undefined ? undefined : requireTranscriptTokens(context, system);
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: fencedTranscript(sectionsOf(transcript), room) },
    ],
    schema,
  };
}

function withCriteria(system: string, criteria: string): string {
  return `${system}\n\n# What the rubric means in this case\n\n${criteria.trim()}`;
}

/** The prompt for the second try, after an answer that could not be read. @param why what was wrong with it */
export function correctedPrompt(
  prompt: JudgePrompt,
  rubric: Rubric,
  answer: Pick<Generation, 'response' | 'stop'>,
  why: string,
): JudgePrompt {
  return promptAgain(prompt, answer, correction(rubric.answer, why, wasCut(answer)));
}

/** Whether the limit of length cut an answer off. */
export function wasCut({ stop }: Pick<Generation, 'stop'>): boolean {
  return stop === 'length';
}

/**
 * The prompt with a judge's answer to it and one more request. An answer that was cut off is left out: it is as long as an
 * answer can be, nothing in it helps, and with it the prompt may not fit into the judge's context.
 */
export function promptAgain(
  prompt: JudgePrompt,
  answer: Pick<Generation, 'response' | 'stop'>,
  content: string,
): JudgePrompt {
  const request: Message = { role: 'user', content };
  const { response } = answer;
  // Providers refuse an empty turn of the assistant.
  const isLeftOut = wasCut(answer) || response.trim() === '';
  const turns: Message[] = isLeftOut ? [request] : [{ role: 'assistant', content: response }, request];
  return { ...prompt, messages: joinUserTurns([...prompt.messages, ...turns]) };
}

/** A part of a transcript under its own heading. */
export interface Section {
  readonly title: string;
  readonly text: string;
  /** Which sections give way first where a transcript is too long for a judge. */
  readonly kind: SectionKind;
}

/** A transcript as judges and people read it: what was put to the checkpoint and what came of it, and how it ended. */
export function sectionsOf(transcript: ShownTranscript): Section[] {
  const messages = [...transcript.input, ...transcript.output];
  const sections = messages.flatMap((message, index) => sectionsOfMessage(message, placeOf(messages, index)));
  const answered = transcript.output.some(({ role }) => role === 'assistant');
  if (!answered) sections.push(...lastTurn(transcript));
  const ending = endingOf(transcript);
  return ending === null ? sections : [...sections, other('how it ended', ending)];
}

/** @param place of a tool's result among those of its turn */
function sectionsOfMessage(message: Message, place: string): Section[] {
  if (message.role === 'system') return [other('system message', message.content)];
  if (message.role === 'user') return [other('user message', message.content)];
  if (message.role === 'tool') {
    const title = message.isError ? 'tool error' : 'tool result';
    return [{ title: `${title}${place}`, text: message.content, kind: 'tool result' }];
  }
  const { toolCalls = [] } = message;
  const calls = toolCalls.map((call, index): Section => {
    const title = `assistant: tool call${numbered(index, toolCalls.length)}`;
    return { title, text: toolCallText(call), kind: 'tool call' };
  });
  const silent = calls.length > 0 && message.content === '';
  return [
    ...thoughtsSection(message.thoughts),
    ...(silent ? [] : [other('assistant: response', message.content)]),
    ...calls,
  ];
}

/** Which of its turn's calls a tool result answers, where the turn has several. */
function placeOf(messages: readonly Message[], index: number): string {
  const message = messages[index];
  if (message?.role !== 'tool') return '';
  const turn = messages.slice(0, index).findLast(({ role }) => role === 'assistant');
  const calls = turn?.role === 'assistant' ? (turn.toolCalls ?? []) : [];
  const at = calls.findIndex(({ id }) => id === message.toolCallId);
  return at < 0 ? '' : numbered(at, calls.length);
}

function numbered(index: number, count: number): string {
  return count > 1 ? ` ${index + 1} of ${count}` : '';
}

function other(title: string, text: string): Section {
  return { title, text, kind: 'other' };
}

/** For transcripts that keep no messages of the assistant, as some imported ones do. */
function lastTurn({ thoughts, response }: ShownTranscript): Section[] {
  return [
    ...thoughtsSection(thoughts),
    ...(response === null ? [] : [other('assistant: response', response)]),
  ];
}

function thoughtsSection(thoughts: string | null | undefined): Section[] {
  return thoughts ? [other('assistant: thoughts, apart from its response', thoughts)] : [];
}

function endingOf({ status, stop }: ShownTranscript): string | null {
  if (stop === 'refusal') {
    return 'The provider reported that the assistant declined, or that a filter stopped its response.';
  }
  if (status === 'limit') return 'A limit of length, steps or time cut the assistant off.';
  return null;
}

/** @param room tokens that it may take; absent where a judge's context is not given */
function fencedTranscript(sections: readonly Section[], room: number | undefined): string {
  const fence = fenceFor(sections.map(({ text }) => text));
  return room === undefined
    ? laidOut(sections, fence, fitTexts(sections, TRANSCRIPT_CHARACTERS))
    : fitted(room, (characters) => laidOut(sections, fence, fitTexts(sections, characters, true)));
}

/**
 * The longest text that takes no more tokens than there is room for, to one percent. It is searched for, because how many
 * bytes a character has, and how many fences there are, depends on what is left.
 *
 * Where the fences of thousands of sections are too much by themselves it is longer: then the judge's endpoint refuses it,
 * which is better than a rating of headings.
 */
function fitted(room: number, layOut: (characters: number) => string): string {
  const fits = (text: string) => estimatedTokens(text) <= room;
  let [low, high] = [FEWEST_TRANSCRIPT_TOKENS, room * BYTES_A_TOKEN];
  const most = layOut(high);
  if (fits(most)) return most;
  let best = layOut(low);
  while (high - low > high / 100) {
    const middle = Math.floor((low + high) / 2);
    const text = layOut(middle);
    if (fits(text)) [low, best] = [middle, text];
    else high = middle;
  }
  return best;
}

function laidOut(sections: readonly Section[], fence: string, texts: readonly CutText[]): string {
  const parts = sections.map(({ title, text }, index) => {
    const { head, tail, left } = texts[index]!;
    if (text === '') return `=== ${fence} · ${title} (empty) ===`;
    const whole = `=== ${fence} · ${title} ===\n${head}`;
    if (left === 0) return whole;
    return `${whole}\n=== ${fence} · ${count(left)} characters of this section left out ===\n${tail}`;
  });
  return [
    `The code of this transcript is ${fence}`,
    '',
    ...parts,
    `=== ${fence} · end of transcript ===`,
    '',
    'Rate this transcript by the rubric. Answer with the JSON object alone.',
  ].join('\n');
}

/**
 * The code that fences a transcript: 128 bits of SHA-256 over all its texts.
 *
 * Whoever wrote the transcript would have to write down the digest of a text that contains that very digest, which is
 * as hard as finding a fixed point of SHA-256 (2¹²⁸ tries). So the fence is as unguessable as a random one, and still a
 * function of the records alone: the same transcript gives the same prompt, on any machine, years later. Should the code
 * are in a text all the same, the next one is taken; a fence never occurs in what it fences.
 */
export function fenceFor(texts: readonly string[], digest: (text: string) => Digest = digestOfText): Digest {
  for (let attempt = 0; ; attempt += 1) {
    const fence = digest(canonicalJson(['transcript fence', attempt, texts]));
    if (!texts.some((text) => text.toLowerCase().includes(fence))) return fence;
  }
}

/** Anthropic's and other protocols want roles to alternate. */
function joinUserTurns(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === 'user' && last?.role === 'user') {
      joined[joined.length - 1] = { role: 'user', content: `${last.content}\n\n${message.content}` };
    } else joined.push(message);
  }
  return joined;
}
