import { digestOfText, InputError, type TrialKey } from '../../core/index.ts';
import { unwritable, writeWhole } from '../../files/index.ts';
import { sectionsOf, viewOf } from '../../raters/index.ts';
import { type LabelFrame, openRun, openRunWriter, type RunReader } from '../../records/index.ts';
import { answersOf } from './answers.ts';
import { scaleInWords } from './choices.ts';
import { type Framed, type LabellingOptions, pickFrames } from './frames.ts';
import { raterOf } from './labellers.ts';

interface SheetOptions extends LabellingOptions {
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
export function itemName({ id, seed, createdAt }: LabelFrame, key: TrialKey): string {
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
  const rater = raterOf(options.labeller, options.isModel);
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
  const text = [[...COLUMNS], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
  await writeWhole(options.file, text).catch((error: unknown) => {
    throw unwritable('the sheet', options.file, error);
  });
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
  const criteria = question.question.criteria?.(transcript) ?? '';
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
