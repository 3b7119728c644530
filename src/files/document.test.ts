import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import { processorMs } from '../core/testing/processor-time.ts';
import { parseDocument, readDocument } from './document.ts';

const schema = z.strictObject({
  name: z.string().describe('What it is called.'),
  parts: z.record(z.string(), z.strictObject({ weight: z.number(), colour: z.string().optional() })),
  list: z.array(z.strictObject({ id: z.string().min(2, 'is too short') })).optional(),
});

const folder = mkdtempSync(join(tmpdir(), 'stemma-document-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function thrown(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error.toString().replaceAll(`${folder}/`, '');
    throw error;
  }
  throw new Error('there was nothing wrong');
}

const complaint = (text: string, firstLine?: number) =>
  thrown(() => parseDocument(text, 'a.yaml', schema, firstLine === undefined ? {} : { firstLine }));

describe('a document', () => {
  test('gives the value of its schema', () => {
    const text = 'name: x\nparts: { a: { weight: 2 } }\n';
    expect(parseDocument(text, 'a.yaml', schema).value).toEqual({ name: 'x', parts: { a: { weight: 2 } } });
  });

  test('may have anchors, merge keys and keys that begin with x-', () => {
    const text =
      'x-part: &part { weight: 2, colour: red }\nname: x\nparts: { a: *part, b: { <<: *part, weight: 3 } }\n';
    expect(parseDocument(text, 'a.yaml', schema).value.parts).toEqual({
      a: { weight: 2, colour: 'red' },
      b: { weight: 3, colour: 'red' },
    });
  });

  test.each([
    ['no YAML', 'name: [x', /^a\.yaml:1:\d+: this is not YAML/],
    ['a missing key', 'parts: {}', 'a.yaml:1:1: name: "name" is missing\n  What it is called.'],
    [
      'a mistyped key, which is missing too',
      'nmae: x\nparts: {}',
      'a.yaml:1:1: nmae: unknown key "nmae"\n  Did you mean "name"?',
    ],
    [
      'one inside',
      'name: x\nparts:\n  a:\n    weight: 1\n    color: red',
      'a.yaml:5:5: parts.a.color: unknown key "color"\n  Did you mean "colour"?',
    ],
    ['one that is near to nothing', 'name: x\nparts: {}\nzzzz: 1', 'Known keys here: name, parts, list.'],
    [
      'a wrong value in a list',
      'name: x\nparts: {}\nlist:\n  - id: abc\n  - id: a',
      'a.yaml:5:9: list[1].id: is too short',
    ],
    ['an infinite number', 'name: x\nparts: { a: { weight: .inf } }', 'must be a number, not Infinity'],
    ['nothing in it', '# a word', 'a.yaml:1:1: this file is empty'],
    ['a list', '- a', 'a.yaml:1:1: this file is not a map of keys'],
  ])('tells of %s with its place', (_, text, expected) => {
    if (typeof expected === 'string') expect(complaint(text)).toContain(expected);
    else expect(complaint(text)).toMatch(expected);
  });

  test('tells of all mistakes at once, in the order of the file', () => {
    expect(complaint('nam: x\nparts:\n  a: { weight: "2" }\n  b: 3\nlist: []\n').split('\n')).toEqual([
      '3 problems in a.yaml',
      'a.yaml:1:1: nam: unknown key "nam"',
      '  Did you mean "name"?',
      'a.yaml:3:16: parts.a.weight: must be a number, not the text "2"',
      '  Write it without quotes: 2',
      'a.yaml:4:6: parts.b: must be a map of keys, not 3',
    ]);
  });

  test('in JSON is told line and column too', () => {
    expect(complaint('{\n\t"name": "x",\n\t"parts": { "a": { "wieght": 1 } }\n}')).toBe(
      'a.yaml:3:20: parts.a.wieght: unknown key "wieght"\n  Did you mean "weight"?',
    );
    expect(thrown(() => parseDocument('{"name": ', 'a.json', schema))).toMatch(
      /^a\.json:1:\d+: this is not JSON/,
    );
  });

  test('counts lines from where the text begins in its file', () => {
    expect(complaint('parts: {}\nname: 3', 10)).toMatch(/^a\.yaml:11:/);
  });

  test('has its keys checked against each other where other parts have a wrong type', () => {
    const text = 'name: [1]\nparts: { a: { weight: 1 }, b: 3 }\nlist: [{ id: aa }, 7, { id: cc }]\n';
    const seen: unknown[] = [];
    const said = thrown(() =>
      parseDocument(text, 'a.yaml', schema, {
        check: (written, problems) => {
          seen.push(written);
          problems.add(['list', 2, 'id'], 'no part is called "cc"');
        },
      }),
    );
    expect(seen).toEqual([{ parts: { a: { weight: 1 } }, list: [{ id: 'aa' }, undefined, { id: 'cc' }] }]);
    expect(said).toMatch(
      /^4 problems.*\n.*name: must be text[\s\S]*parts\.b.*\n.*list\[1\].*\n.*3:29: list\[2\]\.id/,
    );
  });
});

describe('a hostile document is an input error', () => {
  const rows = (depth: number) =>
    Array.from({ length: depth }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`);

  test.each([
    ['deep lists', `a: ${'['.repeat(300)}${']'.repeat(300)}`, /nested more than 100 levels/],
    ['very deep lists', '['.repeat(20_000), /a\.yaml:/],
    ['deep maps on one line', `${'- '.repeat(3_000)}x`, /a\.yaml/],
    ['aliases of aliases', ['a0: &a0 [x]', ...rows(12)].join('\n'), /stand for too many values/],
    ['an alias of itself', 'a: &a [*a]', /nothing above is called "&a"/],
    ['too much text', `a: ${'x'.repeat(3 * 1024 ** 2)}`, /larger? .*2 MiB|too large/],
    ['a key twice', 'name: x\nname: y\nparts: {}', /2:1: this key occurs twice/],
    ['a map as a key', '? { a: 1 }\n: 2', /a key must be a text/],
  ])('%s', (_, text, expected) => {
    expect(complaint(text)).toMatch(expected);
  });

  test('a long map with distinct keys takes linear time', () => {
    const map = (count: number) => Array.from({ length: count }, (_, i) => `k${i}: 1`).join('\n');
    const time = (count: number) =>
      processorMs(() => parseDocument(map(count), 'a.yaml', z.record(z.string(), z.number())));
    time(1_000);
    expect(time(20_000) / time(5_000)).toBeLessThan(16);
  });

  test('a pipe, a folder and bytes that are not text', () => {
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    writeFileSync(join(folder, 'bytes.yaml'), Buffer.from([0xff, 0x41]));
    const read = (name: string) => thrown(() => readDocument(join(folder, name), schema, { what: 'recipe' }));
    expect(read('pipe.yaml')).toBe('pipe.yaml: this is not a plain file; a recipe is one');
    expect(read('.')).toContain('this is a folder; a recipe is a file');
    expect(read('bytes.yaml')).toContain('this recipe is not UTF-8 text');
    expect(read('none.yaml')).toBe('none.yaml: this recipe cannot be read: there is no such file');
  });

  test('many mistakes are counted, and the first are shown', () => {
    const said = complaint(`name: x\nparts: {}\nlist: [${Array(500).fill('{ id: a }').join(', ')}]`);
    expect(said.split('\n')).toHaveLength(52);
    expect(said).toMatch(/^500 problems[\s\S]*… and 450 more$/);
  });
});
