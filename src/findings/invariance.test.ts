import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Measure } from '../core/index.ts';
import { temporaryFolder } from '../evals/testing/published.ts';
import { importTable } from '../interchange/index.ts';
import type { Findings } from './findings.ts';
import { makeFindings } from './index.ts';
import { chance, plantedRun, score } from './testing/planted-run.ts';
import { publishedRun } from './testing/published-run.ts';

const STAGES = ['base', 'sft', 'rl-a', 'rl-b'];
const CHAINS = [
  ['base', 'sft', 'rl-a'],
  ['base', 'sft', 'rl-b'],
];

/** Rows of a table: two raters, some answers lost, clusters of uneven sizes. */
function rows(seed: number): string[] {
  const rates = [0.5, 0.3, 0.3, 0.1];
  return STAGES.flatMap((stage, s) =>
    Array.from({ length: 60 }, (_, i) => {
      const cluster = Math.floor(Math.sqrt(i * 3));
      const value = Number(0.7 * chance(seed, i) + 0.3 * chance(seed, i, s) < rates[s]!);
      return `${stage},p${i},c${cluster},${chance(seed, i, s, 7) < 0.03 ? '' : value}`;
    }),
  );
}

async function findingsOf(lines: readonly string[], chains = CHAINS): Promise<Findings> {
  using folder = temporaryFolder({ 'scores.csv': ['stage,sample,cluster,value', ...lines].join('\n') });
  const results = await importTable(join(folder.path, 'scores.csv'), { chains });
  return makeFindings(await publishedRun(results));
}

/** What findings claim, with stages and pairs in one order. */
function claims({ measures, answer }: Findings) {
  const byName = <T>(all: readonly T[], nameOf: (one: T) => string) =>
    all.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    answer,
    measures: measures.map(({ stages, contrasts, shares, branches }) => ({
      stages: byName(stages, ({ id }) => id),
      contrasts: byName(contrasts, ({ from, to }) => `${from} ${to}`),
      shares,
      branches,
    })),
  };
}

describe('what does not matter to a finding', () => {
  it('the order of rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.nat(), { minLength: 240, maxLength: 240 }),
        async (seed, keys) => {
          const lines = rows(seed);
          const shuffled = lines
            .map((line, i) => ({ line, key: keys[i]! }))
            .toSorted((a, b) => a.key - b.key);
          const [one, other] = [await findingsOf(lines), await findingsOf(shuffled.map(({ line }) => line))];
          expect(claims(other)).toEqual(claims(one));
        },
      ),
      { numRuns: 6 },
    );
  });

  it('the order in which chains are listed', async () => {
    for (const seed of [1, 2, 3]) {
      const [one, other] = [
        await findingsOf(rows(seed)),
        await findingsOf(rows(seed), [...CHAINS].reverse()),
      ];
      expect(claims(other)).toEqual(claims(one));
    }
  });

  it('the unit of a score: a hundred times as large, everything is, and verdicts are the same', async () => {
    const factor = 100;
    const run = (times: number, clusters: number) => {
      const measure: Measure = { ...score, range: [0, 5 * times] };
      return makeFindings(
        plantedRun({
          stages: ['a', 'b', 'c'],
          samples: 120,
          clusters,
          measures: [measure],
          manifest: { margins: { default: 0.05, byMeasure: { [score.id]: 0.4 * times } } },
          value: ({ stage, sample }) =>
            times * Math.floor(5 * (0.8 * chance(sample) + 0.2 * chance(sample, stage)) ** (1 + stage)),
        }),
      );
    };
    for (const clusters of [7, 40]) {
      const [one, other] = [await run(1, clusters), await run(factor, clusters)];
      const pairs = one.measures[0]!.contrasts.map(
        (contrast, i) => [contrast, other.measures[0]!.contrasts[i]!] as const,
      );
      for (const [small, large] of pairs) {
        expect(large.verdict).toBe(small.verdict);
        expect(large.difference!).toBeCloseTo(factor * small.difference!, 8);
        expect(large.interval![0]).toBeCloseTo(factor * small.interval![0], 6);
        expect(large.interval![1]).toBeCloseTo(factor * small.interval![1], 6);
        expect(large.pFamily!).toBeCloseTo(small.pFamily!, 10);
      }
      const [shares, scaled] = [one.measures[0]!.shares!, other.measures[0]!.shares!];
      expect(scaled.carriers).toEqual(shares.carriers);
      expect(scaled.parts.map(({ share }) => share?.toFixed(8))).toEqual(
        shares.parts.map(({ share }) => share?.toFixed(8)),
      );
    }
  });
});
