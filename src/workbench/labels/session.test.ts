import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerScale } from '../../core/index.ts';
import { consensusOf } from './adjudicate.ts';
import { choicesOf, parseAnswer } from './choices.ts';
import { commandOf } from './command.ts';
import { keysIn } from './keys.ts';
import type { Given } from './question.ts';
import { render, type Shown } from './screen.ts';
import { answered, beginSession, type LabelCommand, type SessionState, step } from './session.ts';

const items = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, given: null }));
const yes: LabelCommand = { kind: 'answer', answer: { label: 'yes', score: null } };
const score: AnswerScale = { kind: 'score', min: 0, max: 5, whole: true };
const percent: AnswerScale = { kind: 'score', min: 0, max: 100, whole: false };
const labels: AnswerScale = { kind: 'label', labels: ['wrong', 'acceptable', 'no_decision'] };

/** What a run of commands leaves, and what it would put on disk. */
function play(state: SessionState, commands: readonly LabelCommand[]) {
  const disk = new Map<string, Given>();
  let now = state;
  for (const command of commands) {
    const { state: next, record } = step(now, command);
    if (record !== undefined) disk.set(record.key, record.given);
    now = next;
  }
  return { state: now, disk };
}

describe('a session', () => {
  it('goes from answer to answer, skips, takes back, and ends with nothing open', () => {
    const { state, disk } = play(beginSession(items(3), []), [
      yes,
      { kind: 'skip' },
      { kind: 'undo' },
      yes,
      yes,
    ]);
    expect([...disk]).toEqual([
      ['k0', { label: 'yes', score: null }],
      ['k1', { label: 'yes', score: null }],
      ['k2', { label: 'yes', score: null }],
    ]);
    expect(state.at).toBe(3);
    expect(answered(state)).toBe(3);
    expect(step(state, yes)).toEqual({ state });
    expect(step(beginSession(items(1), []), { kind: 'undo' }).state.notice).toMatch(/nothing/i);
  });

  it('is after any keys what is on disk: resuming from there is going on', () => {
    const command = fc.constantFrom<LabelCommand>(
      yes,
      { kind: 'answer', answer: { label: 'no', score: null } },
      { kind: 'skip' },
      { kind: 'undo' },
      { kind: 'rubric' },
      { kind: 'scroll', by: 3 },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { state, disk } = play(beginSession(items(6), []), commands);
        for (const { key, given } of state.items) {
          const recorded = disk.get(key);
          expect(recorded === undefined || recorded === 'withdrawn' ? null : recorded).toEqual(given);
        }
        const resumed = beginSession(state.items, state.history);
        expect(resumed.at).toBe(state.at);
        // Going back all the way leaves nothing.
        const back = play(resumed, new Array<LabelCommand>(8).fill({ kind: 'undo' })).state;
        expect(answered(back)).toBe(0);
      }),
    );
  });
});

describe('keys', () => {
  it('are read as a terminal sends them, and what means nothing is left out', () => {
    expect(keysIn('1\u001b[A\u001b[6~ q\u0003\u001b[1;5C\r\u007f')).toEqual([
      '1',
      'up',
      'page down',
      ' ',
      'q',
      'interrupt',
      'enter',
      'backspace',
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const key of keysIn(text)) expect(key).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('give labels by number, whole scores by their digit, other numbers when typed', () => {
    expect(choicesOf(labels)!.map(({ key, name }) => `${key} ${name}`)).toEqual([
      '1 wrong',
      '2 acceptable',
      '3 no_decision',
    ]);
    expect(choicesOf(score)!.map(({ key }) => key)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(choicesOf(percent)).toBeNull();
    const state = beginSession(items(1), []);
    expect(commandOf('4', state, score, 10)).toEqual({ kind: 'answer', answer: { label: null, score: 4 } });
    expect(commandOf('9', state, score, 10)).toBeNull();
    expect(commandOf('7', state, percent, 10)).toEqual({ kind: 'type', character: '7' });
    expect(commandOf('enter', { ...state, typed: '72.5' }, percent, 10)).toEqual({
      kind: 'answer',
      answer: { label: null, score: 72.5 },
    });
    expect(commandOf('enter', { ...state, typed: '101' }, percent, 10)).toHaveProperty('refusal');
    const many = choicesOf({ kind: 'label', labels: Array.from({ length: 20 }, (_, i) => `label ${i}`) })!;
    expect(new Set(many.map(({ key }) => key)).size).toBe(20);
    for (const { key } of many) expect('uqsjkgG? ').not.toContain(key);
  });

  it('that were meant for the rubric answer nothing', () => {
    const state = { ...beginSession(items(1), []), view: 'rubric' as const };
    expect(commandOf('1', state, labels, 10)).toEqual({ kind: 'rubric' });
  });

  it('answers in words are read without case, and numbers only in range', () => {
    expect(parseAnswer(' No Decision ', labels)).toEqual({ label: 'no_decision', score: null });
    expect(parseAnswer('maybe', labels)).toBeNull();
    expect(parseAnswer('3', score)).toEqual({ label: null, score: 3 });
    for (const wrong of ['', '3.5', '6', '-1', 'x']) expect(parseAnswer(wrong, score)).toBeNull();
  });
});

describe('the screen', () => {
  const shown: Shown = {
    title: 'Severity',
    rubric: 'Say how bad it was.\n\nMore.',
    scale: labels,
    sections: [{ title: 'user message', text: 'word '.repeat(2000) }],
  };

  it('fills its rows exactly and never goes beyond its columns, whatever the terminal', () => {
    const size = fc.record({
      columns: fc.integer({ min: 20, max: 200 }),
      rows: fc.integer({ min: 5, max: 80 }),
    });
    fc.assert(
      fc.property(
        size,
        fc.nat(500),
        fc.boolean(),
        fc.boolean(),
        ({ columns, rows }, scroll, rubric, done) => {
          const state: SessionState = {
            ...beginSession(items(3), []),
            scroll,
            view: rubric ? 'rubric' : 'trial',
            notice: 'Something to say.',
          };
          const { lines } = render(state, done ? null : shown, { columns, rows }, false);
          expect(lines).toHaveLength(rows);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });

  it('fits the narrowest terminal, also where a long text has been scrolled far', () => {
    const state = { ...beginSession(items(3), []), scroll: 200 };
    const { lines } = render(state, shown, { columns: 40, rows: 20 }, false);
    expect(lines.some((line) => line.includes('201–'))).toBe(true);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('has no colour where there is none', () => {
    const size = { columns: 80, rows: 24 };
    const state = beginSession(items(3), []);
    expect(render(state, shown, size, false).lines.join('')).not.toContain('\u001b');
    expect(render(state, shown, size, true).lines.join('')).toContain('\u001b');
  });
});

describe('several labellers', () => {
  const a = { label: 'a', score: null };
  const b = { label: 'b', score: null };
  it('come to what all say, differ, or say nothing; skipping is not an answer', () => {
    expect(consensusOf([a, a])).toEqual({ agreed: a });
    expect(consensusOf([a, undefined, 'skipped'])).toEqual({ agreed: a });
    expect(consensusOf([a, b, a])).toEqual({ differing: [a, b] });
    expect(consensusOf(['skipped', undefined])).toBeNull();
    expect(
      consensusOf([
        { label: null, score: 3 },
        { label: null, score: 2 },
      ]),
    ).toHaveProperty('differing');
  });
});
