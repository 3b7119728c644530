import type { Digest } from './digest.ts';
import type { JsonObject } from './json.ts';
import type { Measure } from './measure.ts';
import type { Served, Usage } from './model.ts';
import type { Transcript } from './transcript.ts';
import type { TrialKey } from './trial.ts';

/**
 * One rater's value for one measure of one transcript, or why there is none; a line of `ratings/<writer>.jsonl`.
 * Several raters' ratings of one transcript are side by side and are never merged in the records.
 */
export interface Rating {
  readonly key: TrialKey;
  readonly measure: string;
  readonly rater: string;
  /** Of the rater and all that steers it (model, rubric, prompt, settings); equal in fairly compared arms. */
  readonly raterDigest: Digest;
  /** The attempt of the transcript that was rated. */
  readonly attempt: number;
  readonly status: RatingStatus;
  /** `null` unless rated. */
  readonly value: number | null;
  /** The category chosen, where the rater chooses among categories. */
  readonly label?: string;
  readonly explanation?: string;
  /** The words of the transcript that show it, where the scale asks for them; they were found there. */
  readonly quote?: string;
  /**
   * The judge's reply as it came, for every rating by a judge. Where one call gave several ratings, the first has it; where
   * the judge was asked twice, it holds both replies.
   */
  readonly raw?: string;
  /** The model that answered, where the judge's endpoint names it. */
  readonly served?: Served;
  /** Of the whole call; with the first of its ratings. */
  readonly usage?: Usage;
  /** When a person gave it; ISO 8601. Tells which of two people's labels is the later one. */
  readonly at?: string;
}

/** `refused`: the judge declined to rate. `error`: the judge could not be reached. */
export type RatingStatus = 'rated' | 'unparsed' | 'refused' | 'error';

/**
 * Whether a rater did answer, with a label that has no value for the measure, such as `no_choice` where an answer takes none of the
 * choices. The value is missing as where an answer could not be read, but nothing failed.
 */
export function hasLabelAlone({ status, label }: Pick<Rating, 'status' | 'label'>): boolean {
  return status === 'unparsed' && label !== undefined;
}

/** What a rater says to one question about one transcript, before asks turn it into values of measures. */
export interface Judgement
  extends Pick<Rating, 'status' | 'explanation' | 'quote' | 'raw' | 'served' | 'usage'> {
  readonly label: string | null;
  readonly score: number | null;
}

/**
 * One thing that an eval wants to know of a transcript: a question, the measure that the answer is a value of, and that value.
 * Asks with one question share one judgement. A question that shows the prompt alone is asked once per sample.
 */
export interface Ask {
  readonly question: Question;
  readonly measure: Measure;
  /**
   * What an answer means for the measure.
   *
   * @param judgement has the status `rated`; its label, if the question has labels, is one of them
   * @returns `null` where the answer has no value for the measure, such as a response that cannot be read
   */
  value(judgement: Judgement): number | null;
}

/** A judge's instructions: a Markdown file with front matter, versioned by its digest. */
export interface Rubric {
  readonly id: string;
  readonly digest: Digest;
  readonly text: string;
  readonly answer: AnswerScale;
}

/**
 * What an answer may be: one of these labels, or a number on this scale. A label that is `quoted` counts only together
 * with words of what was rated that show it, copied exactly: an answer whose quote is not there is unreadable.
 */
export type AnswerScale =
  | { readonly kind: 'label'; readonly labels: readonly string[]; readonly quoted?: readonly string[] }
  | { readonly kind: 'score'; readonly min: number; readonly max: number; readonly whole: boolean };

/** A rule rater's code: a pure function of the transcript. `version` changes whenever its answers can. */
export interface Rule {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly judge: (transcript: Transcript) => Judgement;
}

/** What raters are asked about a transcript: for judges and people a rubric, for rule raters rules by name. */
export interface Question {
  readonly id: string;
  readonly rubric: Rubric;
  readonly rules: Readonly<Record<string, Rule>>;
  /** Only code can tell, such as a measured time: judges and people are not asked. */
  readonly rulesOnly?: true;
  /** The part of a transcript that the rater is shown; absent: all of it. */
  readonly shows?: Shows;
  /** Names of the scores 0, 1, 2, …; they become the labels of ratings. */
  readonly scoreNames?: readonly string[];
  /**
   * What the rubric leaves to the single sample, such as which decision would be the wrong one here; told to autoraters
   * beside the rubric, as a trusted text. It can depend on the sample's metadata alone, so it can't give away a stage, and
   * the sample's digest covers it: arms that are compared were rated by the same criteria.
   */
  readonly criteria?: (sample: { readonly metadata: JsonObject }) => string;
  /** The questions that it can be put together with, in one call; itself among them. */
  readonly battery?: Battery;
}

/** Questions of one eval that show the same part of a transcript and have labels for answers, for judges that answer many at once. */
export interface Battery {
  readonly id: string;
  readonly shows?: Shows;
  /** What holds for all parts; shown before them. */
  readonly preface: string;
  /** By the questions' ids; their rubrics without the preface. */
  readonly parts: readonly { readonly question: string; readonly rubric: Rubric }[];
}

/**
 * `prompt`: what was put to the checkpoint, and nothing of what came of it. `thoughts`, `response`: the prompt and this
 * part of what came of it, without the other.
 */
export type Shows = 'prompt' | 'thoughts' | 'response';

/** What turns a transcript into a judgement. Never told which stage it reads. */
export interface Rater {
  readonly id: string;
  readonly kind: RaterKind;
  /** The name of the rule, for a rater that is one. */
  readonly rule?: string;
  /** Digest of all that steers its answer to this question. @throws InputError when it can't answer such a question */
  digest(question: Question): Digest;
  /** Never throws for what a judge says or fails to say: that is a status. Throws only when the signal aborts, or a fatal ModelError. */
  judge(question: Question, transcript: Transcript, signal: AbortSignal): Promise<Judgement>;
  /**
   * Answers all parts of a battery in one call. Absent on raters that are asked one question at a time. The first judgement
   * has the usage and the reply of the call.
   * @returns by the id of the question; each part is unparsed, refused or rated by itself
   */
  judgeBattery?(
    battery: Battery,
    transcript: Transcript,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Judgement>>;
}

/** `human`, `model`: whose labels `stemma label` takes. A model that labels is not a judge of the run: its labels count as the truth. */
export type RaterKind = 'autorater' | 'panel' | 'rule' | 'human' | 'model';

/** Whether a rater labels, so that its values stand for the truth; else it is rated against them. */
export function isLabeller({ kind }: { readonly kind: RaterKind }): boolean {
  return kind === 'human' || kind === 'model';
}
