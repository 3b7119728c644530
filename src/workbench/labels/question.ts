import {
  type Digest,
  digestOf,
  type Eval,
  type Judgement,
  type Measure,
  type Question,
  type Rater,
  type Rating,
  type Transcript,
} from '../../core/index.ts';

/** What a person said of a trial: a label of the question's scale, or a score on it. */
export interface Answer {
  readonly label: string | null;
  readonly score: number | null;
}

/** An answer; that the labeller would rather not say; or that an earlier answer is taken back. */
export type Given = Answer | 'skipped' | 'withdrawn';

/** A question as people are asked it, and what their answers are worth. */
export interface LabelledQuestion {
  readonly question: Question;
  /** Of the question as it is put; the same for every labeller. */
  readonly digest: Digest;
  /** The measures that an answer gives a value of. */
  readonly measures: readonly string[];
  /** The ratings that an answer amounts to. */
  ratings(transcript: Transcript, given: Given, rater: string): Promise<readonly Rating[]>;
}

/** Says in a rating that there was an answer and it no longer counts. */
const WITHDRAWN = 'The labeller took this label back.';

/** Whether a rating by a person stands for an answer that was taken back. */
export function isWithdrawn({ status }: Rating): boolean {
  return status === 'error';
}

/**
 * The questions that an eval asks of a transcript, found by having it rate the transcript for somebody who answers nothing:
 * so every eval can be labelled, and what an answer is worth stays in one place, the eval.
 */
export async function questionsOf(evaluation: Eval, transcript: Transcript): Promise<LabelledQuestion[]> {
  const asked = new Map<Digest, Question>();
  const ratings = await evaluation.rate(transcript, nobody(asked), NEVER);
  return [...asked].map(([digest, question]) => ({
    question,
    digest,
    measures: ratings.filter(({ raterDigest }) => raterDigest === digest).map(({ measure }) => measure),
    ratings: async (of, given, id) => {
      const all = await evaluation.rate(of, person(id, question, judgementOf(given)), NEVER);
      return all.filter(({ raterDigest }) => raterDigest === digest);
    },
  }));
}

/** For trials of an eval that is not stemma's own: the measure itself is what is asked. */
export function questionOfMeasure(measure: Measure): LabelledQuestion {
  const { id, title, description, kind, range, level } = measure;
  const answer: Question['rubric']['answer'] =
    kind === 'rate'
      ? { kind: 'label', labels: ['no', 'yes'] }
      : { kind: 'score', min: range[0], max: range[1], whole: level === 'nominal' || level === 'ordinal' };
  const text =
    kind === 'rate' ? `${title}: does this trial count? ${description}` : `${title}. ${description}`;
  const question: Question = {
    id,
    rubric: { id, text, answer, digest: digestOf({ id, text, answer }) },
    rules: {},
  };
  const digest = digestOfQuestion(question);
  return {
    question,
    digest,
    measures: [id],
    ratings: async ({ key, attempt }, given, rater) => {
      const { status, label, score, explanation } = judgementOf(given);
      const value = label === null ? score : Number(label === 'yes');
      return [
        {
          key,
          measure: id,
          rater,
          raterDigest: digest,
          attempt,
          status,
          value,
          ...(label === null ? {} : { label }),
          ...(explanation === undefined ? {} : { explanation }),
        },
      ];
    },
  };
}

const NEVER = { signal: new AbortController().signal };
const UNASKED: Judgement = { status: 'error', label: null, score: null };

function nobody(asked: Map<Digest, Question>): Rater {
  return {
    id: 'nobody',
    kind: 'human',
    digest: digestOfQuestion,
    judge: async (question) => {
      asked.set(digestOfQuestion(question), question);
      return UNASKED;
    },
  };
}

/** Somebody who was asked one question; of what it says to others nothing is kept. */
function person(id: string, { id: asked }: Question, judgement: Judgement): Rater {
  return {
    id,
    kind: 'human',
    digest: digestOfQuestion,
    judge: async (question) => (question.id === asked ? judgement : UNASKED),
  };
}

function digestOfQuestion({ id, rubric, shows, criteria }: Question): Digest {
  return digestOf({ kind: 'human', id, rubric: rubric.digest, shows, criteria: criteria !== undefined });
}

function judgementOf(given: Given): Judgement {
  if (given === 'skipped') return { status: 'refused', label: null, score: null };
  if (given === 'withdrawn') return { ...UNASKED, explanation: WITHDRAWN };
  return { status: 'rated', ...given };
}
