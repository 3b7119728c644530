import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parsedJson } from '../core/parsed-json.ts';
import { closing, openPlainSync, statOf } from './plain-file.ts';

const contrastSchema = z.object({
  eval: z.string(),
  measure: z.string(),
  rater: z.string(),
  from: z.string(),
  to: z.string(),
  values: z.int().nonnegative(),
  standardError: z.number().nonnegative().nullable(),
});

const lookSchema = z.object({
  part: z.number().gt(0).max(1),
  recorded: z.int().positive(),
  planned: z.int().positive(),
  at: z.iso.datetime(),
  contrasts: z.array(contrastSchema),
});

/** What a look knew of one comparison. */
export interface SeenContrast {
  readonly eval: string;
  readonly measure: string;
  readonly rater: string;
  readonly from: string;
  readonly to: string;
  /** Trials with a value, of both stages. */
  readonly values: number;
  /** Of the difference, in the measure's unit; `null` where no interval was shown, so that nothing could be claimed. */
  readonly standardError: number | null;
}

/** A look at the findings of a run whose study declares looks. */
export interface TakenLook {
  /** The declared part of the answers whose look this is. */
  readonly part: number;
  /** Trials that had a record, and those that were planned then: a run may grow. */
  readonly recorded: number;
  readonly planned: number;
  /** ISO 8601. */
  readonly at: string;
  readonly contrasts: readonly SeenContrast[];
}

/**
 * The looks that were taken: `looks.jsonl`, a line each time findings showed comparisons that the look of their declared part had
 * not shown before. The level of a later look follows from them, so that findings which are made again are the same.
 */
const FILE = 'looks.jsonl';

/** @returns a look a declared part, in the order of the parts, and how many lines can't be read */
export function looksTaken(folder: string): {
  readonly looks: readonly TakenLook[];
  readonly damaged: number;
} {
  const lines = linesOf(folder).map((line) => lookSchema.safeParse(parsedJson(line)));
  const read = lines.flatMap(({ data }): TakenLook[] => (data === undefined ? [] : [data]));
  const byPart = Map.groupBy(read, ({ part }) => part);
  return {
    looks: [...byPart.values()]
      .map((same) => ({ ...same[0]!, contrasts: firstOfEach(same.flatMap(({ contrasts }) => contrasts)) }))
      .sort((a, b) => a.part - b.part),
    damaged: lines.length - read.length,
  };
}

/** What a look is about, where one comparison is told from another. */
export function contrastKey({
  eval: of,
  measure,
  rater,
  from,
  to,
}: Omit<SeenContrast, 'values' | 'standardError'>) {
  return JSON.stringify([of, measure, rater, from, to]);
}

/**
 * Notes what a look showed, unless it is noted already. Only in a folder of the user's own that can be written to: in others
 * nothing is changed.
 */
export function noteLook(folder: string, look: TakenLook): void {
  if (statOf(`${folder}/.`)?.uid !== process.getuid?.()) return;
  const noted = looksTaken(folder).looks.find(({ part }) => part === look.part);
  const known = new Set(noted?.contrasts.map(contrastKey));
  const contrasts = look.contrasts.filter((contrast) => !known.has(contrastKey(contrast)));
  if (noted !== undefined && contrasts.length === 0) return;
  try {
    using file = closing(openPlainSync(join(folder, FILE), 'append'));
    writeFileSync(file.descriptor, `${JSON.stringify({ ...look, contrasts })}\n`);
  } catch {
    // Who can't write here can't go on with the run either.
  }
}

function linesOf(folder: string): string[] {
  try {
    using file = closing(openPlainSync(join(folder, FILE), 'read'));
    return readFileSync(file.descriptor, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

function firstOfEach(contrasts: readonly SeenContrast[]): SeenContrast[] {
  const first = new Map<string, SeenContrast>();
  for (const contrast of contrasts) {
    const key = contrastKey(contrast);
    if (!first.has(key)) first.set(key, contrast);
  }
  return [...first.values()];
}
