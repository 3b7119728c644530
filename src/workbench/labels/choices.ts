import type { AnswerScale } from '../../core/index.ts';
import type { LabelAnswer } from './question.ts';

/** One answer and the key that gives it. */
interface Choice {
  readonly key: string;
  readonly name: string;
  readonly answer: LabelAnswer;
}

/** Keys that mean something else in a session, and so can't be a label's. */
const COMMANDS = new Set('ugjkqsG?'.split(''));
const KEYS = [...'123456789', ...'abcdefghijklmnopqrstuvwxyz'].filter((key) => !COMMANDS.has(key));

/**
 * The answers of a scale with a key each: labels by 1, 2, 3, …; whole scores from 0 to 9 by their own digit. `null` where
 * the scale has more answers than there are keys, or any number may be one: then it is typed.
 */
export function choicesOf(scale: AnswerScale): readonly Choice[] | null {
  if (scale.kind === 'label') {
    if (scale.labels.length > KEYS.length) return null;
    return scale.labels.map((label, i) => ({ key: KEYS[i]!, name: label, answer: { label, score: null } }));
  }
  const { min, max, whole } = scale;
  if (!whole || min < 0 || max > 9) return null;
  const scores = Array.from({ length: Math.floor(max) - Math.ceil(min) + 1 }, (_, i) => Math.ceil(min) + i);
  return scores.map((score) => ({ key: String(score), name: String(score), answer: { label: null, score } }));
}

/**
 * What a text says on a scale: a label (without case, spaces and hyphens as `_`), or a number in range.
 *
 * @returns `null` where it says nothing that the scale has
 */
export function parseAnswer(text: string, scale: AnswerScale): LabelAnswer | null {
  const said = text.trim();
  if (scale.kind === 'label') {
    const label = scale.labels.find((one) => canonical(one) === canonical(said));
    return label === undefined ? null : { label, score: null };
  }
  const score = said === '' ? Number.NaN : Number(said);
  const fits = score >= scale.min && score <= scale.max && (!scale.whole || Number.isInteger(score));
  return fits ? { label: null, score } : null;
}

/** What a scale has, in words for people. */
export function scaleInWords(scale: AnswerScale): string {
  if (scale.kind === 'label') return scale.labels.join(' | ');
  return `a ${scale.whole ? 'whole ' : ''}number from ${scale.min} to ${scale.max}`;
}

/** An answer as it is shown and written to files. */
export function answerText({ label, score }: LabelAnswer): string {
  return label ?? String(score);
}

function canonical(label: string): string {
  return label.toLowerCase().replaceAll(/[\s-]+/g, '_');
}
