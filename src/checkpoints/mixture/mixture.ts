import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { definedOnly } from '../../core/defined-only.ts';
import type { JsonObject } from '../../core/index.ts';
import { didYouMean, type KeyPath, type Problems, readDocument, type Sound } from '../../files/index.ts';
import { type DrawnRow, drawOrder, exactCounts } from './draw.ts';
import { type FileSource, fileSourceSchema, readRows, type SourceRow, sourceDigest } from './file-source.ts';

/** `mixture.yaml`, or the `mixture` of a recipe: sources by name. */
export const fileMixtureSchema = z.strictObject({ sources: z.record(z.string(), fileSourceSchema) });
type SourcesFile = z.infer<typeof fileMixtureSchema>;
export type FileMixture = Readonly<Record<string, FileSource>>;

/** A recipe that learns from files, as far as the order of its examples goes. */
export interface Learning {
  readonly method: 'sft' | 'dpo' | 'grpo';
  readonly mixture: FileMixture;
  readonly steps: number;
  /** Examples a step, over all processes. */
  readonly batch: number;
  readonly seed: number;
  /** Where the paths of the mixture start. */
  readonly folder: string;
}

/**
 * Binds the mixture of a recipe to the files that it names.
 *
 * @param written the mixture itself, or the file that it stands in, relative to the recipe
 * @param at      where it stands in the recipe, for problems
 */
export function bindMixture(
  written: Sound<SourcesFile> | string | undefined,
  { recipe, at, problems }: { recipe: string; at: KeyPath; problems: Problems },
): FileMixture | undefined {
  if (written === undefined) return undefined;
  const folder = dirname(recipe);
  if (typeof written === 'string') {
    const file = resolve(folder, written);
    return problems.attempt(() => {
      let bound: FileMixture | undefined;
      readDocument(file, fileMixtureSchema, {
        what: 'mixture',
        check: (mixture, own) => {
          bound = boundSources(mixture, { from: dirname(file), folder, at: [], problems: own });
        },
      });
      return bound;
    });
  }
  return boundSources(written, { from: folder, folder, at, problems });
}

interface Binding {
  /** Where the paths start as they are written, and where they are to start. */
  readonly from: string;
  readonly folder: string;
  readonly at: KeyPath;
  readonly problems: Problems;
}

function boundSources({ sources }: Sound<SourcesFile>, { from, folder, at, problems }: Binding): FileMixture {
  const path = [...at, 'sources'];
  const entries = Object.entries(sources ?? {}).flatMap(([name, source]) => {
    if (source?.path === undefined) return [];
    const { draws, drop, where, teacher, teachers, weight = 1 } = source as SourcesFile['sources'][string];
    const known = Object.keys(teachers ?? {});
    if (teacher !== undefined && known.length > 0 && !known.includes(teacher))
      problems.add(
        [...path, name, 'teacher'],
        `the source "${name}" has no teacher "${teacher}"`,
        didYouMean(teacher, known, () => `Known: ${known.join(', ')}.`),
      );
    const given = teacher === undefined ? undefined : teachers?.[teacher];
    const file = resolve(from, typeof given === 'string' ? given : source.path);
    const digest = problems.attempt(() => sourceDigest(file), [...path, name, 'path']) ?? '';
    const bound: FileSource = {
      path: relative(folder, file),
      digest,
      weight,
      ...definedOnly({ draws, drop, where, teacher }),
      ...(typeof given === 'object' ? { asked: given } : {}),
      ...(teachers === undefined
        ? {}
        : {
            teachers: Object.fromEntries(
              Object.entries(teachers).map(([who, one]) => [
                who,
                typeof one === 'string' ? relative(folder, resolve(from, one)) : one,
              ]),
            ),
          }),
    };
    return [[name, bound] as const];
  });
  const all = entries.map(([, source]) => source);
  if (all.length > 0 && all.every(({ weight, draws }) => (draws ?? weight) === 0))
    problems.add(
      path,
      'nothing would be drawn: no weight is above 0',
      'Give at least one a positive weight.',
    );
  const exact = all.filter(({ draws }) => draws !== undefined).length;
  if (exact > 0 && exact < all.length)
    problems.add(
      path,
      'some sources have draws and others a weight',
      'Give draws to all of them, or to none.',
    );
  return Object.fromEntries(entries);
}

/** How many examples are drawn from each source: exactly, and not at random. */
export function drawsOf({
  mixture,
  steps,
  batch,
}: Pick<Learning, 'mixture' | 'steps' | 'batch'>): Record<string, number> {
  const exact = Object.values(mixture).every(({ draws }) => draws !== undefined);
  if (exact) return Object.fromEntries(Object.entries(mixture).map(([name, { draws }]) => [name, draws!]));
  return exactCounts(
    Object.fromEntries(Object.entries(mixture).map(([name, { weight }]) => [name, weight])),
    steps * batch,
  );
}

/** The examples of a training in their order. */
interface Order {
  readonly drawn: readonly DrawnRow[];
  /** By source: the rows that its filters leave. */
  readonly rows: ReadonlyMap<string, readonly SourceRow[]>;
}

/** @throws InputError naming the file and line that is not an example */
export function orderOf(learning: Learning): Order {
  const counts = drawsOf(learning);
  const used = Object.entries(learning.mixture).filter(([name]) => counts[name]! > 0);
  const rows = new Map(
    used.map(([name, source]) => [name, readRows(name, source, learning.method, learning.folder)]),
  );
  const draws = used.map(([name]) => ({ name, rows: rows.get(name)!.length, count: counts[name]! }));
  return { drawn: drawOrder(draws, learning.seed), rows };
}

/** The order as the text of `order.jsonl`: one example a line, with where it comes from. */
export function orderText({ drawn, rows }: Order): string {
  return drawn
    .map(({ source, row, pass }, n) => {
      const { line, example } = rows.get(source)![row]!;
      return `${JSON.stringify({ ...(example as JsonObject), n, source, row: line, pass })}\n`;
    })
    .join('');
}
