import type { AnswerScale, JsonObject } from '../core/index.ts';
import { CANNOT_RATE, choicesOf } from './answer-scale.ts';
import { closingJsonObjects } from './closing-json.ts';
import { quoteFault } from './quote.ts';

/** What a judge's text says. `unparsed` tells, for the judge and for people, what was wrong with it. */
export type Answer =
  | {
      readonly kind: 'rated';
      readonly label: string | null;
      readonly score: number | null;
      readonly explanation?: string;
      readonly quote?: string;
    }
  | { readonly kind: 'declined'; readonly explanation?: string }
  | { readonly kind: 'unparsed'; readonly why: string };

/**
 * Reads a judge's answer: tolerant of what stands around it, strict about what it says.
 *
 * Accepted: a JSON object by itself, in a code fence, or after thoughts or other words, and the bare label or number
 * alone. The object must close the text. Labels are compared without case, and with spaces and hyphens as `_`; a score may
 * be a number in quotes. Not accepted: a label that is not on the scale, a score out of range or not whole where it
 * must be, and two objects that answer differently. A judge may quote a fake answer that the transcript held, so an
 * answer that is in any doubt is not guessed at: the judge is asked again. A label that the scale wants shown by a quote
 * is not accepted without one that stands in what was rated.
 *
 * @param rated what a quote must be found in
 */
export function parseAnswer(text: string, scale: AnswerScale, rated = ''): Answer {
  const bare = readDecision(text.trim(), scale);
  if (bare.kind !== 'unparsed') return withQuote(bare, undefined, scale, rated);
  const objects = closingJsonObjects(text);
  if (objects.length === 0) {
    return {
      kind: 'unparsed',
      why: text.trim() === '' ? 'it was empty' : 'it did not end with one complete JSON object',
    };
  }
  const answers = objects.map((object) => answerOf(object, scale, rated));
  const last = answers.at(-1)!;
  if (last.kind === 'unparsed') return last;
  const differs = answers.some((answer) => answer.kind !== 'unparsed' && !sameDecision(answer, last));
  return differs ? { kind: 'unparsed', why: 'it held several answers that differ' } : last;
}

/** What one object says, by itself. @param rated what a quote must be found in */
export function answerOf(object: JsonObject, scale: AnswerScale, rated: string): Answer {
  const member = scale.kind === 'label' ? 'label' : 'score';
  if (!Object.hasOwn(object, member)) return { kind: 'unparsed', why: `the object has no "${member}"` };
  const { explanation } = object;
  const decision = withQuote(readDecision(object[member], scale), object.quote, scale, rated);
  if (decision.kind === 'unparsed' || typeof explanation !== 'string' || explanation === '') return decision;
  return { ...decision, explanation };
}

/** The decision with its quote, where its label needs one; unparsed without a quote that stands in what was rated. */
function withQuote(decision: Answer, quote: unknown, scale: AnswerScale, rated: string): Answer {
  if (decision.kind !== 'rated' || scale.kind !== 'label' || !scale.quoted?.includes(decision.label ?? '')) {
    return decision;
  }
  const fault = quoteFault(quote, rated);
  if (fault === null) return { ...decision, quote: quote as string };
  return { kind: 'unparsed', why: `the label ${decision.label} needs a quote, and ${fault}` };
}

function readDecision(value: unknown, scale: AnswerScale): Answer {
  if (scale.kind === 'label') return readLabel(value, scale);
  if (value === null || value === CANNOT_RATE) return { kind: 'declined' };
  return readScore(value, scale);
}

function readLabel(value: unknown, scale: Extract<AnswerScale, { kind: 'label' }>): Answer {
  const wanted = typeof value === 'string' ? canonicalLabel(value) : null;
  if (wanted === CANNOT_RATE) return { kind: 'declined' };
  const label = scale.labels.find((candidate) => canonicalLabel(candidate) === wanted);
  if (label !== undefined) return { kind: 'rated', label, score: null };
  return { kind: 'unparsed', why: `the label is not ${choicesOf(scale)}` };
}

function readScore(value: unknown, scale: Extract<AnswerScale, { kind: 'score' }>): Answer {
  const quoted = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim());
  const score = quoted ? Number(value) : value;
  const onScale =
    typeof score === 'number' &&
    score >= scale.min &&
    score <= scale.max &&
    (!scale.whole || Number.isInteger(score));
  if (onScale) return { kind: 'rated', label: null, score };
  return { kind: 'unparsed', why: `the score is not ${choicesOf(scale)}` };
}

/** The form in which labels are compared. Rubrics whose labels share a form are refused when they are loaded. */
export function canonicalLabel(label: string): string {
  return label
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}

export function sameDecision(a: Answer, b: Answer): boolean {
  if (a.kind !== 'rated' || b.kind !== 'rated') return a.kind === b.kind;
  return a.label === b.label && a.score === b.score;
}
