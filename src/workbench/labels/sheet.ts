import { open, rename, rm } from 'node:fs/promises';
import { digestOfText, type ErrorPlace, InputError, type Rating, type TrialKey } from '../../core/index.ts';
import { readTable, unwritable } from '../../files/index.ts';
import { sectionsOf, viewOf } from '../../raters/index.ts';
import { type LabelFrame, openRun, openRunWriter, type RunReader } from '../../records/index.ts';
import { answersOf } from './answers.ts';
import { parseAnswer, scaleInWords } from './choices.ts';
import { criteriaOf, type Framed, openFrames, type PickOptions, pickFrames } from './frames.ts';
import { addLabeller, raterOf } from './labellers.ts';
import { type LabelAnswer, ratingsOf } from './question.ts';
import { sameGiven, withDate } from './take-labels.ts';

interface SheetOptions extends PickOptions {
  readonly folder: string;
  readonly labeller?: string;
  readonly file: string;
}

/**
 * The columns of a sheet. `item` stands for the trial and says nothing of its stage; `label` is what the labeller fills in,
 * and all that an import needs besides.
 */
const COLUMNS = ['item', 'measure', 'question', 'choices', 'criteria', 'transcript', 'label'] as const;

/**
 * The name of a trial on a sheet: 64 bits of a digest of its key and the frame's, which a labeller could undo only by trying
 * out keys of the very run.
 */
function itemName({ id, seed, createdAt }: LabelFrame, key: TrialKey): string {
  const name = digestOfText(`${id}/${seed}/${createdAt}/${key}`).slice(0, 16);
  // A spreadsheet would take 1234567890123e45 for a number and write it back as one.
  return /^\d+(e\d+)?$/.test(name) ? `a${name.slice(1)}` : name;
}

/**
 * Writes what is to be labelled as a CSV for labelling elsewhere: the same trials in the same order as in the terminal,
 * without those that this labeller has answered, blind to the stage. Picks first where nothing is picked.
 *
 * @returns how many rows it has
 * @throws InputError as `pickFrames` does, or when the file can't be written
 */
export async function exportSheet(options: SheetOptions): Promise<number> {
  const rater = raterOf(options.labeller);
  const framed = await (async () => {
    await using writer = await openRunWriter(options.folder);
    return await writer.changeFrames(() => pickFrames(writer, options));
  })();
  using reader = await openRun(options.folder);
  const rows: string[][] = [];
  for (const one of framed) {
    const answers = await answersOf(reader, one, rater);
    const picked = one.frame.trials.filter(({ key, place }) => place !== undefined && !answers.has(key));
    for (const { key } of picked.toSorted((a, b) => a.place! - b.place!))
      rows.push(await rowOf(reader, one, key));
  }
  await writeWhole(
    options.file,
    [[...COLUMNS], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join(''),
  );
  return rows.length;
}

async function rowOf(reader: RunReader, framed: Framed, key: TrialKey): Promise<string[]> {
  const transcript = await reader.transcript(key);
  if (transcript === undefined)
    throw new InputError('this trial is no longer in the run', { place: { trial: key } });
  const { question, labelled, frame } = framed;
  const { rubric } = question.question;
  const sections = sectionsOf(viewOf(question.question, transcript));
  const text = sections.map(({ title, text: words }) => `=== ${title.toUpperCase()}\n${words}`).join('\n\n');
  const criteria = criteriaOf(question, transcript) ?? '';
  return [
    itemName(frame, key),
    labelled.measure.id,
    rubric.text,
    scaleInWords(rubric.answer),
    criteria,
    text,
    '',
  ];
}

/** A cell of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it: transcripts are not trusted. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  try {
    await using handle = await open(draft, 'w');
    await handle.writeFile(text);
    await handle.sync();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw unwritable('the sheet', file, error);
  }
}

/** What an import did with the rows of a sheet. */
interface Imported {
  readonly rater: string;
  /** Labels that are new, or other than before. */
  readonly recorded: number;
  /** Labels that were there already. */
  readonly known: number;
  /** Rows without a label. */
  readonly empty: number;
}

/**
 * Reads labels from a table (CSV, TSV, JSONL, JSON, Parquet) and records them as a labeller's: columns `item` (as an
 * exported sheet names trials) or `key` (`stage/eval/sample#epoch`), and `label`; `measure` where `key` is used and several
 * measures were picked. An empty label is none; `skip` says that the labeller would not say. Nothing is recorded unless
 * every row is in order.
 *
 * @throws InputError naming file and line: a trial that was not picked, a label that the scale has not, one trial labelled
 *   twice, a column that is missing
 */
export async function importSheet(options: SheetOptions): Promise<Imported> {
  const rater = raterOf(options.labeller);
  await using writer = await openRunWriter(options.folder, [`label:${rater}`]);
  const framed = await openFrames(writer.reader, options);
  const rows = await readRows(options.file, framed);
  const known = new Map(
    await Promise.all(framed.map(async (one) => [one, await answersOf(writer.reader, one, rater)] as const)),
  );
  const fresh = rows.labels.filter(({ of, key, given }) => !sameGiven(known.get(of)!.get(key)?.given, given));
  for (const one of framed) {
    if (rows.labels.some(({ of }) => of === one))
      await addLabeller(writer, rater, one.frame.eval, one.question);
  }
  const ratings: Rating[] = [];
  for (const { of, key, given } of fresh) {
    const transcript = await writer.reader.transcript(key);
    if (transcript === undefined)
      throw new InputError('this trial is no longer in the run', { place: { trial: key } });
    ratings.push(...ratingsOf(of.question, transcript, given, rater));
  }
  // At once: a wait for the disk a label makes a sheet of a thousand a matter of minutes.
  await writer.appendRatings(withDate(ratings));
  return {
    rater,
    recorded: fresh.length,
    known: rows.labels.length - fresh.length,
    empty: rows.empty,
  };
}

interface LabelRow {
  readonly of: Framed;
  readonly key: TrialKey;
  readonly given: LabelAnswer | 'skipped';
}

async function readRows(
  file: string,
  framed: readonly Framed[],
): Promise<{ readonly labels: readonly LabelRow[]; readonly empty: number }> {
  const names = placesOf(framed);
  const lines = new Map<string, number>();
  const labels: LabelRow[] = [];
  let empty = 0;
  for await (const { row, line } of readTable(file, { columns: ['label'] })) {
    const place = { file, line };
    const said = text(row.label);
    if (said === '') {
      empty++;
      continue;
    }
    const { of, key } = trialOf(row, names, framed, place);
    const name = `${of.frame.id} ${key}`;
    const before = lines.get(name);
    if (before !== undefined)
      throw new InputError(`this trial is labelled in line ${before} already`, { place });
    lines.set(name, line);
    labels.push({ of, key, given: givenOf(said, of, place) });
  }
  return { labels, empty };
}

type SheetPlaces = ReadonlyMap<string, { readonly of: Framed; readonly key: TrialKey }>;

function placesOf(framed: readonly Framed[]): SheetPlaces {
  return new Map(
    framed.flatMap((of) =>
      of.frame.trials.flatMap(({ key, place }) =>
        place === undefined ? [] : [[itemName(of.frame, key), { of, key }] as const],
      ),
    ),
  );
}

function trialOf(
  row: Readonly<Record<string, unknown>>,
  names: SheetPlaces,
  framed: readonly Framed[],
  place: ErrorPlace,
): { readonly of: Framed; readonly key: TrialKey } {
  const item = text(row.item);
  if (item !== '') {
    const found = names.get(item);
    if (found !== undefined) return found;
    throw new InputError(`no trial that was picked in this run has the item "${item}"`, {
      place,
      remedy: 'Import the sheet into the run that it was exported from.',
    });
  }
  const key = text(row.key);
  if (key === '') {
    throw new InputError('this row says neither "item" nor "key"', {
      place,
      remedy: 'Give the column "item" of an exported sheet, or "key" (stage/eval/sample#epoch).',
    });
  }
  const measure = text(row.measure);
  const fitting = framed.filter(
    ({ frame }) =>
      (measure === '' || frame.measure === measure) &&
      frame.trials.some((trial) => trial.key === key && trial.place !== undefined),
  );
  if (fitting.length === 1) return { of: fitting[0]!, key };
  if (fitting.length > 1) {
    throw new InputError(
      `"${key}" was picked for ${fitting.map(({ frame }) => frame.measure).join(' and ')}`,
      {
        place,
        remedy: 'Say which in a column "measure".',
      },
    );
  }
  throw new InputError(`"${key}" is not among the trials that were picked for labelling`, {
    place,
    remedy:
      'Only labels of picked trials can be weighted. `stemma label RUN --export FILE` writes a sheet of them.',
  });
}

function givenOf(said: string, { question }: Framed, place: ErrorPlace): LabelAnswer | 'skipped' {
  if (/^skip(ped)?$/i.test(said)) return 'skipped';
  const scale = question.question.rubric.answer;
  const answer = parseAnswer(said, scale);
  if (answer !== null) return answer;
  throw new InputError(`"${said}" is not on the scale of ${question.question.id}`, {
    place: { ...place, key: 'label' },
    remedy: `It has: ${scaleInWords(scale)}; or "skip".`,
  });
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value).trim();
}
