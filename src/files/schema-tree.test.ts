import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../core/index.ts';
import { keysAt, meaningAt, placesOfKey } from './schema-tree.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'The name.' },
    list: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string' },
          { type: 'object', properties: { kind: { const: 'a' }, alpha: { description: 'Of a.' } } },
          { type: 'object', properties: { kind: { const: 'b' }, beta: { $ref: '#/$defs/deep' } } },
        ],
      },
    },
    byName: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { size: { description: 'How big.' } } },
    },
    pair: { type: 'array', prefixItems: [{ type: 'string' }, { properties: { second: {} } }] },
  },
  $defs: { deep: { properties: { inner: { description: 'Deep inside.' } } } },
};

const keys = (path: (string | number)[], value: unknown) => [...keysAt(schema, path, value).keys()];

describe('keysAt', () => {
  it('names the keys of an object', () => {
    expect(keys([], {})).toEqual(['name', 'list', 'byName', 'pair']);
    expect(keys(['name'], { name: 'x' })).toEqual([]);
  });

  it('goes through lists, tuples, maps by name, and references', () => {
    expect(keys(['byName', 'anything'], { byName: { anything: {} } })).toEqual(['size']);
    expect(keys(['pair', 1], { pair: ['x', {}] })).toEqual(['second']);
    expect(keys(['list', 0, 'beta'], { list: [{ kind: 'b', beta: {} }] })).toEqual(['inner']);
  });

  it('keeps to the alternative that the value chose', () => {
    expect(keys(['list', 0], { list: [{ kind: 'a' }] })).toEqual(['kind', 'alpha']);
    expect(keys(['list', 1], { list: [{ kind: 'a' }, { kind: 'b' }] })).toEqual(['kind', 'beta']);
    expect(keys(['list', 0], { list: [{}] })).toEqual(['kind', 'alpha', 'beta']);
    expect(keys(['list', 0], { list: [{ kind: 'neither' }] })).toEqual(['kind', 'alpha', 'beta']);
  });
});

describe('meaningAt', () => {
  it('is the description of a key', () => {
    expect(meaningAt(schema, ['name'], {})).toBe('The name.');
    expect(meaningAt(schema, ['byName', 'x', 'size'], { byName: { x: {} } })).toBe('How big.');
    expect(meaningAt(schema, ['nothing'], {})).toBeUndefined();
  });
});

describe('placesOfKey', () => {
  it('finds where a key belongs', () => {
    expect(placesOfKey(schema, 'alpha')).toEqual(['list[].alpha']);
    expect(placesOfKey(schema, 'size')).toEqual(['byName[…].size']);
    expect(placesOfKey(schema, 'kind')).toEqual(['list[].kind']);
    expect(placesOfKey(schema, 'nowhere')).toEqual([]);
  });
});
