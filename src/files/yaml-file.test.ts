import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import { parseYaml, validateYaml } from './yaml-file.ts';

const schema = z.strictObject({
  name: z.string(),
  parts: z.record(z.string(), z.strictObject({ weight: z.number(), colour: z.string().optional() })),
  list: z.array(z.strictObject({ id: z.string().min(2, 'is too short') })).optional(),
});

function complaint(text: string, firstLine?: number): string {
  try {
    validateYaml(parseYaml(text, 'a.yaml', firstLine), schema);
  } catch (error) {
    if (error instanceof InputError) return error.toString();
    throw error;
  }
  throw new Error('there was nothing wrong');
}

describe('validateYaml', () => {
  test('gives what fits', () => {
    const text = 'name: x\nparts: { a: { weight: 2 } }\n';
    expect(validateYaml(parseYaml(text, 'a.yaml'), schema)).toEqual({
      name: 'x',
      parts: { a: { weight: 2 } },
    });
  });

  test.each([
    ['no YAML', 'name: [x', /^a\.yaml:1:\d+: this is not YAML/],
    ['a missing key', 'parts: {}', 'a.yaml:1:1: name: "name" is missing'],
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
      'a.yaml:5:5: list[1].id: is too short',
    ],
  ])('tells %s with its place', (_, text, expected) => {
    if (typeof expected === 'string') expect(complaint(text)).toContain(expected);
    else expect(complaint(text)).toMatch(expected);
  });

  test('counts lines from where the text begins in its file', () => {
    expect(complaint('parts: {}\nname: 3', 10)).toMatch(/^a\.yaml:11:/);
  });
});
