import { type ErrorPlace, InputError, parseTrialKey, type Rating, type TrialKey } from '../../core/index.ts';
import { readTable } from '../../files/index.ts';
import { openRunWriter, type RunReader } from '../../records/index.ts';
import { answersOf } from './answers.ts';
import { parseAnswer, scaleInWords } from './choices.ts';
import { type LabellingOptions, type PickOptions, questionFor } from './frames.ts';
import { addLabeller, raterOf } from './labellers.ts';
import { type LabelledMeasure, labelledMeasures } from './measure.ts';
import { type LabelAnswer, type LabelledQuestion, ratingsOf } from './question.ts';
import { itemName } from './sheet.ts';
import { sameGiven, withDate } from './take-labels.ts';

interface ImportOptions extends LabellingOptions {
  readonly file: string;
}

/** What an import did with the rows of a table. */
interface ImportedLabels {
  readonly rater: string;
  /** Labels that are new, or other than before. */
  readonly recorded: number;
  /** Labels that were there already. */
  readonly known: number;
  /** Rows without a label. */
  readonly empty: number;
  /** Labels of trials that stemma did not pick: they are weighted by what the judge says. */
  readonly notPicked: number;
}

/**
 * Reads labels from a table (CSV, TSV, JSONL, JSON, Parquet) and records them as a labeller's: columns `item` (as an
 * exported sheet names trials) or `key` (`stage/eval/sample#epoch`), and `label`; `measure` where the key alone does not say
 * which question is meant. Trials need not have been picked. An empty label is none; `skip` says that the labeller would not
 * say. Nothing is recorded unless every row is in order.
 *
 * @throws InputError naming file and line: a trial that the run does not have, a label that the scale has not, one trial
 *   labelled twice, a column that is missing
 */
export async function importSheet(options: ImportOptions): Promise<ImportedLabels> {
  const rater = raterOf(options.labeller, options.isModel);
  await using writer = await openRunWriter(options.folder, [`label:${rater}`]);
  const { reader } = writer;
  const { rows, empty } = await readRows(options.file);
  const asked = await askedOf(reader, rows, options);
  const labels = labelsOf(reader, rows, asked);
  const fresh: GivenLabel[] = [];
  for (const of of asked) {
    const own = labels.filter((label) => label.of === of);
    if (own.length === 0) continue;
    const trials = own.map(({ key }) => ({ key, stratum: 0, place: 0 }));
    const frame = { measure: of.labelled.measure.id, trials };
    const known = await answersOf(reader, { frame, question: of.question }, rater);
    fresh.push(...own.filter(({ key, given }) => !sameGiven(known.get(key)?.given, given)));
    await addLabeller(writer, rater, of.labelled.info.id, of.question);
  }
  const ratings: Rating[] = [];
  for (const { of, key, given } of fresh) {
    const transcript = await reader.transcript(key);
    if (transcript === undefined)
      throw new InputError('this trial is no longer in the run', { place: { trial: key } });
    ratings.push(...ratingsOf(of.question, transcript, given, rater));
  }
  // At once: a wait for the disk a label makes a sheet of a thousand a matter of minutes.
  await writer.appendRatings(withDate(ratings));
  return {
    rater,
    recorded: fresh.length,
    known: labels.length - fresh.length,
    empty,
    notPicked: labels.filter(({ of, key }) => !of.picked.has(key)).length,
  };
}

/** A row with a label, as it was written. */
interface LabelRow {
  readonly item: string;
  readonly key: string;
  readonly measure: string;
  readonly said: string;
  readonly place: ErrorPlace & { readonly line: number };
}

async function readRows(
  file: string,
): Promise<{ readonly rows: readonly LabelRow[]; readonly empty: number }> {
  const rows: LabelRow[] = [];
  let empty = 0;
  for await (const { row, line } of readTable(file, { columns: ['label'] })) {
    const place = { file, line };
    const read = {
      item: text(row.item),
      key: text(row.key),
      measure: text(row.measure),
      said: text(row.label),
      place,
    };
    if (read.said === '') empty++;
    else if (read.item !== '' || read.key !== '') rows.push(read);
    else {
      throw new InputError('this row says neither "item" nor "key"', {
        place,
        remedy: 'Give the column "item" of an exported sheet, or "key" (stage/eval/sample#epoch).',
      });
    }
  }
  if (rows.length + empty === 0) {
    throw new InputError('this table has no rows', {
      place: { file },
      remedy: 'Import the sheet that was exported, with its column "label" filled in.',
    });
  }
  return { rows, empty };
}

/** @throws InputError with the line of a row whose measure the run does not have */
function requireMeasures({ manifest }: RunReader, rows: readonly LabelRow[]): void {
  for (const [measure, [row]] of Map.groupBy(rows, (one) => one.measure)) {
    if (measure === '') continue;
    try {
      labelledMeasures(manifest, [measure]);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(error.message, {
        place: { ...row!.place, key: 'measure' },
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      });
    }
  }
}

/** A measure that labels may be of, with the question behind it and what was picked. */
interface AskedMeasure {
  readonly labelled: LabelledMeasure;
  readonly question: LabelledQuestion;
  readonly picked: ReadonlySet<TrialKey>;
  /** Picked trials by their names on an exported sheet. */
  readonly items: ReadonlyMap<string, TrialKey>;
}

/** The measures that were asked for, else those that the table or what was picked names, else all of the evals of its keys. */
async function askedOf(
  reader: RunReader,
  rows: readonly LabelRow[],
  options: PickOptions,
): Promise<AskedMeasure[]> {
  requireMeasures(reader, rows);
  const frames = reader.labelFrames();
  const named = [...frames.map(({ measure }) => measure), ...rows.flatMap(({ measure }) => measure || [])];
  const evals = new Set(rows.flatMap(({ key }) => (key === '' ? [] : [key.split('/')[1]])));
  const all = reader.manifest.evals
    .filter(({ id }) => evals.has(id))
    .flatMap(({ measures }) => measures.filter(({ derived, control }) => !derived && !control));
  const wanted =
    options.measures.length > 0 ? options.measures : named.length > 0 ? named : all.map(({ id }) => id);
  const asked: AskedMeasure[] = [];
  for (const labelled of labelledMeasures(reader.manifest, wanted)) {
    const { info, measure } = labelled;
    const frame = frames.find((one) => one.eval === info.id && one.measure === measure.id);
    const keys = rows
      .filter(({ key }) => key.split('/')[1] === info.id)
      .map(({ key }) => ({ key: wholeKey(key) }));
    const question = await questionFor(reader, labelled, frame?.trials ?? keys, options);
    // One answer gives a value of every measure of its question.
    const before = asked.some(
      (one) => one.labelled.info === info && one.question.digest === question.digest && frame === undefined,
    );
    if (before) continue;
    const picked = (frame?.trials ?? []).filter(({ place }) => place !== undefined).map(({ key }) => key);
    asked.push({
      labelled,
      question,
      picked: new Set(picked),
      items: new Map(frame === undefined ? [] : picked.map((key) => [itemName(frame, key), key])),
    });
  }
  // Where the eval asks a question of these trials, a measure that they are not asked of is not meant.
  const ownQuestion = ({ question, labelled: { measure } }: AskedMeasure) =>
    question.question.id !== measure.id;
  return asked.filter(
    (one) =>
      named.includes(one.labelled.measure.id) ||
      ownQuestion(one) ||
      !asked.some((other) => other.labelled.info === one.labelled.info && ownQuestion(other)),
  );
}

interface GivenLabel {
  readonly of: AskedMeasure;
  readonly key: TrialKey;
  readonly given: LabelAnswer | 'skipped';
}

function labelsOf(
  reader: RunReader,
  rows: readonly LabelRow[],
  asked: readonly AskedMeasure[],
): GivenLabel[] {
  const lines = new Map<string, number>();
  return rows.map((row) => {
    const { of, key } = trialOf(reader, row, asked);
    const name = `${of.labelled.measure.id} ${key}`;
    const before = lines.get(name);
    if (before !== undefined)
      throw new InputError(`this trial is labelled in line ${before} already`, {
        place: row.place,
        remedy:
          'Leave one of the two lines out. Labels of two people are imported apart, each with --labeller.',
      });
    lines.set(name, row.place.line);
    return { of, key, given: givenOf(row, of) };
  });
}

function trialOf(
  reader: RunReader,
  { item, key: written, measure, place }: LabelRow,
  asked: readonly AskedMeasure[],
): { readonly of: AskedMeasure; readonly key: TrialKey } {
  if (item !== '') {
    const of = asked.find(({ items }) => items.has(item));
    if (of !== undefined) return { of, key: of.items.get(item)! };
    throw new InputError(`no trial that was picked in this run has the item "${item}"`, {
      place,
      remedy: 'Import the sheet into the run that it was exported from.',
    });
  }
  const key = wholeKey(written);
  if (reader.trial(key) === undefined) {
    throw new InputError(`the run has no trial "${written}"`, {
      place,
      remedy: 'A key is stage/eval/sample#epoch; `stemma show RUN` lists those of the run.',
    });
  }
  const { eval: id } = parseTrialKey(key);
  const fitting = asked.filter(
    ({ labelled: { info, measure: one } }) =>
      info.id === id && (measure === '' || one.id === measure || one.id.endsWith(`/${measure}`)),
  );
  const picked = fitting.filter((one) => one.picked.has(key));
  const meant = picked.length > 0 ? picked : fitting;
  if (meant.length === 1) return { of: meant[0]!, key };
  throw new InputError(
    meant.length === 0
      ? `no measure that can be labelled fits "${written}"`
      : `"${written}" could be a label of ${meant.map(({ labelled }) => labelled.measure.id).join(' or ')}`,
    { place, remedy: 'Say which measure in a column "measure", or with --measure.' },
  );
}

/** Without an epoch the first is meant. */
function wholeKey(written: string): TrialKey {
  return /#\d+$/.test(written) ? written : `${written}#1`;
}

function givenOf({ said, place }: LabelRow, { question }: AskedMeasure): LabelAnswer | 'skipped' {
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
