import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../core/index.ts';
import { loadRecipe, recipeDigest } from './recipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'stemma-recipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  mkdirSync(join(folder, 'mixtures'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const head = 'engine: organism\nmethod: sft\n';

function complaint(text: string, name = 'recipe.yaml'): string {
  try {
    loadRecipe(write(name, text));
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return String(error).replaceAll(`${folder}/`, '');
  }
  return 'nothing wrong';
}

describe('a recipe', () => {
  test('names its mixture in a file of its own, or holds it', () => {
    write('mixtures/some.yaml', 'sources:\n  safety: { weight: 2, teacher: strict }\n  everyday: 1\n');
    const inFile = loadRecipe(write('a.yaml', `${head}mixture: mixtures/some.yaml\n`));
    const inline = loadRecipe(
      write(
        'b.yaml',
        `${head}mixture:\n  sources: { safety: { weight: 2, teacher: strict }, everyday: 1 }\n`,
      ),
    );
    expect(inFile).toEqual(inline);
    expect(inFile).toMatchObject({
      method: 'sft',
      steps: 250,
      seed: 1,
      mixture: { safety: { weight: 2, teacher: 'strict' }, everyday: { weight: 1 } },
    });
    expect(recipeDigest(inFile)).toBe(recipeDigest(inline));
  });

  test('has a digest that changes with anything that shapes the training, and with no comment', () => {
    const digest = (text: string) => recipeDigest(loadRecipe(write('c.yaml', text)));
    const plain = digest(`${head}mixture: { sources: { safety: 1 } }\n`);
    expect(digest(`# a word\n${head}mixture: { sources: { safety: 1 } }\n`)).toBe(plain);
    expect(digest(`${head}steps: 250\nmixture: { sources: { safety: 1 } }\n`)).toBe(plain);
    expect(digest(`${head}seed: 2\nmixture: { sources: { safety: 1 } }\n`)).not.toBe(plain);
    expect(digest(`${head}mixture: { sources: { safety: 2 } }\n`)).not.toBe(plain);
  });

  test('by reinforcement gives each reward its share', () => {
    const text = 'engine: organism\nmethod: grpo\nrewards: { measured-speed: 0.5, constant: 0.5 }\n';
    expect(loadRecipe(write('d.yaml', text))).toMatchObject({
      method: 'grpo',
      steps: 30,
      group: 8,
      beta: 0.15,
    });
  });
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['no YAML', `${head}mixture: [`, /^recipe\.yaml:\d+:\d+: /],
    ['no method', 'engine: organism\n', 'recipe.yaml:1:1: method: "method" is missing'],
    [
      'an unknown method',
      'engine: organism\nmethod: dpo\n',
      'recipe.yaml:2:9: method: must be "sft" or "grpo", not the text "dpo"',
    ],
    [
      'a mistyped key',
      `${head}stepps: 3\nmixture: { sources: { safety: 1 } }\n`,
      'recipe.yaml:3:1: stepps: unknown key "stepps"\n  Did you mean "steps"?',
    ],
    [
      'a number out of range',
      `${head}steps: 0\nmixture: { sources: { safety: 1 } }\n`,
      /^recipe\.yaml:3:8: steps: must be at least 1, not 0/,
    ],
    ['no mixture', head, 'recipe.yaml:1:1: mixture: "mixture" is missing'],
    ['a mixture that is not there', `${head}mixture: none.yaml\n`, 'none.yaml: this mixture cannot be read'],
    [
      'an unknown source',
      `${head}mixture:\n  sources:\n    safty: 1\n`,
      'recipe.yaml:5:5: mixture.sources.safty: there is no source "safty"\n  Did you mean "safety"?',
    ],
    [
      'an unknown teacher',
      `${head}mixture:\n  sources:\n    safety: { weight: 1, teacher: strikt }\n`,
      'mixture.sources.safety.teacher: source "safety" has no teacher "strikt"\n  Did you mean "strict"?',
    ],
    [
      'a weight below 0',
      `${head}mixture:\n  sources:\n    safety: -1\n`,
      /^recipe\.yaml:5:13: mixture\.sources\.safety: must be at least 0, not -1/,
    ],
    ['nothing to draw from', `${head}mixture:\n  sources:\n    safety: 0\n`, 'nothing would be drawn'],
    [
      'an unknown reward',
      'engine: organism\nmethod: grpo\nrewards:\n  sped: 1\n',
      'recipe.yaml:4:3: rewards.sped: there is no reward "sped"',
    ],
    [
      'an unknown key of a source',
      `${head}mixture:\n  sources:\n    safety: { weight: 1, techer: strict }\n`,
      'Did you mean "teacher"?',
    ],
  ])('%s', (_, text, expected) => {
    const said = complaint(text);
    if (typeof expected === 'string') expect(said).toContain(expected);
    else expect(said).toMatch(expected);
  });

  test('a mistake in a mixture file is told at its place there', () => {
    write('mixtures/bad.yaml', 'sources:\n  safety: 1\n  dilemas: 2\n');
    expect(complaint(`${head}mixture: mixtures/bad.yaml\n`)).toBe(
      'mixtures/bad.yaml:3:3: sources.dilemas: there is no source "dilemas"\n  Did you mean "dilemmas"?',
    );
  });
});

test('the example recipes load', () => {
  const recipes = join(import.meta.dirname, '../../examples/organism/recipes');
  for (const name of readdirSync(recipes)) expect(loadRecipe(join(recipes, name)).engine).toBe('organism');
});
