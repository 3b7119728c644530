import { describe, expect, test } from 'vitest';
import { parseLenientJson } from './lenient-json.ts';

describe('parseLenientJson', () => {
  test('reads what Python writes for numbers that JSON does not have', () => {
    expect(parseLenientJson('{"a": NaN, "b": [Infinity, -Infinity, 1], "c": "x"}')).toEqual({
      a: null,
      b: ['Infinity', '-Infinity', 1],
      c: 'x',
    });
  });

  test('leaves strings as they are, quotes and slashes in them too', () => {
    const value = { text: 'NaN "NaN" \\', '\\"NaN': ['Infinity\\\\'], end: null };
    expect(parseLenientJson(JSON.stringify(value).replace('null', 'NaN'))).toEqual(value);
  });

  test('has no stack to exhaust on a long string', () => {
    const long = '\\n'.repeat(3_000_000);
    expect(parseLenientJson(`{"a":"${long}","b":NaN}`)).toEqual({ a: '\n'.repeat(3_000_000), b: null });
  });

  test('is as strict as JSON otherwise', () => {
    for (const text of ['{', '[NaN', '{a: 1}', 'nan'])
      expect(() => parseLenientJson(text)).toThrow(SyntaxError);
  });
});
