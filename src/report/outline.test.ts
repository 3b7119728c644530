import { describe, expect, it } from 'vitest';
import {
  areFew,
  groupsOf,
  mainContrasts,
  reasonsAt,
  reasonsBehind,
  slugger,
  stageFinder,
  verdictCounts,
} from './outline.ts';
import { buildFindings } from './testing/build-findings.ts';
import { chain, manyModels } from './testing/examples.ts';

describe('groupsOf', () => {
  it('puts the raters of a measure together, the headline first', () => {
    const groups = groupsOf(chain());
    expect(
      groups.map(({ headline, others }) => [headline.id, headline.rater, others.map(({ rater }) => rater)]),
    ).toEqual([
      ['refusals/over-refusal', 'judge', ['string-match']],
      ['refusals/unsafe-response', 'judge', []],
      ['odcv/severity', 'judge', []],
    ]);
  });

  it('lets the first rater lead where none is the headline', () => {
    const measure = { id: 'a/b', title: 'B', estimates: [0.1, 0.2], headline: false };
    const found = buildFindings({
      stages: ['x', 'y'],
      measures: [
        { ...measure, rater: 'one' },
        { ...measure, rater: 'two' },
      ],
    });
    expect(groupsOf(found)[0]!.headline.rater).toBe('one');
  });
});

describe('mainContrasts', () => {
  it('is the last stage against the first trained stage where there are both', () => {
    const found = chain();
    expect(mainContrasts(found, found.measures[0]!).map(({ from, to }) => [from, to])).toEqual([
      ['sft', 'rl'],
    ]);
  });

  it('is every contrast of a few models, and none of too many', () => {
    const few = buildFindings({
      imported: true,
      stages: ['a', 'b', 'c'],
      measures: [{ id: 'x/y', title: 'Y', estimates: [0.1, 0.2, 0.3], contrasts: 'all' }],
    });
    expect(mainContrasts(few, few.measures[0]!)).toHaveLength(3);
    const many = manyModels();
    expect(many.measures[0]!.contrasts).toHaveLength(66);
    expect(mainContrasts(many, many.measures[0]!)).toEqual([]);
  });
});

it('lists what a chain of any length compares, but not all pairs of five', () => {
  const stages = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const long = buildFindings({
    stages,
    measures: [{ id: 'x/y', title: 'Y', estimates: stages.map((_, index) => index / 10) }],
  });
  expect(long.measures[0]!.contrasts).toHaveLength(9);
  expect(areFew(long.measures[0]!.contrasts, stages)).toBe(true);
  expect(areFew(Array(10), Array(5))).toBe(false);
  expect(areFew(Array(6), Array(4))).toBe(true);
});

it('tallies every contrast once', () => {
  const { contrasts } = manyModels().measures[0]!;
  const times = verdictCounts(contrasts);
  expect(times.reduce((sum, one) => sum + one.times, 0)).toBe(66);
  expect(times.every((one) => one.times > 0)).toBe(true);
});

it('gives each reason once, with its pairs unless it holds for all', () => {
  const { contrasts } = chain().measures[2]!;
  const pairOf = ({ from, to }: { from: string; to: string }) => `${from} → ${to}`.toUpperCase();
  expect(reasonsBehind(contrasts, pairOf)).toEqual([
    'PRETRAIN → SFT; PRETRAIN → RL: one of the stages has no values.',
  ]);
  expect(
    reasonsBehind(
      contrasts.filter(({ why }) => why),
      pairOf,
    ),
  ).toEqual(['One of the stages has no values.']);
});

it('describes stages that the findings do not know by their ids', () => {
  const stageOf = stageFinder(chain());
  expect(stageOf('sft').title).toBe('SFT');
  expect(stageOf('gone')).toMatchObject({ title: 'gone', role: 'other' });
});

it('names every measure and rater differently, in letters that a file may have', () => {
  const odd = { title: 'B', estimates: [0.1] };
  const found = buildFindings({
    stages: ['x'],
    measures: [
      { ...odd, id: 'a/b', rater: 'r' },
      { ...odd, id: 'a b', rater: 'r' },
      { ...odd, id: 'A/B', rater: 'r' },
      { ...odd, id: '../../etc/passwd', rater: '"><' },
      { ...odd, id: '模型', rater: '評価' },
    ],
  });
  const slugs = found.measures.map(slugger(found));
  expect(new Set(slugs).size).toBe(5);
  for (const slug of slugs) expect(slug).toMatch(/^[a-z0-9][a-z0-9.+-]*$/);
});

it('tells each reason once, also one of several that a stage has', () => {
  const stages = [
    { id: 'a', why: 'few labels; 3 came later' },
    { id: 'b', why: 'few labels' },
  ];
  expect(reasonsAt(stages, (id) => id.toUpperCase())).toEqual(['Few labels.', 'A: 3 came later.']);
});
