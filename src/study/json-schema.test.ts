import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { JsonObject } from '../core/index.ts';
import { evals } from '../evals/index.ts';
import { studyJsonSchema } from './json-schema.ts';

const schema = studyJsonSchema();

/** Every key that a schema names, as a path, with its own schema. */
function* keysOf(node: JsonObject, path = ''): Generator<[path: string, member: JsonObject]> {
  for (const [key, member] of Object.entries((node.properties ?? {}) as Record<string, JsonObject>)) {
    yield [`${path}.${key}`, member];
    yield* keysOf(member, `${path}.${key}`);
  }
  for (const inner of [node.items, node.additionalProperties]) {
    if (inner !== null && typeof inner === 'object') yield* keysOf(inner as JsonObject, `${path}[]`);
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    for (const branch of (node[keyword] ?? []) as readonly JsonObject[]) yield* keysOf(branch, path);
  }
}

describe('studyJsonSchema', () => {
  it('is JSON, of draft 2020-12', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  });

  it('describes every key', () => {
    const keys = [...keysOf(schema)];
    expect(keys.map(([path]) => path)).toContain('.stages[].sampling.max_tokens');
    expect(keys.map(([path]) => path)).toContain('.endpoints[].price.input');
    expect(keys.map(([path]) => path)).toContain('.endpoints[].prices[].output');
    expect(keys.filter(([, member]) => typeof member.description !== 'string').map(([path]) => path)).toEqual(
      [],
    );
  });

  it('names the evals, and the options of each', () => {
    const paths = [...keysOf(schema)].map(([path]) => path);
    expect(JSON.stringify(schema)).toContain(`"enum":${JSON.stringify(Object.keys(evals))}`);
    for (const { name, optionsSchema } of Object.values(evals)) {
      expect(JSON.stringify(schema)).toContain(`"const":${JSON.stringify(name)}`);
      for (const option of Object.keys(optionsSchema.properties as object)) {
        expect(paths).toContain(`.evals[].options.${option}`);
      }
    }
  });

  it.each([
    '../../src/study/starter.yaml',
    '../../examples/olmo3/study.yaml',
    '../../examples/scripted/study.yaml',
  ])('accepts %s, and not with a mistake in it', (name) => {
    const study = parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
    const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    expect(validator.safeParse(study).error?.issues).toBeUndefined();
    expect(validator.safeParse({ ...study, sampling: { maxTokens: 3 } }).success).toBe(false);
    const wrongOption = { eval: 'refusals', options: { promts: 'benign' } };
    expect(validator.safeParse({ ...study, evals: [wrongOption] }).success).toBe(false);
  });
});
