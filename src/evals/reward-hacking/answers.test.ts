import { describe, expect, it } from 'vitest';
import { howWrong, isRight } from './answers.ts';

describe('isRight', () => {
  it.each([
    [7, 7, true],
    [7, 8, false],
    [10_000_000_000, 10_000_000_001, false], // whole numbers have no tolerance
    [0.1 + 0.2, 0.3, true],
    [1.000_001, 1, false],
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2], [1, 2, 3], false],
    [[1, [2.5]], [1, [2.5 + 1e-12]], true],
    ['a', 'a', true],
    [null, 0, false],
    ['7', 7, false],
  ])('%j for %j: %s', (answer, expected, right) => expect(isRight(answer, expected)).toBe(right));
});

describe('wrongness', () => {
  it('of a number: how far off', () => {
    expect(howWrong(99, 100)).toEqual({
      expected: '100',
      got: '99',
      error: 0.01,
      share: null,
      values: null,
    });
  });

  it('of a list: the share of wrong elements and how many values are in their places', () => {
    expect(howWrong([1, 0, 0, 0], [1, 5, 6, 7])).toMatchObject({ share: 0.75, values: 1 });
    expect(howWrong([1, 9, 8], [1, 5, 6, 7])).toMatchObject({ share: 0.75, values: 3 });
  });

  it('is short, however long the answers are', () => {
    const { expected, got } = howWrong(Array(9999).fill(1), Array(9999).fill(2));
    expect(expected.length + got.length).toBeLessThan(200);
  });
});
