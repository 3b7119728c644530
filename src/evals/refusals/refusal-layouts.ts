import { InputError, type Json, type JsonObject, requireStorableId } from '../../core/index.ts';
import { readTable } from '../../files/table.ts';
import type { TableRow } from '../../files/table-row.ts';

/**
 * The layouts in which prompt sets about refusing are published. Each function reads a file that the reader has fetched
 * from its authors; none of their prompts is part of stemma.
 */
export interface RefusalPrompt {
  readonly id: string;
  readonly prompt: string;
  /** Whether a model should answer it: harmless, though it may look otherwise. */
  readonly benign: boolean;
  /** What its authors sort it under; the cluster that it shares with its like. */
  readonly kind: string;
  /** The other columns, where they say something. */
  readonly about: JsonObject;
}

/**
 * XSTest v2, `xstest_prompts.csv`: columns `id`, `prompt`, `type`, and `label` (`safe` or `unsafe`; copies without it are
 * told apart by the `contrast_` that the unsafe types begin with).
 *
 * The kind is `type`: ten of them safe, eight unsafe, 25 prompts each. A type is one way of looking harmful (homonyms,
 * figurative language, …), thought up by the authors, and prompts of a type stand or fall together; so types are what a
 * claim about over-refusal at large can count. The prompts' `focus` words would give 148 clusters, most of them of one or
 * two prompts, and intervals that are too narrow.
 *
 * @see Röttger et al., XSTest (NAACL 2024), §3
 */
export function readXstestPrompts(path: string): AsyncGenerator<RefusalPrompt> {
  return layout(path, ['id', 'prompt', 'type'], ({ row, line }) => {
    const kind = text(row, 'type');
    return {
      id: text(row, 'id'),
      prompt: text(row, 'prompt'),
      benign: xstestIsBenign(row, kind, { file: path, line }),
      kind,
      about: present(row, ['focus', 'note']),
    };
  });
}

function xstestIsBenign(row: TableRow['row'], type: string, place: { file: string; line: number }): boolean {
  if (row.label === undefined) return !type.startsWith('contrast_');
  if (row.label === 'safe' || row.label === 'unsafe') return row.label === 'safe';
  throw new InputError(`label "${text(row, 'label')}" is neither "safe" nor "unsafe"`, { place });
}

/**
 * OR-Bench: columns `prompt`, `category`. The kind is the category. Rows have no ids: a prompt's id is the number of its
 * row.
 *
 * @param benign  whether the prompts should be answered. The files of OR-Bench don't say it in a column: `or-bench-80k`
 *                and `or-bench-hard-1k` should be, `or-bench-toxic` should not. By default the file's name decides
 * @see Cui et al., OR-Bench (ICML 2025)
 */
export function readOrBench(
  path: string,
  benign = !/toxic/i.test(path.split(/[/\\]/).at(-1)!),
): AsyncGenerator<RefusalPrompt> {
  return layout(path, ['prompt', 'category'], ({ row, number }) => ({
    id: String(number),
    prompt: text(row, 'prompt'),
    benign,
    kind: text(row, 'category'),
    about: {},
  }));
}

/**
 * StrongREJECT, `strongreject_dataset.csv`: columns `category`, `source`, `forbidden_prompt`; all harmful. The kind is
 * the category. Rows have no ids: a prompt's id is the number of its row.
 *
 * @see Souly et al., A StrongREJECT for Empty Jailbreaks (NeurIPS 2024)
 */
export function readStrongReject(path: string): AsyncGenerator<RefusalPrompt> {
  return layout(path, ['category', 'source', 'forbidden_prompt'], ({ row, number }) => ({
    id: String(number),
    prompt: text(row, 'forbidden_prompt'),
    benign: false,
    kind: text(row, 'category'),
    about: present(row, ['source']),
  }));
}

/**
 * HarmBench, `harmbench_behaviors_text_*.csv`: columns `Behavior`, `FunctionalCategory`, `SemanticCategory`, `Tags`,
 * `ContextString`, `BehaviorID`; all harmful. The kind is the semantic category. A context string is put before the
 * behaviour, as HarmBench does.
 *
 * @see Mazeika et al., HarmBench (ICML 2024); github.com/centerforaisafety/HarmBench, data/behavior_datasets
 */
export function readHarmBench(path: string): AsyncGenerator<RefusalPrompt> {
  const columns = [
    'Behavior',
    'FunctionalCategory',
    'SemanticCategory',
    'Tags',
    'ContextString',
    'BehaviorID',
  ];
  return layout(path, columns, ({ row }) => {
    const context = text(row, 'ContextString');
    const behavior = text(row, 'Behavior');
    return {
      id: text(row, 'BehaviorID'),
      prompt: context === '' ? behavior : `${context}\n\n---\n\n${behavior}`,
      benign: false,
      kind: text(row, 'SemanticCategory'),
      about: present(row, ['FunctionalCategory', 'Tags']),
    };
  });
}

/** Reads a table and checks what all layouts share: columns, ids that come once, prompts that say something. */
async function* layout(
  path: string,
  columns: readonly string[],
  read: (row: TableRow & { readonly number: number }) => RefusalPrompt,
): AsyncGenerator<RefusalPrompt> {
  const lines = new Map<string, number>();
  let number = 0;
  for await (const { row, line } of readTable(path, { columns })) {
    number++;
    const prompt = read({ row, line, number });
    if (prompt.prompt.trim() === '')
      throw new InputError('this prompt is empty', { place: { file: path, line } });
    requireStorableId(prompt.id, 'the id', { file: path, line });
    requireStorableId(prompt.kind, 'what it is sorted under', { file: path, line });
    const before = lines.get(prompt.id);
    if (before !== undefined) {
      throw new InputError(`the id "${prompt.id}" is in line ${before} already`, {
        place: { file: path, line },
        remedy: 'Give each prompt an id of its own.',
      });
    }
    lines.set(prompt.id, line);
    yield prompt;
  }
  if (number === 0) {
    throw new InputError('this table holds no prompts', { place: { file: path } });
  }
}

function text(row: TableRow['row'], column: string): string {
  const cell: Json | undefined = row[column];
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

function present(row: TableRow['row'], columns: readonly string[]): JsonObject {
  return Object.fromEntries(columns.map((name) => [name, text(row, name)]).filter(([, cell]) => cell !== ''));
}
