import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  type Generation,
  type JsonSchema,
  type Model,
  ModelError,
  type Sampling,
} from '../../../core/index.ts';
import { isObject, parsedJson } from '../../../core/parsed-json.ts';
import { mistakesIn, readDocument } from '../../../files/index.ts';
import { randomSource } from '../../../stats/index.ts';
import { type Dilemma, dilemmaSchema, POLICIES } from '../dilemma.ts';

const prompt = readFileSync(new URL('./write-prompt.md', import.meta.url), 'utf8');
const trades = readDocument(
  fileURLToPath(new URL('./trades.yaml', import.meta.url)),
  z.array(z.string()),
).value;

export type Draft = Omit<Dilemma, 'theme'>;

interface WantedDrafts {
  readonly theme: string;
  readonly about: string;
  /** Drafts of one call. */
  readonly count: number;
  /** Where the two examples of the form are taken from. */
  readonly battery: readonly Dilemma[];
  /** Decides trade and examples, and is the call's sampling seed. */
  readonly seed: number;
}

/** What a model wrote in one call: the drafts that can be read, and why others can't. */
interface WrittenDraft {
  readonly drafts: readonly Draft[];
  readonly unreadable: readonly string[];
  /** The whole answer, where something of it can't be read: a person may read it all the same. */
  readonly answer?: string;
}

/** The text that a model is asked for drafts with. */
export function writingPrompt({ theme, about, count, battery, seed }: WantedDrafts): string {
  const random = randomSource(seed);
  const others = battery.filter((dilemma) => dilemma.theme !== theme);
  const examples = [0, 1].flatMap(() => others.splice(random.below(Math.max(1, others.length)), 1));
  const values: Readonly<Record<string, string>> = {
    theme,
    about,
    trade: trades[random.below(trades.length)] as string,
    examples: examples.map(({ theme: _, ...form }) => JSON.stringify(form)).join('\n\n'),
    count: String(count),
  };
  return prompt.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!);
}

/**
 * Asks a model for drafts once.
 *
 * @throws what the model throws, but for an answer that can't be read: that is told in `unreadable`
 */
export async function writeDrafts(
  model: Model,
  wanted: WantedDrafts,
  sampling: Sampling,
  signal: AbortSignal,
): Promise<WrittenDraft> {
  const messages = [{ role: 'user', content: writingPrompt(wanted) } as const];
  let generation: Generation;
  try {
    generation = await model.generate(
      { messages, sampling: { ...sampling, seed: wanted.seed }, schema: SCHEMA },
      signal,
    );
  } catch (error) {
    if (!(error instanceof ModelError) || error.fatal || signal.aborted) throw error;
    return { drafts: [], unreadable: [`the call failed: ${error.message}`] };
  }
  const written = readDrafts(generation.response);
  return written.unreadable.length === 0
    ? written
    : { ...written, answer: generation.response.slice(0, MOST_KEPT) };
}

/** Characters of an answer that are kept. */
const MOST_KEPT = 100_000;

/** The drafts of an answer: its first JSON object, whatever is around it. */
export function readDrafts(response: string): WrittenDraft {
  const [start, end] = [response.indexOf('{'), response.lastIndexOf('}')];
  const given = parsedJson(response.slice(start, end + 1));
  const listed = isObject(given) ? given.dilemmas : undefined;
  if (!Array.isArray(listed)) return { drafts: [], unreadable: ['the answer held no list of dilemmas'] };
  const drafts: Draft[] = [];
  const unreadable: string[] = [];
  for (const item of listed) {
    const read = dilemmaSchema.safeParse(item);
    if (read.success) drafts.push(read.data);
    else unreadable.push(mistakesIn(dilemmaSchema, item).join('; '));
  }
  return { drafts, unreadable };
}

const text: JsonSchema = { type: 'string' };
const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    dilemmas: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          title: text,
          system: text,
          user: text,
          wrong: text,
          acceptable: { type: 'array', items: text },
          shortcut: { type: 'array', items: { type: 'string', enum: [...POLICIES] } },
          realism: text,
        },
        required: ['id', 'title', 'system', 'user', 'wrong', 'acceptable', 'shortcut', 'realism'],
        additionalProperties: false,
      },
    },
  },
  required: ['dilemmas'],
  additionalProperties: false,
};
