import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RecordsError, type TrialKey } from '../core/index.ts';
import { parsedJson } from '../core/parsed-json.ts';
import { mistakeText } from '../files/schema-problems.ts';
import { diskError } from './disk-error.ts';
import { replaceFile } from './manifest.ts';
import { closing, isPlainFolder, makePlainFolder, openPlainSync } from './plain-file.ts';

/**
 * Which trials of a run could have been picked for a human to label, which were, and with what probability; without it
 * labels can't be weighted. Kept in the run's folder as `labels/<id>.jsonl`: the frame without its trials in the first
 * line, a trial a line after that. It is written whole: at every moment the old one is there or the new one.
 *
 * The labels themselves are ratings like any other. Strata are as the judges saw the trials when the frame was made; they
 * stay when judges rate again.
 */
export interface LabelFrame {
  readonly format: 'stemma-labels';
  readonly formatVersion: 1;
  /** Names the file. */
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The eval's entry in the study. */
  readonly eval: string;
  /** The measure that the strata are made of. */
  readonly measure: string;
  /** All measures that one label gives a value of; `measure` among them. */
  readonly measures: readonly string[];
  /** Id of the question that is put to the labeller; `null` where the eval is not stemma's own: then the measure is. */
  readonly question: string | null;
  /** The raters whose answers made the strata. */
  readonly judges: readonly string[];
  /** Of the random numbers that decide what is picked: one a sample and epoch, the same in every stage. */
  readonly seed: number;
  readonly strata: readonly LabelStratum[];
  readonly trials: readonly FramedTrial[];
}

/** Trials of one stage about which the judges said the same. `picked / size` is the inclusion probability of each. */
export interface LabelStratum {
  readonly stage: string;
  readonly says: JudgesSay;
  /** 1 for the trials that were there when the frame was made; more for those that came later. */
  readonly wave: number;
  readonly size: number;
  readonly picked: number;
}

/**
 * Whether all judges say yes, or no; else they split. For scores, yes is at or above the threshold. `nothing`: no judge had
 * rated the measure when the trials were picked.
 */
export type JudgesSay = 'yes' | 'split' | 'no' | 'nothing';

export interface FramedTrial {
  readonly key: TrialKey;
  /** Its place in `strata`. */
  readonly stratum: number;
  /** The order in which the picked are shown, from 0; absent: it was not picked. */
  readonly place?: number;
}

const FOLDER = 'labels';
const EXTENSION = '.jsonl';

const header = z.looseObject({
  format: z.literal('stemma-labels'),
  formatVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  eval: z.string(),
  measure: z.string(),
  measures: z.array(z.string()),
  question: z.string().nullable(),
  judges: z.array(z.string()),
  seed: z.int(),
  strata: z.array(
    z.looseObject({
      stage: z.string(),
      says: z.enum(['yes', 'split', 'no', 'nothing']),
      wave: z.int().min(1),
      size: z.int().min(1),
      picked: z.int().min(0),
    }),
  ),
});

const trial = z.looseObject({
  key: z.string(),
  stratum: z.int().min(0),
  place: z.int().min(0).exactOptional(),
});

/**
 * The label frames of a run, by their ids.
 *
 * @throws RecordsError naming file and line of one that is damaged
 */
export function readLabelFrames(folder: string): readonly LabelFrame[] {
  if (!isPlainFolder(join(folder, FOLDER))) return [];
  const names = readdirSync(join(folder, FOLDER)).filter((name) => name.endsWith(EXTENSION));
  return names.sort().map((name) => readFrame(join(folder, FOLDER, name)));
}

function readFrame(file: string): LabelFrame {
  using opened = closing(openPlainSync(file, 'read'));
  const lines = readFileSync(opened.descriptor, 'utf8').split('\n');
  const about = header.safeParse(parsedJson(lines[0] ?? ''));
  if (!about.success) throw damaged(file, 1, mistakeIn(header, lines[0] ?? ''));
  const trials = lines.slice(1).flatMap((line, index) => {
    if (line === '') return [];
    const found = trial.safeParse(parsedJson(line));
    if (!found.success) throw damaged(file, index + 2, mistakeIn(trial, line));
    if (found.data.stratum >= about.data.strata.length)
      throw damaged(file, index + 2, 'there is no such stratum');
    return [found.data];
  });
  return { ...about.data, trials };
}

function mistakeIn(schema: z.ZodType, line: string): string {
  const value = parsedJson(line);
  return value === undefined ? 'it is not JSON' : mistakeText(schema, value);
}

function damaged(file: string, line: number, why: string): RecordsError {
  return new RecordsError(`this is not a record of what was picked for labelling: ${why}`, {
    place: { file, line },
    remedy: 'Restore the file from a copy: without it the labels can’t be weighted.',
  });
}

/**
 * Puts a frame in its place: at every moment the old one is there or the new one. The caller holds the frames' lock
 * (`RunWriter.changeFrames`).
 *
 * @throws RecordsError when it can't be written; the old one still stands
 */
export async function writeLabelFrame(folder: string, { trials, ...about }: LabelFrame): Promise<void> {
  const file = join(folder, FOLDER, `${about.id}${EXTENSION}`);
  const lines = [about, ...trials].map((line) => `${JSON.stringify(line)}\n`);
  try {
    makePlainFolder(join(folder, FOLDER));
  } catch (error) {
    throw error instanceof RecordsError ? error : diskError(error, file);
  }
  await replaceFile(file, lines.join(''));
}
