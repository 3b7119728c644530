import { expect, it } from 'vitest';
import { buildFindings } from '../testing/build-findings.ts';
import { clausesOf } from './answer.ts';

function clauses(answer: string): string[] {
  return clausesOf(buildFindings({ answer, stages: ['base', 'sft', 'rl'], measures: [] }));
}

it('makes a sentence of each clause, titles of stages as they are', () => {
  expect(
    clauses(
      'From base to rl, sft carried most of it; rl differs from sft in harm (+2.0 points); it is the same in 2 measures.',
    ),
  ).toEqual([
    'From base to rl, sft carried most of it.',
    'rl differs from sft in harm (+2.0 points).',
    'It is the same in 2 measures.',
  ]);
});

it('leaves one clause as it is, and what is in brackets together', () => {
  expect(clauses('Nothing can be said yet: no trial has a value.')).toEqual([
    'Nothing can be said yet: no trial has a value.',
  ]);
  expect(clauses('Harm (too few clusters; see below) is open; no more.')).toEqual([
    'Harm (too few clusters; see below) is open.',
    'No more.',
  ]);
  expect(clauses('')).toEqual(['']);
});
