import { type Rating, type Served, signsOf, type Transcript, type TrialSign } from '../core/index.ts';
import { count, trimmed } from '../format/index.ts';
import { type ServerDescription, settingsText } from '../models/index.ts';

/** The first answer of this session that a stage gave to an eval, or that a judge gave about one. */
export interface FirstAnswer {
  readonly by: 'stage' | 'judge';
  readonly id: string;
  readonly eval: string;
  readonly sample: string;
  /** The last message that went to a stage; `null` for a judge. */
  readonly sent: string | null;
  /** What a stage answered, or what a judge replied. */
  readonly came: string | null;
  /** What a judge's reply was worth. */
  readonly ratings: readonly Pick<Rating, 'measure' | 'status' | 'label' | 'value'>[];
  readonly signs: readonly TrialSign[];
  readonly served: readonly Served[];
  /** Output tokens a second in this trial, with others under way; `null` where it is not known. */
  readonly tokensPerSecond: number | null;
  /** What the server says of itself; `null` where it says nothing. */
  readonly server: ServerDescription | null;
}

/** Whose answer it is. */
interface Answering {
  readonly id: string;
  readonly server: () => ServerDescription | null;
}

/** Tells the first answer of each stage and each judge to each eval, so that a reader sees early what a run gets. */
export class FirstAnswers {
  readonly #listener: ((first: FirstAnswer) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(listener: ((first: FirstAnswer) => void) | undefined) {
    this.#listener = listener;
  }

  answered(stage: Answering, transcript: Transcript): void {
    const { trial, input, response, served = [], usage, durationMs, status } = transcript;
    if (status === 'error' || !this.#isFirst('stage', stage.id, trial.eval)) return;
    const tokens = usage.outputTokens;
    this.#listener?.({
      by: 'stage',
      id: stage.id,
      eval: trial.eval,
      sample: trial.sample,
      sent: input.at(-1)?.content ?? null,
      came: response,
      ratings: [],
      signs: signsOf(transcript),
      served,
      tokensPerSecond: tokens === null || !durationMs ? null : (tokens / durationMs) * 1_000,
      server: stage.server(),
    });
  }

  rated(judge: Answering, trial: Transcript['trial'], ratings: readonly Rating[]): void {
    const [first] = ratings;
    if (first?.raw === undefined || !this.#isFirst('judge', judge.id, trial.eval)) return;
    this.#listener?.({
      by: 'judge',
      id: judge.id,
      eval: trial.eval,
      sample: trial.sample,
      sent: null,
      came: first.raw,
      ratings: ratings.map(({ measure, status, value, label }) => ({
        measure,
        status,
        value,
        ...(label === undefined ? {} : { label }),
      })),
      signs: [],
      served: first.served === undefined ? [] : [first.served],
      tokensPerSecond: null,
      server: judge.server(),
    });
  }

  #isFirst(by: string, id: string, evalId: string): boolean {
    if (this.#listener === undefined) return false;
    const key = `${by}/${id}/${evalId}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }
}

/** A first answer in a few lines for a terminal. */
export function firstAnswerLines(first: FirstAnswer): string[] {
  const { by, id, eval: name, sample, sent, came, ratings, signs, served, server, tokensPerSecond } = first;
  const adds = server?.adds == null ? '' : settingsText(server.adds);
  const facts = [
    ...served.map(({ model, root }) => (root === undefined ? model : `${model} (root ${root})`)),
    ...(server?.software == null ? [] : [server.software]),
    ...(server?.contextTokens == null ? [] : [`context of ${count(server.contextTokens)} tokens`]),
    ...(adds === '' ? [] : [`the server adds ${adds}`]),
    ...(tokensPerSecond === null ? [] : [`${trimmed(tokensPerSecond, 1)} tokens/s`]),
    ...(signs.length === 0 ? [] : [signs.join(', ')]),
  ];
  const about = facts.length === 0 ? '' : ` (${facts.join('; ')})`;
  const values = ratings.map(
    ({ measure, status, label, value }) => `${measure} ${status === 'rated' ? (label ?? value) : status}`,
  );
  return [
    `first answer of the ${by} ${id} to ${name}, ${sample}${about}`,
    ...(sent === null ? [] : [`  > ${short(sent)}`]),
    `  < ${came === null || came === '' ? '(empty)' : short(came)}`,
    ...(values.length === 0 ? [] : [`  = ${values.slice(0, 4).join(', ')}`]),
  ];
}

const MOST_CHARACTERS = 160;

function short(text: string): string {
  const line = text
    .slice(0, 4 * MOST_CHARACTERS)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)} …` : line;
}
