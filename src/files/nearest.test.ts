import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('nearest', () => {
  const keys = ['temperature', 'top_p', 'max_tokens', 'seed', 'stop'];

  it.each([
    ['temprature', 'temperature'],
    ['maxTokens', 'max_tokens'],
    ['top-p', 'top_p'],
    ['sede', 'seed'],
    ['stp', 'stop'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearest(typed, keys)).toBe(meant);
  });

  it('finds a name by a whole part of it', () => {
    expect(nearest('over-refusal', ['odcv/severity', 'refusals/over-refusal'])).toBe('refusals/over-refusal');
  });

  it('prefers the closer of two', () => {
    expect(nearest('sft2', ['sft', 'sft3', 'dpo'])).toBe('sft');
    expect(nearest('sfd', ['dpo', 'sft'])).toBe('sft');
  });

  it('says nothing where nothing is near', () => {
    expect(nearest('frequency_penalty', keys)).toBeUndefined();
    expect(nearest('a', ['b'])).toBeUndefined();
    expect(nearest('seed', [])).toBeUndefined();
  });

  it('finds a known name itself', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        fc.pre(/[^-_ .]/.test(name));
        expect(nearest(name, [name])).toBe(name);
      }),
    );
  });
});

describe('editDistance', () => {
  it('counts a swap of neighbours once', () => {
    expect(editDistance('stf', 'sft')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });

  it('is symmetric, zero only for equal texts, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});
