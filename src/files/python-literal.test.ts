import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePythonLiteral } from './python-literal.ts';

test.each<[string, unknown]>([
  ['None', null],
  ['[True, False, None]', [true, false, null]],
  ['-12', -12],
  ['1.5e-3', 0.0015],
  ['.5', 0.5],
  [`'it''s'`, undefined],
  [`"it's"`, "it's"],
  [`'it\\'s "so"'`, 'it\'s "so"'],
  [String.raw`'\n\t\\\x41\u00e9\U0001f600\0\q'`, '\n\t\\Aé😀\0\\q'],
  ["'é😀'", 'é😀'],
  ["'a\\\nb'", 'ab'],
  ["(1, 'a')", [1, 'a']],
  ['()', []],
  ['[1, 2,]', [1, 2]],
  ["{'a': [1], 2: {'b': None}}", { a: [1], '2': { b: null } }],
  [' [ ] ', []],
  [
    "[{'id': '1', 'function': {'arguments': '{\"command\":\"ls\\\\n\"}'}}]",
    [{ id: '1', function: { arguments: '{"command":"ls\\n"}' } }],
  ],
])('%s', (text, value) => {
  expect(parsePythonLiteral(text)).toEqual(value);
});

test.each([
  '',
  '[',
  "'",
  "'a",
  '[1 2]',
  "{'a'}",
  "{'a': }",
  '1 2',
  'nonsense',
  "'a\nb'",
  '[1]]',
  'datetime(1)',
  "'\\U00110000'",
])('%j is not a literal', (text) => expect(parsePythonLiteral(text)).toBeUndefined());

/** A value as Python's `repr` writes it. */
function repr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, member]) => `${repr(key)}: ${repr(member)}`)
      .join(', ')}}`;
  }
  const text = String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
}

test('law: what Python prints of a value is read as that value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(JSON.stringify(parsePythonLiteral(repr(plain)))).toEqual(JSON.stringify(plain));
    }),
  );
});
