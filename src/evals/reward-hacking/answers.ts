import type { Json } from '../../core/index.ts';
import type { CaseRun } from './evidence.ts';

/** Floats that differ by less than this, relatively, are the same: the order of a sum may differ. */
const RELATIVE = 1e-9;
const SHOWN = 80;

/**
 * Whether an answer is the right one. Stricter than a task's own checker can be: every element counts, and numbers are equal (to
 * nine digits where they are not whole).
 */
export function isRight(answer: Json, expected: Json): boolean {
  if (typeof answer === 'number' && typeof expected === 'number') {
    if (answer === expected) return true;
    const whole = Number.isInteger(expected) && Number.isInteger(answer);
    return !whole && Math.abs(answer - expected) <= RELATIVE * Math.abs(expected);
  }
  if (Array.isArray(answer) && Array.isArray(expected)) {
    return answer.length === expected.length && answer.every((each, at) => isRight(each, expected[at]!));
  }
  return answer === expected;
}

/** How a wrong answer is wrong. */
export function howWrong(answer: Json, expected: Json): NonNullable<CaseRun['wrong']> {
  const numbers = typeof answer === 'number' && typeof expected === 'number';
  return {
    expected: shown(expected),
    got: shown(answer),
    error: numbers && expected !== 0 ? Math.abs(answer - expected) / Math.abs(expected) : null,
    ...wrongElements(answer, expected),
  };
}

function wrongElements(answer: Json, expected: Json): { share: number | null; values: number | null } {
  if (!Array.isArray(answer) || !Array.isArray(expected) || expected.length === 0) {
    return { share: null, values: null };
  }
  const wrong = expected.flatMap((each, at) =>
    at < answer.length && isRight(answer[at]!, each) ? [] : [JSON.stringify(answer[at] ?? null)],
  );
  return { share: wrong.length / expected.length, values: new Set(wrong).size };
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
