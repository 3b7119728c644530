import { describe, expect, it } from 'vitest';
import { isObject, parsedJson } from './parsed-json.ts';

describe('JSON from outside', () => {
  it('is parsed, or is undefined', () => {
    expect(parsedJson('[1, null]')).toEqual([1, null]);
    for (const text of ['', '{', 'nope', '[1,]']) expect(parsedJson(text), text).toBeUndefined();
  });

  it('is an object only where it has members by name', () => {
    expect([{}, { a: 1 }].map(isObject)).toEqual([true, true]);
    expect([null, [], 'a', 1, undefined].map(isObject)).toEqual([false, false, false, false, false]);
  });
});
