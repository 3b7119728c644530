import { readFileSync } from 'node:fs';
import {
  canonicalJson,
  type Digest,
  digestOf,
  digestOfText,
  type JsonSchema,
  type Message,
  type Rubric,
  type Transcript,
} from '../core/index.ts';
import { answerFormat, answerSchema, correction } from './answer-scale.ts';

const template = readFileSync(new URL('./judge-prompt.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

/** Changes with every change to how sections are laid out below; the golden prompts in the tests hold it to that. */
const LAYOUT = 1;

/** Changes with how a sample's criteria are put to the judge; counts for questions that have them. */
export const CRITERIA_LAYOUT = 1;

/** Of all of a judge's prompt that is not the rubric or the transcript. */
export const promptDigest: Digest = digestOf({ template, layout: LAYOUT });

/** All of a transcript that a judge may see: no stage, no model, no run, no metadata. */
export type Shown = Pick<Transcript, 'input' | 'output' | 'response' | 'thoughts' | 'status' | 'stop'>;

export interface JudgePrompt {
  readonly messages: readonly Message[];
  readonly schema: JsonSchema;
}

/**
 * What a judge is asked about a transcript: the rules and the rubric as the system message, which is the same for every
 * transcript and so can be cached, and the fenced transcript as the user's. A sample's criteria close the system message:
 * they are not data, and what stands before them can still be cached.
 *
 * @param criteria what `Question.criteria` says of this sample
 */
export function judgePrompt(rubric: Rubric, transcript: Shown, criteria?: string): JudgePrompt {
  const { text, answer: scale } = rubric;
  const asked = { rubric: text, answer: answerFormat(scale), schema: answerSchema(scale) };
  return promptOf(criteria === undefined ? asked : { ...asked, criteria }, transcript);
}

/** What a judge is to go by: a rubric, and what an answer looks like, in words and as a schema. */
export interface Asked {
  readonly rubric: string;
  readonly answer: string;
  readonly schema: JsonSchema;
  readonly criteria?: string;
}

/** The prompt around a rubric and a transcript. */
export function promptOf({ schema, criteria, ...asked }: Asked, transcript: Shown): JudgePrompt {
  const values: Readonly<Record<string, string>> = asked;
  // One pass: a placeholder that stands in a rubric is text.
  const system = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!).trim();
  return {
    messages: [
      { role: 'system', content: criteria === undefined ? system : withCriteria(system, criteria) },
      { role: 'user', content: fencedTranscript(sectionsOf(transcript)) },
    ],
    schema,
  };
}

function withCriteria(system: string, criteria: string): string {
  return `${system}\n\n# What the rubric means in this case\n\n${criteria.trim()}`;
}

/** The prompt with a judge's unreadable answer and the request to answer again; asked once. */
export function correctedPrompt(
  prompt: JudgePrompt,
  rubric: Rubric,
  answer: string,
  why: string,
): JudgePrompt {
  return promptAgain(prompt, answer, correction(rubric.answer, why));
}

/** The prompt with a judge's answer to it and one more request. */
export function promptAgain(prompt: JudgePrompt, answer: string, content: string): JudgePrompt {
  const request: Message = { role: 'user', content };
  // Providers refuse an empty turn of the assistant.
  const turns: Message[] =
    answer.trim() === '' ? [request] : [{ role: 'assistant', content: answer }, request];
  return { ...prompt, messages: joinUserTurns([...prompt.messages, ...turns]) };
}

/** A part of a transcript under its own heading. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

/** A transcript as judges and people read it: what was put to the checkpoint and what came of it, and how it ended. */
export function sectionsOf(transcript: Shown): Section[] {
  const sections = [...transcript.input, ...transcript.output].flatMap(sectionsOfMessage);
  const answered = transcript.output.some(({ role }) => role === 'assistant');
  if (!answered) sections.push(...lastTurn(transcript));
  const ending = endingOf(transcript);
  return ending === null ? sections : [...sections, { title: 'how it ended', text: ending }];
}

function sectionsOfMessage(message: Message): Section[] {
  if (message.role === 'system') return [{ title: 'system message', text: message.content }];
  if (message.role === 'user') return [{ title: 'user message', text: message.content }];
  if (message.role === 'tool') {
    return [{ title: message.isError ? 'tool error' : 'tool result', text: message.content }];
  }
  const calls = (message.toolCalls ?? []).map(({ name, arguments: text }) => ({
    title: 'assistant: tool call',
    text: `${name}\n${text}`,
  }));
  const silent = calls.length > 0 && message.content === '';
  return [
    ...thoughtsSection(message.thoughts),
    ...(silent ? [] : [{ title: 'assistant: response', text: message.content }]),
    ...calls,
  ];
}

/** For transcripts that keep no messages of the assistant, as some imported ones do. */
function lastTurn({ thoughts, response }: Shown): Section[] {
  return [
    ...thoughtsSection(thoughts),
    ...(response === null ? [] : [{ title: 'assistant: response', text: response }]),
  ];
}

function thoughtsSection(thoughts: string | null | undefined): Section[] {
  return thoughts ? [{ title: 'assistant: thoughts, apart from its response', text: thoughts }] : [];
}

function endingOf({ status, stop }: Shown): string | null {
  if (stop === 'refusal') {
    return 'The provider reported that the assistant declined, or that a filter stopped its response.';
  }
  if (status === 'limit') return 'A limit of length, steps or time cut the assistant off.';
  return null;
}

function fencedTranscript(sections: readonly Section[]): string {
  const fence = fenceFor(sections.map(({ text }) => text));
  const parts = sections.map(({ title, text }) =>
    text === '' ? `=== ${fence} · ${title} (empty) ===` : `=== ${fence} · ${title} ===\n${text}`,
  );
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
 * stand in a text all the same, the next one is taken; a fence never occurs in what it fences.
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
