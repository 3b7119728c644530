import type { Json, JsonObject, RatingStatus } from '../../core/index.ts';
import { isObject } from '../../core/parsed-json.ts';
import { asObject, asText } from './json-access.ts';

/** One number of a sample's scores, or why there is none. */
export interface ReadScore {
  readonly scorer: string;
  /** The key of a dict, the place in a list (from 1); `null` for a single value. */
  readonly key: string | null;
  readonly value: number | null;
  /** A grade or word, as the scorer wrote it. */
  readonly label?: string;
  readonly explanation?: string;
  /** Why there is no value, where a log that stemma wrote says so. */
  readonly status?: RatingStatus;
  /** Whether the value is one of C, I, P and N, a yes or no, or a boolean. */
  readonly graded: boolean;
}

/** The letters of Inspect's scorers. N (no answer) counts as incorrect; its letter is kept, so that it can be counted. */
export const GRADES: ReadonlyMap<string, number> = new Map([
  ['C', 1],
  ['I', 0],
  ['P', 0.5],
  ['N', 0],
]);

/**
 * The scores of a sample as numbers, by the rules of Inspect's `value_to_float`, with one difference: a word that is no
 * number has no value here, where Inspect counts it as 0. NaN, Inspect's sign for "unscored", has none either.
 *
 * @param scores the `scores` of a sample, each with a `value`
 */
export function readScores(scores: JsonObject): ReadScore[] {
  return Object.entries(scores).flatMap(([scorer, score]) => {
    if (!isObject(score)) return [];
    const said = asText(score.explanation);
    const explained = said === null ? {} : { explanation: said };
    const { value } = score;
    const one = (key: string | null, scalar: Json | undefined): ReadScore => ({
      scorer,
      key,
      ...readValue(scalar),
      ...(kept(asObject(asObject(score.metadata).stemma)[key ?? 'score']) ?? explained),
    });
    if (Array.isArray(value)) return value.map((item, index) => one(String(index + 1), item));
    if (isObject(value)) return Object.entries(value).map(([key, item]) => one(key, item));
    return [one(null, value)];
  });
}

function readValue(value: Json | undefined): Pick<ReadScore, 'value' | 'label' | 'graded'> {
  if (typeof value === 'boolean') return { value: value ? 1 : 0, graded: true };
  if (typeof value === 'number') return { value, graded: false };
  if (typeof value !== 'string') return { value: null, graded: false };
  const grade = GRADES.get(value);
  if (grade !== undefined) return { value: grade, label: value, graded: true };
  const word = value.trim().toLowerCase();
  if (word === 'yes' || word === 'true') return { value: 1, label: value, graded: true };
  if (word === 'no' || word === 'false') return { value: 0, label: value, graded: true };
  const number = word === '' ? Number.NaN : Number(word);
  return Number.isFinite(number)
    ? { value: number, graded: false }
    : { value: null, label: value, graded: false };
}

const STATUSES: readonly RatingStatus[] = ['rated', 'unparsed', 'refused', 'error'];

/** What stemma wrote beside a value: the label and explanation of each measure alone. */
function kept(written: Json | undefined): Pick<ReadScore, 'label' | 'explanation' | 'status'> | null {
  if (!isObject(written)) return null;
  const { label, explanation, status } = written;
  const known = STATUSES.find((one) => one === status && one !== 'rated');
  return {
    ...(typeof label === 'string' ? { label } : {}),
    ...(typeof explanation === 'string' ? { explanation } : {}),
    ...(known === undefined ? {} : { status: known }),
  };
}
