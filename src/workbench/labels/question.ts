import {
  type Ask,
  type Digest,
  digestOf,
  type Eval,
  type Judgement,
  type Measure,
  type Question,
  type Rating,
  type Transcript,
} from '../../core/index.ts';
import { answers, ratingOf } from '../../raters/index.ts';

/** What a person said of a trial: a label of the question's scale, or a score on it. */
export interface LabelAnswer {
  readonly label: string | null;
  readonly score: number | null;
}

/** An answer; that the labeller skips the trial; or that an earlier answer is taken back. */
export type Given = LabelAnswer | 'skipped' | 'withdrawn';

/** A question as people are asked it. */
export interface LabelledQuestion {
  readonly question: Question;
  /** Of the question as it is put; the same for every labeller. */
  readonly digest: Digest;
  /** The measures that an answer gives a value of. */
  readonly measures: readonly string[];
  /** The asks of this question about a transcript: the same as judges are asked. */
  asks(transcript: Transcript): readonly Ask[];
}

/** Says in a rating that there was an answer and it no longer counts. */
const WITHDRAWN = 'The labeller took this label back.';

/** Whether a rating by a person stands for an answer that was taken back. */
export function isWithdrawn({ status }: Rating): boolean {
  return status === 'error';
}

/** The questions that people are asked about a transcript: exactly those that judges may be asked. */
export function questionsOf(evaluation: Pick<Eval, 'asks'>, transcript: Transcript): LabelledQuestion[] {
  const asks = (of: Transcript) => {
    const all = evaluation.asks(of).filter(({ question }) => answers(PERSON, question));
    // A control that shares its question with a measure is not what people are asked for.
    const asked = new Set(all.flatMap(({ question, measure }) => (measure.control ? [] : [question.id])));
    return all.filter(({ question, measure }) => !measure.control || !asked.has(question.id));
  };
  const byQuestion = Map.groupBy(asks(transcript), ({ question }) => question.id);
  return [...byQuestion].map(([id, [first, ...others]]) => ({
    question: first!.question,
    digest: digestOfQuestion(first!.question),
    measures: [first!, ...others].map(({ measure }) => measure.id),
    asks: (of) => asks(of).filter(({ question }) => question.id === id),
  }));
}

/** For trials of an eval that this stemma does not have: people are asked for the measure itself. */
export function questionOfMeasure(measure: Measure): LabelledQuestion {
  const { id, title, description, kind, range, level } = measure;
  const isRate = kind === 'rate';
  const answer: Question['rubric']['answer'] = isRate
    ? { kind: 'label', labels: ['no', 'yes'] }
    : { kind: 'score', min: range[0], max: range[1], whole: level === 'nominal' || level === 'ordinal' };
  const text = isRate ? `${title}: does this trial count? ${description}` : `${title}. ${description}`;
  const question: Question = {
    id,
    rubric: { id, text, answer, digest: digestOf({ id, text, answer }) },
    rules: {},
  };
  const value: Ask['value'] = ({ label, score }) => (isRate ? Number(label === 'yes') : score);
  return {
    question,
    digest: digestOfQuestion(question),
    measures: [id],
    asks: () => [{ question, measure, value }],
  };
}

/** The ratings that a person's answer amounts to. */
export function ratingsOf(
  { asks, digest }: LabelledQuestion,
  transcript: Transcript,
  given: Given,
  rater: string,
): Rating[] {
  const judgement = judgementOf(given);
  return asks(transcript).map((ask) => ratingOf(ask, judgement, { transcript, rater, raterDigest: digest }));
}

const PERSON = { kind: 'human' } as const;

function digestOfQuestion({ id, rubric, shows, criteria }: Question): Digest {
  return digestOf({ kind: 'human', id, rubric: rubric.digest, shows, criteria: criteria !== undefined });
}

function judgementOf(given: Given): Judgement {
  const nothing = { label: null, score: null };
  if (given === 'skipped') return { status: 'refused', ...nothing };
  if (given === 'withdrawn') return { status: 'error', ...nothing, explanation: WITHDRAWN };
  return { status: 'rated', ...given };
}
