import { describe, expect, test } from 'vitest';
import { parseLenientJson, parseRowJson } from './lenient-json.ts';

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

describe('parseRowJson', () => {
  test('keeps all digits of whole numbers that would be rounded, wherever they are', () => {
    expect(
      parseRowJson(
        '{"id": 9007199254740993, "ids": [-9007199254740993, 9007199254740992], "x": NaN, "e": 1e20, "f": 0.1234567890123456}',
      ),
    ).toEqual({
      id: '9007199254740993',
      ids: ['-9007199254740993', 2 ** 53],
      x: null,
      e: 1e20,
      f: 0.1234567890123456,
    });
    expect(parseRowJson('{"id": "9007199254740993", "__proto__": 12345678901234567890}')).toEqual(
      Object.fromEntries([
        ['id', '9007199254740993'],
        ['__proto__', '12345678901234567890'],
      ]),
    );
  });
});
