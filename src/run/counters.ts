import {
  hasLabelAlone,
  type Rating,
  type RatingStatus,
  signsOf,
  type Transcript,
  type TrialId,
  type TrialSign,
  type Usage,
} from '../core/index.ts';
import { costOf, type Price } from '../models/index.ts';
import { type Failure, FailureCounts, ratingFailure, sourceName } from './failures.ts';

/** The counts of one stage on one eval. */
export interface CellCounters {
  readonly stage: string;
  readonly eval: string;
  /** Trials planned. */
  readonly total: number;
  /** How many raters rate each answer. */
  raters: number;
  /** Trials that earlier sessions left nothing to do for. */
  skipped: number;
  /** Trials that this session ended: elicited, or rated where only ratings were missing. */
  done: number;
  /** Transcripts in the records, of all sessions, those with an error among them. */
  answered: number;
  errors: number;
  limits: number;
  /** Of the answers of this session. */
  readonly signs: Partial<Record<TrialSign, number>>;
  /** Answers that a rater has rated, counted per rater; of all sessions. */
  rated: number;
  /** Ratings in the records by status, of all sessions: one per measure. */
  readonly ratings: Record<RatingStatus, number>;
  /** Of this session, by rater, measure and label: labels that have no value for the measure (`hasLabelAlone`). */
  readonly labelsAlone: Map<string, LabelsAlone>;
  /** Spent by this session, raters included. */
  inputTokens: number;
  outputTokens: number;
  usd: number;
}

/** Answers that got a label which has no value for a measure. */
interface LabelsAlone extends Pick<Rating, 'rater' | 'measure'> {
  readonly label: string;
  count: number;
}

/** The latest failure, for the progress line. */
export interface LastError {
  /** The id of the stage or rater, or the ref of the model. */
  readonly from: string;
  readonly message: string;
  /** In ms since 1970. */
  readonly at: number;
}

/** Counts everything that a run does, by stage and eval: the one source of its progress, its summary and its budget. */
export class Counters {
  readonly cells: readonly CellCounters[];
  /** This session's. */
  readonly session = { errors: 0, ratings: noRatings(), inputTokens: 0, outputTokens: 0, usd: 0 };
  /** Ratings in the records by rater, of all sessions. */
  readonly #byRater = new Map<string, Record<RatingStatus, number>>();
  /** Of this session. */
  lastError: LastError | null = null;
  /** Calls whose provider did not say how many tokens they took. */
  unmeasured = 0;
  /** Called with the stage whose server was the first not to say. */
  onUnmeasured: ((stage: string) => void) | null = null;
  /** Tokens whose price nobody gave. */
  unpriced = 0;
  readonly #asked = new Set<string>();
  readonly #failures = new FailureCounts();
  /** By stage, then by eval: each trial asks for its own several times. */
  readonly #byStage: ReadonlyMap<string, ReadonlyMap<string, CellCounters>>;

  /** @param cells in the order they are shown in */
  constructor(cells: readonly Pick<CellCounters, 'stage' | 'eval' | 'total' | 'raters'>[]) {
    this.cells = cells.map((cell) => ({
      ...cell,
      skipped: 0,
      done: 0,
      answered: 0,
      errors: 0,
      limits: 0,
      signs: {},
      rated: 0,
      ratings: noRatings(),
      labelsAlone: new Map(),
      inputTokens: 0,
      outputTokens: 0,
      usd: 0,
    }));
    this.#byStage = new Map(
      [...Map.groupBy(this.cells, ({ stage }) => stage)].map(([stage, cells]) => [
        stage,
        new Map(cells.map((cell) => [cell.eval, cell])),
      ]),
    );
  }

  /** `undefined` for a stage or eval that the run does not have. */
  cell({ stage, eval: name }: Pick<TrialId, 'stage' | 'eval'>): CellCounters | undefined {
    return this.#byStage.get(stage)?.get(name);
  }

  /** A transcript that this session recorded. */
  transcript(
    cell: CellCounters,
    transcript: Pick<Transcript, 'status' | 'usage' | 'error' | 'input' | 'output'>,
    price: Price | null,
  ): void {
    const { status, usage, error } = transcript;
    cell.answered++;
    for (const sign of signsOf(transcript)) cell.signs[sign] = (cell.signs[sign] ?? 0) + 1;
    if (status === 'error') {
      cell.errors++;
      this.session.errors++;
      if (error) this.#note({ stage: cell.stage }, error);
      // A call that failed took no tokens that anybody could have counted.
      if (usage.inputTokens === null && usage.outputTokens === null) return;
    }
    if (status === 'limit') cell.limits++;
    if (usage.inputTokens === null || usage.outputTokens === null) {
      this.unmeasured++;
      if (this.unmeasured === 1) this.onUnmeasured?.(cell.stage);
    }
    this.#spend(cell, estimated(transcript), price);
  }

  /** What one rater said of one answer, recorded by this session. */
  ratings(cell: CellCounters, rater: string, ratings: readonly Rating[], price: Price | null): void {
    cell.rated++;
    if (ratings.length > 0) this.#asked.add(rater);
    for (const rating of ratings) {
      const { status, usage } = rating;
      cell.ratings[status]++;
      this.session.ratings[status]++;
      this.ofRater(rater)[status]++;
      if (hasLabelAlone(rating)) countLabel(cell, rating);
      else if (status !== 'rated') this.#note({ rater }, ratingFailure(rating, status));
      if (usage) this.#spend(cell, usage, price);
      if (usage && (usage.inputTokens === null || usage.outputTokens === null)) this.unmeasured++;
    }
  }

  /** The ratings of one rater in the records by status, of all sessions. */
  ofRater(rater: string): Record<RatingStatus, number> {
    let counts = this.#byRater.get(rater);
    if (counts === undefined) {
      counts = noRatings();
      this.#byRater.set(rater, counts);
    }
    return counts;
  }

  /** What failed in this session, the most frequent first, with the message of the first of each kind and source. */
  get failures(): readonly Failure[] {
    return this.#failures.all;
  }

  /** The raters that this session asked, and that have no rating with a value. */
  get ratedNothing(): readonly string[] {
    return [...this.#asked].filter((rater) => this.ofRater(rater).rated === 0);
  }

  #note(source: Parameters<FailureCounts['add']>[0], failure: Parameters<FailureCounts['add']>[1]): void {
    this.#failures.add(source, failure);
    // A judge that could not be read or declined did answer.
    if (failure.kind !== 'unparsed' && failure.kind !== 'refused')
      this.lastError = { from: sourceName(source), message: failure.message, at: Date.now() };
  }

  #spend(cell: CellCounters, usage: Usage, price: Price | null): void {
    const input = usage.inputTokens ?? 0;
    const output = usage.outputTokens ?? 0;
    const usd = price ? costOf(usage, price) : 0;
    if (!price) this.unpriced += input + output;
    for (const count of [cell, this.session]) {
      count.inputTokens += input;
      count.outputTokens += output;
      count.usd += usd;
    }
  }

  sum(count: (cell: CellCounters) => number): number {
    return this.cells.reduce((total, cell) => total + count(cell), 0);
  }
}

function countLabel({ labelsAlone }: CellCounters, { rater, measure, label = '' }: Rating): void {
  const name = JSON.stringify([rater, measure, label]);
  const counts = labelsAlone.get(name) ?? { rater, measure, label, count: 0 };
  counts.count++;
  labelsAlone.set(name, counts);
}

/** Characters of a token, about right for English and code. */
const CHARACTERS_PER_TOKEN = 4;

/** What an answer took, by the length of its texts where the server does not say: so that a budget holds all the same. */
export function estimated({ usage, input, output }: Pick<Transcript, 'usage' | 'input' | 'output'>): Usage {
  if (usage.inputTokens !== null && usage.outputTokens !== null) return usage;
  const tokens = (messages: Transcript['input']) =>
    Math.ceil(
      messages.reduce((sum, message) => {
        const thoughts = message.role === 'assistant' ? (message.thoughts?.length ?? 0) : 0;
        return sum + message.content.length + thoughts;
      }, 0) / CHARACTERS_PER_TOKEN,
    );
  return {
    ...usage,
    inputTokens: usage.inputTokens ?? tokens(input),
    outputTokens: usage.outputTokens ?? tokens(output),
  };
}

export function noRatings(): Record<RatingStatus, number> {
  return { rated: 0, unparsed: 0, refused: 0, error: 0 };
}
