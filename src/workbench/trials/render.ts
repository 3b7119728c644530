import type { Rating, Transcript } from '../../core/index.ts';
import { cells, counted, left, painter, terminalText, wrapped } from '../../format/index.ts';
import { sectionsOf } from '../../raters/index.ts';
import { wrap } from '../labels/text.ts';
import type { RatedTrial, SampleTrials } from './sample-at.ts';
import { labelOf } from './table.ts';

/** What is shown of a sample. */
export interface ShownSample extends SampleTrials {
  readonly transcripts: ReadonlyMap<string, Transcript>;
  /** By trial: what raters said, with explanations. */
  readonly explained: ReadonlyMap<string, readonly Rating[]>;
}

export interface ShowOptions {
  readonly width: number;
  readonly color: boolean;
  /** Everything, and the conversation of an agent turn by turn; else texts are cut. */
  readonly full: boolean;
  /** The epoch whose texts are shown; absent: of each stage the first that passes the filter, else the first. */
  readonly epoch?: number;
}

const GAP = 3;
/** Stages are side by side where each has this much room; else one below the other. */
const NARROWEST = 30;
const PROMPT_LINES = 12;
const ANSWER_LINES = 24;

/** A sample for the terminal: its prompt, each stage's answer, and each rater's label and explanation. */
export function renderSample(shown: ShownSample, options: ShowOptions): string {
  const paint = painter(options.color);
  const { eval: evaluation, sample, cluster, trials } = shown;
  const chosen = chosenTrials(trials, options.epoch);
  const first = chosen.map(({ key }) => shown.transcripts.get(key)).find((each) => each !== undefined);
  const title = paint('bold', `${evaluation} · ${sample}`);
  const where = cluster === sample ? '' : paint('dim', `  cluster ${cluster}`);
  const prompt = first === undefined ? [] : promptLines(first, options);
  const columns = chosen.map((trial) => ({
    trial,
    lines: (width: number) => column(trial, shown, { ...options, width }),
  }));
  const room = Math.floor((options.width - GAP * (columns.length - 1)) / Math.max(1, columns.length));
  const answers =
    room >= NARROWEST
      ? sideBySide(
          columns.map(({ lines }) => lines(room)),
          room,
        )
      : columns.flatMap(({ lines }) => [...lines(options.width), '']);
  return [title + where, ...prompt, '', ...answers].join('\n').trimEnd();
}

/** Of each stage one trial. */
function chosenTrials(trials: readonly RatedTrial[], epoch: number | undefined): RatedTrial[] {
  const byStage = new Map<string, RatedTrial[]>();
  for (const trial of trials) byStage.set(trial.stage, [...(byStage.get(trial.stage) ?? []), trial]);
  return [...byStage.values()].flatMap((own) => {
    const chosen =
      epoch === undefined
        ? (own.find(({ matches }) => matches) ?? own[0])
        : own.find((trial) => trial.epoch === epoch);
    return chosen === undefined ? [] : [chosen];
  });
}

function promptLines({ input }: Transcript, { width, full, color }: ShowOptions): string[] {
  const paint = painter(color);
  const lines = input.flatMap(({ role, content }) => {
    const name = role === 'user' ? [] : [paint('dim', `${role}:`)];
    return [...name, ...textLines(content, width - 2).map((line) => `  ${line}`)];
  });
  return full ? lines : cut(lines, PROMPT_LINES, paint);
}

function column(
  trial: RatedTrial,
  { transcripts, explained, trials }: ShownSample,
  options: ShowOptions,
): string[] {
  const paint = painter(options.color);
  const { width } = options;
  const epochs = trials.filter(({ stage }) => stage === trial.stage);
  const of = epochs.length > 1 ? ` · epoch ${trial.epoch} of ${epochs.length}` : '';
  const status = trial.status === 'completed' ? '' : ` · ${trial.status}`;
  const head = wrapped(terminalText(`${trial.stage}${of}${status}`), { width, breakWords: true });
  const transcript = transcripts.get(trial.key);
  const answer =
    transcript === undefined ? ['(the transcript is not in the records)'] : answerLines(transcript, options);
  const ratings = (explained.get(trial.key) ?? []).flatMap((rating) => ratingLines(rating, epochs, options));
  return [
    ...head.map((line) => paint('bold', line)),
    ...(options.full ? answer : cut(answer, ANSWER_LINES, paint)),
    '',
    ...ratings,
  ];
}

function answerLines(transcript: Transcript, { width, full, color }: ShowOptions): string[] {
  const paint = painter(color);
  const dim = (lines: readonly string[]) => lines.map((line) => paint('dim', line));
  const { error, thoughts, response, output } = transcript;
  const failed = error ? textLines(`failed: ${error.message}`, width).map((line) => paint('red', line)) : [];
  const turns = output.filter(({ role }) => role === 'assistant').length;
  if (full && turns > 1) return [...conversation(transcript, width, dim), ...failed];
  const calls = output.reduce(
    (sum, each) => sum + (each.role === 'assistant' ? (each.toolCalls?.length ?? 0) : 0),
    0,
  );
  const worked =
    turns > 1
      ? dim(textLines(`${counted(turns, 'turn')}, ${counted(calls, 'tool call')}; the last answer:`, width))
      : [];
  const thinking = thoughts ? dim(textLines(`thoughts: ${thoughts}`, width)) : [];
  const said = response ? textLines(response, width) : error ? [] : dim(['(no text)']);
  return [...worked, ...thinking, ...(thinking.length > 0 ? [''] : []), ...said, ...failed];
}

/** An agent's turns, tool calls and results in order. The prompt is shown above. */
function conversation(
  transcript: Transcript,
  width: number,
  dim: (lines: readonly string[]) => string[],
): string[] {
  return sectionsOf({ ...transcript, input: [] }).flatMap(({ title, text }) => [
    ...dim([`── ${title}`]),
    ...textLines(text, width),
    '',
  ]);
}

function ratingLines(rating: Rating, epochs: readonly RatedTrial[], { width, color }: ShowOptions): string[] {
  const paint = painter(color);
  const { measure, rater, explanation, quote } = rating;
  const label = labelOf(rating);
  const all = epochs.flatMap(({ ratings }) =>
    ratings.filter((each) => each.measure === measure && each.rater === rater).map(labelOf),
  );
  const others = all.length > 1 ? paint('dim', ` (epochs: ${all.join(', ')})`) : '';
  const name = measure.split('/').at(-1);
  const words = [quote === undefined ? '' : `“${quote}”`, explanation ?? '']
    .filter((part) => part !== '')
    .join(' ');
  const head = wrapped(terminalText(`${name} by ${rater}: ${label}`), {
    width,
    hanging: 2,
    breakWords: true,
  });
  return [
    ...head.slice(0, -1),
    `${head.at(-1)}${others}`,
    ...(words === '' ? [] : textLines(words, width - 2).map((line) => paint('dim', `  ${line}`))),
  ];
}

function sideBySide(columns: readonly (readonly string[])[], room: number): string[] {
  const height = Math.max(0, ...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((lines) => lines[row] ?? '')
      .map((line) => (cells(line) > room ? line : line + ' '.repeat(room - cells(line))))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function textLines(text: string, width: number): string[] {
  return wrap(text.trim(), Math.max(10, width));
}

function cut(lines: readonly string[], most: number, paint: ReturnType<typeof painter>): string[] {
  if (lines.length <= most) return [...lines];
  const kept = lines.slice(0, most - 1);
  return [
    ...kept,
    paint('dim', left(`… ${counted(lines.length - kept.length, 'more line')} (--full)`, 30).trimEnd()),
  ];
}
