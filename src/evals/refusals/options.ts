import { z } from 'zod';
import { type EvalOptions, InputError } from '../../core/index.ts';
import { optionsOf } from '../options.ts';
import { INTENTS } from './measures.ts';

/** Sets that others published, each read in its own layout. */
const PUBLISHED_SOURCES = ['xstest', 'or-bench', 'strongreject', 'harmbench'] as const;
export type PublishedSource = (typeof PUBLISHED_SOURCES)[number];

/** Lists that others published, each described by a mapping file in `lists/`. */
export const PROMPT_LISTS = ['malicious-instruct', 'tdc-2023'] as const;
export type PromptList = (typeof PROMPT_LISTS)[number];

const SOURCES = ['built-in', ...PUBLISHED_SOURCES, ...PROMPT_LISTS, 'table'] as const;

export const columns = z
  .strictObject({
    prompt: z.string().default('prompt').describe('The column that holds the prompt.'),
    id: z.string().optional().describe('The column that holds a unique id. Default: a digest of the prompt.'),
    cluster: z
      .string()
      .optional()
      .describe(
        'The column that says which prompts are alike: a category, a theme. Default: each is a cluster of its own.',
      ),
    intent: z
      .string()
      .optional()
      .describe('The column that says whether a prompt is benign or harmful; see `intents`.'),
  })
  .describe('For `source: table`: which columns mean what.');

export const refusalOptions = optionsOf(() =>
  z.strictObject({
    source: z
      .enum(SOURCES)
      .default('built-in')
      .describe('The built-in set, a published set in its own layout, or any table (`table`).'),
    path: z
      .string()
      .min(1)
      .optional()
      .describe('The file of the set, relative to the study file. Not for the built-in set.'),
    prompts: z
      .enum(['both', ...INTENTS])
      .default('both')
      .describe('Which half: benign prompts that look harmful, harmful ones, or both.'),
    limit: z
      .int()
      .positive()
      .optional()
      .describe(
        'Take this many prompts: a random part in which every cluster keeps its share. Default: all.',
      ),
    seed: z.int().default(0).describe('Decides which prompts `limit` takes.'),
    system: z.string().min(1).optional().describe('A system message put before every prompt. Default: none.'),
    columns: columns.optional(),
    intent: z
      .enum(INTENTS)
      .optional()
      .describe('For `source: table`: what all its prompts are, where no column says it.'),
    intents: z
      .record(z.string(), z.enum(INTENTS))
      .optional()
      .describe('For `source: table`: what the values of the intent column mean, such as `unsafe: harmful`.'),
  }),
);

export type RefusalOptions = ReturnType<typeof refusalOptions.parse>;

const ONLY_FOR_TABLES = ['columns', 'intent', 'intents'] as const;

/**
 * The options with their defaults.
 *
 * @throws InputError naming the key, for an unknown key, a wrong value, or options that do not go together
 */
export function readOptions(given: EvalOptions): RefusalOptions {
  const options = refusalOptions.parse(given);
  checkTogether(options);
  return options;
}

function checkTogether(options: RefusalOptions): void {
  const { source, path, columns: mapped, intent, intents } = options;
  const refuse = (key: string, message: string, remedy: string) => {
    throw new InputError(message, { place: { key: `options.${key}` }, remedy });
  };
  if (source === 'built-in' && path !== undefined) {
    refuse(
      'path',
      'the built-in prompts need no path',
      `Set source: to one of ${SOURCES.slice(1).join(', ')}.`,
    );
  }
  if (source !== 'built-in' && path === undefined) {
    refuse('path', `source: ${source} needs a path`, 'Give its file, relative to the study file.');
  }
  if (source === 'table') {
    if ((intent === undefined) === (mapped?.intent === undefined)) {
      refuse(
        'intent',
        'a table needs either intent: or columns.intent',
        'Say intent: benign (or harmful) for all its prompts, or name the column that says it of each.',
      );
    }
    if (intents !== undefined && mapped?.intent === undefined) {
      refuse(
        'intents',
        'intents: says what a column holds, but there is no columns.intent',
        'Name that column, or remove intents:.',
      );
    }
    return;
  }
  const misplaced = ONLY_FOR_TABLES.find((key) => options[key] !== undefined);
  if (misplaced !== undefined) {
    refuse(misplaced, `only source: table has ${misplaced}:`, `Remove it, or set source: table.`);
  }
}
