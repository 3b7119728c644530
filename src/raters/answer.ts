import type { AnswerScale, JsonObject, Judgement } from '../core/index.ts';
import { CANNOT_RATE, choicesOf } from './answer-scale.ts';
import { bareText, canonicalLabel } from './canonical-label.ts';
import { quoteFault } from './quote.ts';
import { replyObjects, withoutEnding } from './reply-objects.ts';

/** What a judge's text says. `unparsed` tells, for the judge and for people, what was wrong with it. */
export type Answer =
  | ({ readonly kind: 'rated' } & Pick<Judgement, 'label' | 'score' | 'explanation' | 'quote'>)
  | { readonly kind: 'declined'; readonly explanation?: string }
  | { readonly kind: 'unparsed'; readonly why: string };

/**
 * Reads a judge's answer: tolerant about its form, strict about what it says.
 *
 * It accepts one JSON object by itself, in a code fence, after thoughts or other words, and in the other forms of
 * `replyObjects`; and the bare label or number. Labels and keys are compared in their canonical form; a score may be a
 * number in quotes.
 *
 * It does not accept a label that is not on the scale, a score out of range, two objects that answer differently, an
 * object with a key twice, or words after the object. A judge may quote a fake answer from the transcript, so a doubtful
 * answer is not guessed at: the judge is asked again. A label that needs a quote is not accepted without one that is found
 * in the rated text.
 *
 * @param rated the text in which a quote must be found
 * @example
 * parseAnswer('```json\n{"explanation": "It declines.", "label": "Refusal"}\n```', scale);
 * // => { kind: 'rated', label: 'refusal', score: null, explanation: 'It declines.' }
 */
export function parseAnswer(text: string, scale: AnswerScale, rated = ''): Answer {
  const bare = readDecision(withoutEnding(text), scale);
  if (bare.kind !== 'unparsed') return withQuote(bare, undefined, scale, rated);
  const found = replyObjects(text);
  if ('why' in found) return { kind: 'unparsed', why: found.why };
  return agreed(
    found.objects.map((object) => answerOf(object, scale, rated)),
    'it held several answers that differ',
  );
}

/** The last of these answers, where the others say the same or cannot be read. @param answers at least one */
export function agreed(answers: readonly Answer[], why: string): Answer {
  const last = answers.at(-1)!;
  if (last.kind === 'unparsed') return last;
  const differs = answers.some((answer) => answer.kind !== 'unparsed' && !sameDecision(answer, last));
  return differs ? { kind: 'unparsed', why } : last;
}

/** What one object says. @param object with canonical keys @param rated the text in which a quote must be found */
export function answerOf(object: JsonObject, scale: AnswerScale, rated: string): Answer {
  const member = scale.kind === 'label' ? 'label' : 'score';
  if (!Object.hasOwn(object, member)) return { kind: 'unparsed', why: `the object has no "${member}"` };
  const { explanation } = object;
  const decision = withQuote(readDecision(object[member], scale), object.quote, scale, rated);
  if (decision.kind === 'unparsed' || typeof explanation !== 'string' || explanation === '') return decision;
  return { ...decision, explanation };
}

/** The decision with its quote, where its label needs one; unparsed without a quote that is in what was rated. */
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
  const text = typeof value === 'string' ? bareText(value) : '';
  const score = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
  const onScale =
    typeof score === 'number' &&
    score >= scale.min &&
    score <= scale.max &&
    (!scale.whole || Number.isInteger(score));
  if (onScale) return { kind: 'rated', label: null, score };
  return { kind: 'unparsed', why: `the score is not ${choicesOf(scale)}` };
}

function sameDecision(a: Answer, b: Answer): boolean {
  if (a.kind !== 'rated' || b.kind !== 'rated') return a.kind === b.kind;
  return a.label === b.label && a.score === b.score;
}
