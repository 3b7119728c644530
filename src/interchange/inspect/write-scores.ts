import type { Json, JsonObject, Rating } from '../../core/index.ts';
import { UNSCORED } from './inspect-json.ts';
import { GRADES } from './scores.ts';

/** The name of the measure of scorers with a single value. */
const SINGLE = 'score';

/**
 * The ratings of a trial as scores: a scorer a rater, with a single value for the measure `…/score` alone, else a dict with a
 * key a measure. Labels, explanations and replies of single measures are in the score's metadata under `stemma`.
 */
export function writeScores(ratings: readonly Rating[]): JsonObject {
  const byRater = Map.groupBy(ratings, ({ rater }) => rater);
  return Object.fromEntries([...byRater].map(([rater, own]) => [rater, writeScore(own)]));
}

function writeScore(ratings: readonly Rating[]): JsonObject {
  const [only] = ratings;
  const single = ratings.length === 1 && shortName(only!.measure) === SINGLE;
  const value: Json = single
    ? singleValue(only!)
    : Object.fromEntries(ratings.map(({ measure, value }) => [shortName(measure), value]));
  const explanations = new Set(ratings.map(({ explanation }) => explanation));
  const [explanation] = explanations;
  return {
    value,
    ...(explanations.size === 1
      ? explanation === undefined
        ? {}
        : { explanation }
      : { explanation: ratings.flatMap((rating) => explained(rating)).join('\n\n') }),
    metadata: {
      stemma: Object.fromEntries(ratings.map((rating) => [shortName(rating.measure), details(rating)])),
    },
  };
}

/** A letter where the rating has one that means its value, so that Inspect's metrics find what they expect. */
function singleValue({ value, label }: Rating): Json {
  if (value === null) return UNSCORED;
  return label !== undefined && GRADES.get(label) === value ? label : value;
}

function explained({ measure, explanation }: Rating): string[] {
  return explanation === undefined ? [] : [`${shortName(measure)}: ${explanation}`];
}

function details({ status, label, explanation }: Rating): JsonObject {
  return {
    status,
    ...(label === undefined ? {} : { label }),
    ...(explanation === undefined ? {} : { explanation }),
  };
}

/** The part of a measure's id behind its family. */
export function shortName(measure: string): string {
  return measure.slice(measure.indexOf('/') + 1);
}
