import { describe, expect, it } from 'vitest';
import { InputError, type StageInfo } from '../core/index.ts';
import { describeStages, planStages } from './stage-chain.ts';

/** `id<from` each. */
function stages(...texts: readonly string[]): StageInfo[] {
  return texts.map((text) => {
    const [id, from] = text.split('<');
    return { id: id!, kind: id!, from: from ?? null, model: null };
  });
}

const chain = stages('pretrain', 'sft<pretrain', 'dpo<sft', 'production<dpo');

/** Pairs by id. */
function pairs(all: readonly StageInfo[], ...rest: [Parameters<typeof planStages>[1], string[]?]): string[] {
  return planStages(all, ...rest).pairs.map(([from, to]) => `${all[from]!.id}→${all[to]!.id}`);
}

describe('planStages', () => {
  it('compares along the chain, its ends, and the first trained stage with the last', () => {
    expect(pairs(chain, 'chain')).toEqual([
      'pretrain→sft',
      'sft→dpo',
      'dpo→production',
      'pretrain→production',
      'sft→production',
    ]);
  });

  it('compares nothing twice in short chains', () => {
    expect(pairs(stages('base', 'sft<base'), 'chain')).toEqual(['base→sft']);
    expect(pairs(stages('base', 'sft<base', 'rl<sft'), 'chain')).toEqual(['base→sft', 'sft→rl', 'base→rl']);
  });

  it('compares a branch with the stage that it leaves, with those that leave it too, and with the other last ones', () => {
    const tree = stages('base', 'sft<base', 'rl<sft', 'filtered<base');
    expect(pairs(tree, 'chain')).toEqual([
      'base→sft',
      'sft→rl',
      'base→filtered',
      'base→rl',
      'sft→filtered',
      'rl→filtered',
    ]);
    expect(planStages(tree, 'chain').chains).toEqual([
      [0, 1, 2],
      [0, 3],
    ]);
  });

  const at = (of: StageInfo[], kind: string) =>
    of.map((stage) => {
      const step = Number(stage.id.split('-')[1]);
      return Number.isNaN(step) ? stage : { ...stage, kind, step };
    });

  it('takes the last checkpoint of a training for it: those on the way are points of a curve', () => {
    const run = at(stages('base', 'sft<base', 'rl-1<sft', 'rl-2<rl-1', 'rl-3<rl-2', 'rl-4<rl-3'), 'rl');
    expect(pairs(run, 'chain')).toEqual(['base→sft', 'sft→rl-4', 'base→rl-4']);
    expect(planStages(run, 'chain')).toMatchObject({ chains: [[0, 1, 5]], shown: [0, 1, 2, 3, 4, 5] });
    const beside = at(stages('sft', 'rl-1<sft', 'rl-2<sft', 'rl-3<sft'), 'rl');
    expect(pairs(beside, 'chain')).toEqual(['sft→rl-3']);
    // Two are no curve.
    expect(pairs(at(stages('sft', 'rl-1<sft', 'rl-2<rl-1'), 'rl'), 'chain')).toHaveLength(3);
  });

  it('keeps the first checkpoint of a training that nothing comes before, and one that another stage was made from', () => {
    expect(pairs(at(stages('p-1', 'p-2<p-1', 'p-3<p-2', 'sft<p-3'), 'p'), 'chain')).toEqual([
      'p-1→p-3',
      'p-3→sft',
      'p-1→sft',
    ]);
    expect(pairs(at(stages('p-1', 'p-2', 'p-3'), 'p'), 'chain')).toEqual(['p-1→p-3']);
    const left = at(stages('sft', 'rl-1<sft', 'rl-2<rl-1', 'rl-3<rl-2', 'dpo<rl-2'), 'rl');
    expect(pairs(left, 'chain')).toEqual([
      'sft→rl-2',
      'rl-2→rl-3',
      'rl-2→dpo',
      'sft→dpo',
      'sft→rl-3',
      'dpo→rl-3',
    ]);
  });

  it('compares checkpoints on the way where they are asked for', () => {
    const run = at(stages('rl-1', 'rl-2<rl-1', 'rl-3<rl-2'), 'rl');
    expect(pairs(run, 'all')).toHaveLength(3);
    expect(pairs(run, 'chain', ['rl-1', 'rl-2', 'rl-3'])).toHaveLength(3);
    expect(pairs(run, [['rl-1', 'rl-2']])).toEqual(['rl-1→rl-2']);
  });

  it('takes leaves in one order, however the study lists them', () => {
    const one = stages('base', 'sft<base', 'rl-a<sft', 'rl-b<sft', 'rl-c<rl-b');
    const other = stages('base', 'sft<base', 'rl-b<sft', 'rl-c<rl-b', 'rl-a<sft');
    const ids = (all: StageInfo[]) =>
      planStages(all, 'chain').chains.map((chain) => chain.map((stage) => all[stage]!.id).join(' '));
    expect(ids(one)).toEqual(['base sft rl-b rl-c', 'base sft rl-a']);
    expect(ids(other)).toEqual(ids(one));
    expect(pairs(other, 'chain').toSorted()).toEqual(pairs(one, 'chain').toSorted());
    expect(pairs(one, 'chain')).toEqual(expect.arrayContaining(['rl-b→rl-a', 'rl-c→rl-a']));
  });

  it('compares a model of no chain with the last stages', () => {
    const tree = stages('other', 'base', 'sft<base');
    expect(pairs(tree, 'chain')).toEqual(['base→sft', 'sft→other']);
  });

  it('compares all with all where no stage was trained from another, or where it is asked to', () => {
    const models = stages('a', 'b', 'c');
    expect(pairs(models, 'chain')).toEqual(['a→b', 'a→c', 'b→c']);
    expect(planStages(models, 'chain')).toMatchObject({
      chains: [],
      firstTrained: new Set(),
      last: new Set(),
    });
    expect(pairs(chain, 'all')).toHaveLength(6);
  });

  it('compares the pairs that the study names', () => {
    expect(pairs(chain, [['production', 'sft']])).toEqual(['production→sft']);
  });

  it('compares all pairs of the stages wanted, and keeps what they are in the whole chain', () => {
    const plan = planStages(chain, 'chain', ['dpo', 'sft', 'production']);
    expect(plan.pairs).toEqual([
      [2, 1],
      [2, 3],
      [1, 3],
    ]);
    expect(plan.chains).toEqual([[1, 2, 3]]);
    expect(describeStages(chain, plan).map(({ id, role }) => [id, role])).toEqual([
      ['dpo', 'other'],
      ['sft', 'first-trained'],
      ['production', 'last'],
    ]);
  });

  it('one stage alone is compared with nothing', () => {
    expect(pairs(stages('only'), 'chain')).toEqual([]);
  });

  it('says which stage is unknown, and what was meant', () => {
    expect(() => planStages(chain, 'chain', ['stf', 'dpo'])).toThrow('did you mean "sft"?');
    expect(() => planStages(chain, 'chain', ['sft'])).toThrow(InputError);
    expect(() => planStages(chain, [['sft', 'rl']])).toThrow('no stage "rl"');
  });
});
