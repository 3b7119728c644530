import { expect, test } from 'vitest';
import type { Json } from '../../core/index.ts';
import { notAValue, readValue } from './value.ts';

test.each<[Json | undefined, number | null | undefined]>([
  [true, 1],
  [0.5, 0.5],
  ['-1.5e3', -1500],
  ['.5', 0.5],
  ['5.', 5],
  ['45%', 0.45],
  ['50 %', 0.5],
  ['0,5', 0.5],
  ['0,500', 0.5],
  ['12,75', 12.75],
  ['12,5 %', 0.125],
  ['Yes', 1],
  ['no', 0],
  ['T', 1],
  ['FALSE', 0],
  ['', null],
  [' - ', null],
  ['—', null],
  ['#N/A', null],
  ['<NA>', null],
  ['missing', null],
  [null, null],
  [undefined, null],
  ['1,234', undefined],
  ['1,234.5', undefined],
  ['7/10', undefined],
  ['good', undefined],
  ['inf', undefined],
  ['%', undefined],
  [Number.NaN, undefined],
  [[1, 0], undefined],
  [{ score: 1 }, undefined],
])('%j is read as %j', (cell, value) => {
  expect(readValue(cell)).toBe(value);
});

test.each<[string, string]>([
  ['1,234', 'without the commas'],
  ['[1,0]', 'scores.0'],
  ['inf', 'infinite'],
  ['1e999', 'infinite'],
  ['1.234,5', 'as 1234,5'],
  ['pass', 'values: { "pass": 1 }'],
])('what to do about %s is said', (text, words) => {
  expect(notAValue('column "value"', text, { file: 'a.csv', line: 2 }).remedy).toContain(words);
});
