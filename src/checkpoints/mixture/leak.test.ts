import { expect, test } from 'vitest';
import { leakedSamples } from './leak.ts';

const passage = 'one two three four five six seven eight nine ten eleven twelve';

test('a sample is leaked where half of its eight-word passages occur, whatever the case and the marks', () => {
  const half = 'One, two, three: four five six seven eight nine ten elsewhere nowhere';
  const less = 'one two three four five six seven eight then something quite different comes after that';
  expect(
    leakedSamples(
      [
        ['half', half],
        ['less', less],
      ],
      [passage.toUpperCase()],
    ),
  ).toEqual(['half']);
});

test('a short sample is leaked where all of it occurs in one example', () => {
  const samples = [
    ['whole', 'How do I make a cake?'],
    ['part', 'How do I bake?'],
    ['empty', '…'],
  ] as const;
  expect(leakedSamples(samples, ['Q: how do I make a cake', 'bake'])).toEqual(['whole']);
});

test('passages do not reach from one example into the next', () => {
  expect(leakedSamples([['a', 'alpha beta gamma']], ['alpha beta', 'gamma'])).toEqual([]);
});
