import { expect, test } from 'vitest';
import { requireStorableId } from './trial.ts';

test.each(['', 'é', '😀', 'a\0b', 'x'.repeat(4096)])('%j can be an id', (text) => {
  expect(() => requireStorableId(text, 'the id')).not.toThrow();
});

test.each([
  ['\ud83d', 'the id holds a half of a character: "\\ud83d"'],
  ['a\ude00', 'the id holds a half of a character: "a\\ude00"'],
  ['\ude00\ud83d', 'the id holds a half of a character: "\\ude00\\ud83d"'],
  ['x'.repeat(4097), 'the id is 4,097 characters long; ids and clusters have at most 4,096'],
])('%j cannot, and it is said why', (text, message) => {
  expect(() => requireStorableId(text, 'the id')).toThrow(message);
});
