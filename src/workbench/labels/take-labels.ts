import { InputError, type Rating, type Transcript } from '../../core/index.ts';
import { ADJUDICATED_RATER } from '../../core/persons-id.ts';
import { sectionsOf, viewOf } from '../../raters/index.ts';
import { openRunWriter, type RunReader, type RunWriter } from '../../records/index.ts';
import { answersOf, itemsOf } from './answers.ts';
import { type Framed, type LabellingOptions, type PickOptions, pickFrames } from './frames.ts';
import { addLabeller, labellersOf, raterOf } from './labellers.ts';
import { type Given, ratingsOf } from './question.ts';
import type { Shown } from './screen.ts';
import { answered, beginSession, type Recording, type SessionItem } from './session.ts';
import { type LabelDialogue, requireTerminal, runDialogue, type Terminal } from './terminal.ts';

interface TakeOptions extends LabellingOptions {
  readonly terminal?: Terminal;
}

/** What a labeller did in the terminal. */
export interface LabelCounts {
  readonly rater: string;
  readonly measures: readonly { readonly id: string; readonly labelled: number; readonly picked: number }[];
  readonly interrupted: boolean;
}

/**
 * Picks what to label where nothing is picked yet, and takes labels in the terminal, measure after measure, until all are
 * labelled or the labeller quits. Every answer is on disk before the next trial is shown. Several people can label at once,
 * each under a name.
 *
 * @throws InputError as `pickFrames` does, and where there is no terminal; RecordsError when somebody labels under the same name
 */
export async function takeLabels(options: TakeOptions): Promise<LabelCounts> {
  const rater = raterOf(options.labeller, options.isModel);
  requireTerminal(options.terminal ?? {});
  await using writer = await openRunWriter(options.folder, [`label:${rater}`]);
  const framed = await prepareLabels(writer, options, rater);
  const { reader } = writer;
  const taken: LabelCounts['measures'][number][] = [];
  let stopped: 'quit' | 'interrupted' | null = null;
  for (const one of framed) {
    const { items, history } = itemsOf(one.frame, await answersOf(reader, one, rater));
    let state = beginSession(items, history);
    // A measure that is labelled already is passed over, but for the last: there one can look back and undo.
    if (stopped === null && (state.at < items.length || framed.length === 1)) {
      const ended = await runDialogue(state, dialogueOf(options, writer, one, rater));
      state = ended.state;
      if (ended.interrupted) stopped = 'interrupted';
      else if (state.at < items.length) stopped = 'quit';
    }
    taken.push({
      id: one.labelled.measure.id,
      labelled: answered(state),
      picked: items.length,
    });
  }
  return { rater, measures: taken, interrupted: stopped === 'interrupted' };
}

/**
 * Picks what to label where nothing is picked yet, and puts the labeller among the raters.
 *
 * @throws InputError as `pickFrames` does, and where a name is missing because others label under theirs
 */
export async function prepareLabels(
  writer: RunWriter,
  options: PickOptions,
  rater: string,
): Promise<Framed[]> {
  if (rater === ADJUDICATED_RATER && labellersOf(writer.manifest).length > 0) {
    throw new InputError(
      `in this run people label under their names: ${labellersOf(writer.manifest).join(', ')}`,
      {
        remedy: 'Give yours with --labeller NAME; or settle where they differ with --adjudicate.',
      },
    );
  }
  const framed = await writer.changeFrames(() => pickFrames(writer, options));
  for (const { frame, question } of framed) await addLabeller(writer, rater, frame.eval, question);
  return framed;
}

function dialogueOf(options: TakeOptions, writer: RunWriter, framed: Framed, rater: string): LabelDialogue {
  return {
    ...options.terminal,
    shown: async ({ items, at }) => shownOf(writer.reader, framed, items[at]),
    record: (recording) => recordOne(writer, framed, rater, recording),
  };
}

/** What is shown of an item: as much of its transcript as the question shows, without a word of where it is from. */
export async function shownOf(
  reader: RunReader,
  { labelled, question }: Framed,
  item: SessionItem | undefined,
): Promise<Shown | null> {
  if (item === undefined) return null;
  const transcript = await transcriptOf(reader, item.key);
  const criteria = question.question.criteria?.(transcript);
  const { rubric } = question.question;
  return {
    title: labelled.measure.title,
    rubric: rubric.text,
    scale: rubric.answer,
    sections: sectionsOf(viewOf(question.question, transcript)),
    ...(criteria === undefined ? {} : { criteria }),
  };
}

async function transcriptOf(reader: RunReader, key: string): Promise<Transcript> {
  const transcript = await reader.transcript(key);
  if (transcript !== undefined) return transcript;
  throw new InputError('this trial was picked for labelling and is no longer in the run', {
    place: { trial: key },
  });
}

/** Puts one answer on disk. */
export async function recordOne(
  writer: RunWriter,
  { question }: Framed,
  rater: string,
  { key, given }: Recording,
): Promise<void> {
  const ratings = ratingsOf(question, await transcriptOf(writer.reader, key), given, rater);
  await writer.appendRatings(withDate(ratings));
}

/** Ratings that a person gives now. */
export function withDate(ratings: readonly Rating[]): Rating[] {
  const at = new Date().toISOString();
  return ratings.map((rating) => ({ ...rating, at }));
}

/** Whether two answers say the same. */
export function sameGiven(a: Given | undefined, b: Given | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.label === b.label && a.score === b.score;
}
