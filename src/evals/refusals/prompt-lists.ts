import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readDocument } from '../../files/index.ts';
import { INTENTS } from './measures.ts';
import { columns, PROMPT_LISTS, type PromptList, type RefusalOptions } from './options.ts';
import type { PromptRow } from './prompt-row.ts';
import { tableRows } from './table-rows.ts';

const mapping = z.strictObject({ columns, intent: z.enum(INTENTS) });

export function isPromptList(source: RefusalOptions['source']): source is PromptList {
  return PROMPT_LISTS.some((name) => name === source);
}

/**
 * The prompts of a published list, by the mapping file that stemma has of it. It says what a study says of a table of its own.
 *
 * @throws InputError as `tableRows` does
 */
export function listRows(name: PromptList, path: string): AsyncGenerator<PromptRow> {
  const file = fileURLToPath(new URL(`./lists/${name}.yaml`, import.meta.url));
  return tableRows(path, readDocument(file, mapping, { what: 'mapping' }).value);
}
