import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun } from './testing/planted-run.ts';

type Stage = { readonly id: string; readonly from: string | null; readonly again?: string };

/** The rate of each stage by its id; the same samples change where rates do. */
function run(
  stages: readonly Stage[],
  rates: Readonly<Record<string, number>>,
  more: Partial<PlantedRun> = {},
) {
  return plantedRun({
    stages,
    samples: 600,
    clusters: 100,
    value: ({ stage, sample }) => Number(chance(sample) < rates[stages[stage]!.id]!),
    ...more,
  });
}

const base = { id: 'base', from: null };
const sft = { id: 'sft', from: 'base' };
const rlA = { id: 'rl-a', from: 'sft' };
const rlB = { id: 'rl-b', from: 'sft' };
const rates = { base: 0.6, sft: 0.55, 'rl-a': 0.5, 'rl-b': 0.1 };

describe('a chain that branches', () => {
  it('gives every leaf its chain, its shares and its sentence', async () => {
    const { measures, chains, answer } = await makeFindings(run([base, sft, rlA, rlB], rates));
    expect(chains).toEqual([
      ['base', 'sft', 'rl-a'],
      ['base', 'sft', 'rl-b'],
    ]);
    const { branches, shares } = measures[0]!;
    expect(branches!.map(({ to, parts }) => [to, parts.map((part) => part.to)])).toEqual([
      ['rl-a', ['sft', 'rl-a']],
      ['rl-b', ['sft', 'rl-b']],
    ]);
    expect(shares).toEqual(branches![0]);
    expect(branches![1]!.carriers).toEqual(['rl-b']);
    expect(answer).toContain('from base to rl-b, rl-b carried most of the change in over-refusal');
    expect(answer).toMatch(/rom base to rl-a, over-refusal \(−\S+ points\) changed/);
    expect(answer).toMatch(/rl-b differs from rl-a in over-refusal \(−/);
    expect(answer).not.toMatch(/from rl-[ab] to/);
  });

  it('says the same in whatever order the study lists the leaves', async () => {
    const one = await makeFindings(run([base, sft, rlA, rlB], rates));
    const other = await makeFindings(run([base, sft, rlB, rlA], rates));
    expect(other.answer).toBe(one.answer);
    expect(other.chains).toEqual(one.chains);
    expect(other.measures[0]!.branches).toEqual(one.measures[0]!.branches);
    expect(verdicts(other)).toEqual(verdicts(one));
  });

  it('of one leaf asked for gives that leaf’s shares', async () => {
    const all = await makeFindings(run([base, sft, rlA, rlB], rates));
    const one = await makeFindings(run([base, sft, rlA, rlB], rates), { stages: ['base', 'sft', 'rl-b'] });
    expect(one.measures[0]!.shares).toEqual(all.measures[0]!.branches![1]);
    expect(one.measures[0]!.branches).toBeUndefined();
    expect(one.chains).toEqual([['base', 'sft', 'rl-b']]);
  });

  it('of three leaves compares each with each, and counts the steps of all chains for the carriers', async () => {
    const rlC = { id: 'rl-c', from: 'sft' };
    const found = await makeFindings(run([base, sft, rlC, rlA, rlB], { ...rates, 'rl-c': 0.54 }));
    expect(found.measures[0]!.branches!.map(({ to }) => to)).toEqual(['rl-a', 'rl-b', 'rl-c']);
    const pairs = found.measures[0]!.contrasts.map(({ from, to }) => `${from} ${to}`);
    expect(pairs).toEqual(expect.arrayContaining(['rl-a rl-b', 'rl-a rl-c', 'rl-b rl-c']));
    expect(found.measures[0]!.branches!.map(({ carriers }) => carriers)).toEqual([[], ['rl-b'], ['sft']]);
  });

  it('nested, gives every leaf the whole path to it', async () => {
    const deep = { id: 'deep', from: 'rl-b' };
    const found = await makeFindings(
      run([base, sft, rlA, rlB, deep, { id: 'deeper', from: 'rl-b' }], { ...rates, deep: 0.1, deeper: 0.3 }),
    );
    expect(found.chains).toEqual([
      ['base', 'sft', 'rl-b', 'deep'],
      ['base', 'sft', 'rl-b', 'deeper'],
      ['base', 'sft', 'rl-a'],
    ]);
    expect(found.measures[0]!.branches!.map(({ parts }) => parts.length)).toEqual([3, 3, 2]);
    const carriers = found.measures[0]!.branches!.map((branch) => branch.carriers);
    expect(carriers[0]).toEqual(['rl-b']);
    // A step back after rl-b: shares exceed the whole, and none is named.
    expect(found.measures[0]!.branches![1]!.opposed).toBe(true);
    expect(carriers[1]).toEqual([]);
  });
});

describe('an intervention', () => {
  const plain = { id: 'plain', from: 'base' };
  const without = { id: 'without', from: 'base' };

  it('is compared with its sibling first, and neither is the earlier', async () => {
    const { answer, measures } = await makeFindings(
      run([base, plain, without], { base: 0.6, plain: 0.2, without: 0.6 }),
    );
    expect(answer).toMatch(/^Without differs from plain|^without differs from plain/);
    expect(measures[0]!.shares).toBeUndefined();
    expect(answer).not.toContain('carried');
  });

  it('is compared with its sibling where that goes on to another stage', async () => {
    const found = await makeFindings(
      run([base, plain, { id: 'rl', from: 'plain' }, without], {
        base: 0.6,
        plain: 0.2,
        rl: 0.2,
        without: 0.6,
      }),
    );
    const pairs = found.measures[0]!.contrasts.map(({ from, to }) => `${from} ${to}`);
    expect(pairs).toEqual(expect.arrayContaining(['plain without', 'rl without']));
    expect(found.measures[0]!.shares).toMatchObject({ from: 'base', to: 'rl', carriers: ['plain'] });
  });

  it('leaves A/A arms out of every chain and of every comparison of branches', async () => {
    const again = { id: 'plain-again', from: null, again: 'plain' };
    const found = await makeFindings(
      run([base, plain, without, again], { base: 0.6, plain: 0.2, without: 0.6, 'plain-again': 0.2 }),
    );
    expect(found.chains.flat()).not.toContain('plain-again');
    expect(found.measures[0]!.contrasts.flatMap(({ from, to }) => [from, to])).not.toContain('plain-again');
    expect(found.measures[0]!.again).toHaveLength(1);
  });

  it('with many arms says how they spread', async () => {
    const arms = ['a', 'b', 'c', 'd'].map((id) => ({ id, from: 'base' }));
    const { answer } = await makeFindings(
      run([base, ...arms], { base: 0.6, a: 0.6, b: 0.6, c: 0.2, d: 0.2 }),
    );
    expect(answer).toMatch(
      /^Over-refusal runs from .* \([cd]\) to .* \([ab]\): of 6 pairs, 4 differ by more than/,
    );
  });
});

function verdicts({ measures }: Awaited<ReturnType<typeof makeFindings>>) {
  return measures[0]!.contrasts
    .map(({ from, to, verdict, interval, pFamily }) => ({ from, to, verdict, interval, pFamily }))
    .toSorted((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1));
}
