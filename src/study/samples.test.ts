import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surveySamples } from './samples.ts';
import { fakeEval, sample } from './testing/fake-eval.ts';

const some = [
  sample('1', { cluster: 'a', metadata: { first: true } }),
  sample('2', { cluster: 'a', metadata: { first: true } }),
  sample('3', {
    cluster: 'b',
    input: [
      { role: 'system', content: 'Be.' },
      { role: 'user', content: 'Hello?' },
    ],
  }),
  sample('4', { cluster: 'c' }),
];

describe('surveySamples', () => {
  it('counts samples and clusters, altogether and by measure', async () => {
    const survey = await surveySamples(fakeEval(some));
    expect(survey).toMatchObject({
      count: 4,
      clusters: 3,
      inputMessages: 5,
      inputCharacters: 3 * 'What of 1?'.length + 9,
    });
    expect(Object.fromEntries(survey.byMeasure)).toMatchObject({
      'fake/first': { samples: 2, clusters: 1 },
      'fake/both': { samples: 4, clusters: 3 },
      // Derived from the one above.
      'fake/severe': { samples: 4, clusters: 3 },
    });
  });

  it('counts every sample towards every measure where an eval does not say', async () => {
    const entry = fakeEval(some);
    const { measuresOf: _, ...code } = entry.eval;
    const survey = await surveySamples({ ...entry, eval: code });
    expect([...survey.byMeasure.values()]).toEqual(
      // Clusters of 2, 1 and 1: a little less informative than three of equal size.
      Array(3).fill({ samples: 4, clusters: 3, effectiveClusters: expect.closeTo(2.6, 0) }),
    );
  });

  it('gives the same digest for the same samples in any order', async () => {
    const { digest } = await surveySamples(fakeEval(some));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(some, { minLength: 4 }), async (shuffled) => {
        expect((await surveySamples(fakeEval(shuffled))).digest).toBe(digest);
      }),
    );
  });

  it.each([
    ['one fewer', some.slice(1)],
    ['another text', [...some.slice(1), sample('1', { cluster: 'a', metadata: { first: true }, input: [] })]],
    ['another cluster', [...some.slice(1), sample('1', { cluster: 'z', metadata: { first: true } })]],
    ['other metadata', [...some.slice(1), sample('1', { cluster: 'a', metadata: { first: false } })]],
    ['another id', [...some.slice(1), sample('one', { cluster: 'a', metadata: { first: true } })]],
  ])('gives another digest for %s', async (_, others) => {
    expect((await surveySamples(fakeEval(others))).digest).not.toBe(
      (await surveySamples(fakeEval(some))).digest,
    );
  });

  it.each([
    [[sample('1'), sample('2'), sample('1')], 'the sample id "1" comes twice in the eval "fake"'],
    [[sample('1'), sample('')], 'sample 2 of the eval "fake" has no id'],
    [[sample('1', { cluster: '' })], 'sample 1 of the eval "fake" ("1") has no cluster'],
    [
      [sample('1'), sample('x'.repeat(4097))],
      'the id of sample 2 of the eval "fake" is 4,097 characters long',
    ],
    [[sample('1'), sample('a\ud83d')], 'the id of sample 2 of the eval "fake" holds a half of a character'],
    [
      [sample('1', { cluster: '\udc00' })],
      'the cluster of sample 1 of the eval "fake" holds a half of a character',
    ],
    [[], 'the eval "fake" has no samples'],
  ])('refuses what could not be told apart', async (samples, message) => {
    await expect(surveySamples(fakeEval(samples))).rejects.toThrow(message);
  });
});
