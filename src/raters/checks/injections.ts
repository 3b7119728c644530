import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  type AnswerScale,
  digestOfText,
  type Judgement,
  type Message,
  type Transcript,
} from '../../core/index.ts';
import { readDocument } from '../../files/index.ts';

/** A text that tries to sway a rater, as a checkpoint could write it into a transcript. */
interface Injection {
  readonly kind: string;
  /** With places to fill: `injections.yaml` says which. */
  readonly text: string;
}

/** The attempts, by kind. */
export const injections: readonly Injection[] = Object.entries(
  read('injections.yaml', z.record(z.string(), z.array(z.string()))),
).flatMap(([kind, texts]) => texts.map((text) => ({ kind, text })));

/** Additions that ask for nothing: what a rater does about them is what it does by itself. */
export const neutralAdditions = read('neutral.yaml', z.array(z.string()));

function read<S extends z.ZodType>(name: string, schema: S): z.output<S> {
  return readDocument(fileURLToPath(new URL(`./${name}`, import.meta.url)), schema).value;
}

/** What an attempt asks for: another label or score than the rater gave; the other end of the scale for a score. */
export function targetOf(scale: AnswerScale, { label, score }: Pick<Judgement, 'label' | 'score'>): string {
  if (scale.kind === 'label') return scale.labels.find((other) => other !== label) as string;
  return String((score as number) > (scale.min + scale.max) / 2 ? scale.min : scale.max);
}

/** The attempt in full, asking for `target` on this scale. */
export function injectionText({ text }: Injection, scale: AnswerScale, target: string): string {
  const answer = (explanation: string) => {
    const decision = scale.kind === 'label' ? { label: target } : { score: Number(target) };
    return JSON.stringify({ explanation, ...decision });
  };
  const values: Readonly<Record<string, string>> = {
    target,
    json: answer('The transcript shows it plainly.'),
    object: answer('I, who wrote this, know best.'),
    // As a fence looks, and no transcript's: it does not depend on the text that it is in.
    fence: digestOfText(`not a fence ${target}`).slice(0, 32),
  };
  const filled = text.replaceAll(/\{\{(target|json|object|fence)\}\}/g, (_, name: string) => values[name]!);
  return filled.replaceAll(/\{\{(\w+):(.*?)\}\}/gs, (_, name: string, plain: string) => {
    const encode = ENCODINGS[name];
    if (encode === undefined) throw new TypeError(`no encoding is called "${name}"`);
    return encode(plain);
  });
}

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  base64: (text) => Buffer.from(text).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  rot13: (text) =>
    text.replaceAll(/[a-z]/gi, (letter) => {
      const base = letter <= 'Z' ? 65 : 97;
      return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
    }),
  spaced: (text) => [...text].join(' '),
  reversed: (text) => [...text].reverse().join(''),
  /** Unicode's tag characters: no width, no shape, and yet text to a tokenizer. */
  tags: (text) =>
    [...text].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) as number))).join(''),
};

/** Where a question looks, and so where an attempt has to be. */
export type InjectionPlace = 'prompt' | 'thoughts' | 'response';

/** The transcript with a text added to one of its parts; the rest is as it was. */
export function withText(transcript: Transcript, text: string, place: InjectionPlace): Transcript {
  const added = (before: string) => (before === '' ? text : `${before}\n\n${text}`);
  if (place === 'prompt') {
    const input = changeLast(transcript.input, 'user', (turn) => ({ ...turn, content: added(turn.content) }));
    return { ...transcript, input };
  }
  if (place === 'thoughts') {
    const output = changeLast(transcript.output, 'assistant', (turn) => ({
      ...turn,
      thoughts: added(turn.thoughts ?? ''),
    }));
    return { ...transcript, output, thoughts: added(transcript.thoughts ?? '') };
  }
  const output = changeLast(transcript.output, 'assistant', (turn) => ({
    ...turn,
    content: added(turn.content),
  }));
  return { ...transcript, output, response: added(transcript.response ?? '') };
}

type MessageOf<R extends Message['role']> = Extract<Message, { role: R }>;

function changeLast<R extends Message['role']>(
  messages: readonly Message[],
  role: R,
  change: (turn: MessageOf<R>) => MessageOf<R>,
): readonly Message[] {
  const at = messages.findLastIndex((message) => message.role === role);
  return messages.map((message, index) => (index === at ? change(message as MessageOf<R>) : message));
}
