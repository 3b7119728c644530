import type { AnswerScale, Rating, TrialKey } from '../../core/index.ts';
import type { LabelFrame, RunReader } from '../../records/index.ts';
import { isWithdrawn, type LabelAnswer, type LabelledQuestion } from './question.ts';
import type { SessionItem } from './session.ts';

/** What a labeller has answered so far, in the order in which it was answered. */
export type Answers = ReadonlyMap<TrialKey, LatestAnswer>;

interface LatestAnswer {
  readonly given: LabelAnswer | 'skipped';
  /** Which of two answers is the later one, whoever gave them: the greater. */
  readonly at: number;
}

/** A frame, and the question that its labellers are asked. */
interface AskedFrame {
  readonly frame: Pick<LabelFrame, 'measure' | 'trials'>;
  readonly question: LabelledQuestion;
}

/** Reads a labeller's answers of one frame from the records. */
export async function answersOf(
  run: RunReader,
  { frame: { measure, trials }, question: { question } }: AskedFrame,
  rater: string,
): Promise<Answers> {
  const picked = new Set(trials.flatMap(({ key, place }) => (place === undefined ? [] : [key])));
  const answers = new Map<TrialKey, LatestAnswer>();
  let place = 0;
  for await (const batch of run.ratingBatches({ measure })) {
    for (const rating of batch) {
      place++;
      if (rating.rater !== rater || !picked.has(rating.key)) continue;
      const given = answerOf(rating, question.rubric.answer);
      if (given !== null) answers.set(rating.key, { given, at: whenOf(rating, place) });
    }
  }
  return answers;
}

/** Labels of format 1 have no date. All of them are in one file, in order, and are older than any that has one. */
function whenOf({ at }: Rating, place: number): number {
  return at === undefined ? place : Date.parse(at);
}

/** On a scale of scores, the label of a rating is only the score's name. */
function answerOf(rating: Rating, { kind }: AnswerScale): LabelAnswer | 'skipped' | null {
  if (isWithdrawn(rating)) return null;
  if (rating.status === 'refused') return 'skipped';
  const { label, value } = rating;
  return kind === 'label' ? { label: label ?? null, score: null } : { label: null, score: value };
}

/** The picked trials of a frame in the order in which they are shown, with the answers that are there. */
export function itemsOf(
  { trials }: LabelFrame,
  answers: Answers,
): { readonly items: readonly SessionItem[]; readonly history: readonly number[] } {
  const items = trials
    .filter(({ place }) => place !== undefined)
    .toSorted((a, b) => a.place! - b.place!)
    .map(({ key }): SessionItem => ({ key, given: answers.get(key)?.given ?? null }));
  const places = new Map(items.map(({ key }, place) => [key, place]));
  return { items, history: [...answers.keys()].flatMap((key) => places.get(key) ?? []) };
}
