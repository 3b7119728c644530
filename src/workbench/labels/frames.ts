import { type Eval, InputError } from '../../core/index.ts';
import { type LabelFrame, type RunReader, type RunWriter, writeLabelFrame } from '../../records/index.ts';
import { judgedTrials } from './judged-trials.ts';
import { type LabelledMeasure, labelledMeasures, setAsking } from './measure.ts';
import { extend, pick } from './pick.ts';
import { type LabelledQuestion, questionOfMeasure, questionsOf } from './question.ts';

export interface PickOptions {
  /** Ids of measures, or what is after the slash. */
  readonly measures: readonly string[];
  /** Wanted of every stage; by default what is picked already, or 100. */
  readonly labels?: number;
  /** Of the random numbers, when a measure is picked for the first time; 1 by default. */
  readonly seed?: number;
  /** Ids of the raters whose answers make the strata. */
  readonly judges?: readonly string[];
  /** Evals that are not among stemma's own, by the name that the manifest has for them. */
  readonly evals?: Readonly<Record<string, Eval>>;
}

/** Who labels what, in which run. */
export interface LabellingOptions extends PickOptions {
  readonly folder: string;
  readonly labeller?: string;
  /** Whether the labeller is a model. */
  readonly isModel?: boolean;
}

/** What is to be labelled of one measure. */
export interface Framed {
  readonly labelled: LabelledMeasure;
  readonly frame: LabelFrame;
  readonly question: LabelledQuestion;
}

const LABELS = 100;

/**
 * The frames of the measures wanted (by default of those that were begun): those that are there, grown where more labels are asked for than were picked, and new
 * ones. What has changed is on disk when this resolves.
 *
 * @throws InputError as `labelledMeasures` and `judgedTrials` do, and for a number of labels that is none
 */
export async function pickFrames(writer: RunWriter, options: PickOptions): Promise<Framed[]> {
  const { labels } = options;
  if (labels !== undefined && !(Number.isInteger(labels) && labels >= 1))
    throw new InputError(`${labels} is not a number of labels`);
  const framed: Framed[] = [];
  const begun = writer.reader.labelFrames().map(({ measure }) => measure);
  const measures = options.measures.length === 0 ? begun : options.measures;
  for (const labelled of labelledMeasures(writer.manifest, measures)) {
    framed.push(await pickFrame(writer, labelled, options));
  }
  return framed;
}

async function pickFrame(
  writer: RunWriter,
  labelled: LabelledMeasure,
  options: PickOptions,
): Promise<Framed> {
  const { reader } = writer;
  const { info, measure } = labelled;
  const id = `${info.id}.${measure.id.split('/').at(-1)}`;
  const before = reader.labelFrames().find((frame) => frame.id === id);
  if (before !== undefined && options.labels === undefined) {
    return { labelled, frame: before, question: await questionFor(reader, labelled, before.trials, options) };
  }
  const wanted = before === undefined ? options.judges : before.judges;
  const { judges, trials } = await judgedTrials(reader, labelled, wanted);
  const question = await questionFor(reader, labelled, trials, options);
  const labels = options.labels ?? LABELS;
  const frame =
    before === undefined
      ? pick(
          {
            format: 'stemma-labels',
            formatVersion: 1,
            id,
            createdAt: new Date().toISOString(),
            eval: info.id,
            measure: measure.id,
            measures: question.measures,
            question: setAsking(info, measure, options.evals) === undefined ? null : question.question.id,
            judges,
            seed: options.seed ?? 1,
          },
          trials,
          labels,
        )
      : extend(before, trials, labels);
  if (before === undefined || frame.trials.some(({ place }, i) => place !== before.trials[i]?.place))
    await writeLabelFrame(writer.folder, frame);
  return { labelled, frame, question };
}

/** A frame that is there, with its question. @throws InputError when nothing was picked for the measure yet */
export async function openFrames(reader: RunReader, options: PickOptions): Promise<Framed[]> {
  const frames = reader.labelFrames();
  const all = options.measures.length === 0 && frames.length > 0;
  const wanted = labelledMeasures(
    reader.manifest,
    all ? frames.map(({ measure }) => measure) : options.measures,
  );
  const framed: Framed[] = [];
  for (const labelled of wanted) {
    const frame = frames.find((one) => one.eval === labelled.info.id && one.measure === labelled.measure.id);
    if (frame === undefined) {
      if (all) continue;
      throw new InputError(`nothing was picked for labelling on ${labelled.measure.id} yet`, {
        remedy: 'Pick first: stemma label RUN, or stemma label RUN --export FILE.',
      });
    }
    framed.push({ labelled, frame, question: await questionFor(reader, labelled, frame.trials, options) });
  }
  return framed;
}

/** How many trials are looked at for one that is asked the question; judges gave all of them a value, so one is enough. */
const LOOKED_AT = 20;

/** The question behind a measure, as one of these trials is asked it. */
export async function questionFor(
  reader: RunReader,
  { info, measure }: LabelledMeasure,
  trials: readonly { readonly key: string }[],
  options: PickOptions,
): Promise<LabelledQuestion> {
  const evaluation = setAsking(info, measure, options.evals);
  if (evaluation === undefined) return questionOfMeasure(measure);
  for (const { key } of trials.slice(0, LOOKED_AT)) {
    const transcript = await reader.transcript(key);
    if (transcript === undefined) continue;
    const found = questionsOf(evaluation, transcript).find(({ measures }) => measures.includes(measure.id));
    if (found !== undefined) return found;
  }
  // Results of an eval of stemma's own that others published, in a layout of theirs.
  return questionOfMeasure(measure);
}
