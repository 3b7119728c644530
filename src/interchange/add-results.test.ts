import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../evals/testing/published.ts';
import { makeFindings } from '../findings/index.ts';
import { openRun } from '../records/index.ts';
import { type ImportSummary, importResults, stagesOfRun } from './import-results.ts';
import { type ImportTableOptions, importTable } from './table/import.ts';
import type { TableMapping } from './table/mapping.ts';

async function imported(tables: readonly (readonly [content: string, options?: ImportTableOptions])[]) {
  const files = Object.fromEntries(tables.map(([content], index) => [`t${index}.csv`, content]));
  const folder = temporaryFolder(files);
  const into = join(folder.path, 'run');
  let summary: ImportSummary | undefined;
  for (const [index, [, options]] of tables.entries()) {
    const table = await importTable(join(folder.path, `t${index}.csv`), {
      ...options,
      known: await stagesOfRun(into),
    });
    summary = await importResults(table, into, { add: index > 0 });
  }
  const run = await openRun(into);
  const { manifest } = run;
  const found = await makeFindings(run);
  run.close();
  folder[Symbol.dispose]();
  return { manifest, found, summary };
}

const first =
  'stage,sample,rater,response,value\nbase,1,j,hi,0\nbase,2,j,ho,1\nsft,1,j,hey,1\nsft,2,j,he,1\n';

describe('a second import', () => {
  test('adds stages, raters, measures and samples, each dated', async () => {
    const { manifest, found } = await imported([
      [first],
      ['stage,sample,rater,value\nrl,1,j,1\nrl,2,j,1\nrl,3,j,0\n', { chains: [] }],
      [
        'stage,sample,rater,measure,value\nbase,1,human-1,value,1\nsft,1,human-1,turns,4.5\nbase,1,human-1,turns,2.5\n',
      ],
    ]);
    expect(manifest.stages.map(({ id }) => id)).toEqual(['base', 'sft', 'rl']);
    expect(manifest.raters.map(({ id }) => id)).toEqual(['j', 'human-1']);
    expect(manifest.evals[0]).toMatchObject({ samples: { count: 3, clusters: 3 } });
    expect(manifest.growth!.map(({ what }) => what)).toEqual([
      'stage rl, from t1.csv',
      'measure imported/turns, from t2.csv',
      'rater human-1, from t2.csv',
    ]);
    const estimate = (id: string, rater: string, stage: string) =>
      found.measures
        .find((measure) => measure.id === id && measure.rater === rater)!
        .stages.find((one) => one.id === stage)!.estimate;
    expect(estimate('imported/value', 'j', 'rl')).toBeCloseTo(2 / 3);
    expect(estimate('imported/turns', 'human-1', 'sft')).toBe(4.5);
    // A rater of that name is the same rater, whichever table it is in.
    const contrasts = found.measures.find(
      ({ id, rater }) => id === 'imported/value' && rater === 'j',
    )!.contrasts;
    expect(contrasts.map(({ why }) => why)).not.toContainEqual(expect.stringContaining('version'));
  });

  test('may begin its chain with a stage of the run', async () => {
    const { manifest, found } = await imported([
      [first],
      ['stage,sample,rater,value\nrl,1,j,1\nrl,2,j,1\n', { chains: [['base', 'sft', 'rl']] }],
    ]);
    expect(manifest.stages).toMatchObject([
      { id: 'base', from: null },
      { id: 'sft', from: 'base' },
      { id: 'rl', from: 'sft' },
    ]);
    expect(found.measures[0]!.shares?.parts).toHaveLength(2);
  });

  test('given again adds nothing', async () => {
    const { manifest, summary } = await imported([[first], [first]]);
    expect(manifest.growth).toBeUndefined();
    expect(summary).toEqual({ trials: 0, ratings: 0 });
  });

  test('with other values or responses: the run keeps its own, and that is told', async () => {
    const { found, summary } = await imported([
      [first],
      [
        'stage,sample,rater,response,value\nbase,1,j,hi,1\nbase,2,j,other,1\nsft,1,j,hey,\nsft,2,j,he,1\nsft,3,j,new,0\n',
      ],
    ]);
    expect(summary).toEqual({
      trials: 1,
      ratings: 1,
      notes: [
        '2 values differ from those of the run, which keeps its own (base/imported/1#1: 0 in the run, 1 here).',
        '1 response differs from that of the run, which keeps its own (base/imported/2#1).',
      ],
    });
    expect(found.measures[0]!.stages.find(({ id }) => id === 'base')!.estimate).toBe(0.5);
  });

  test('without responses has none that differ', async () => {
    const { summary } = await imported([[first], ['stage,sample,rater,value\nbase,1,k,1\n']]);
    expect(summary).toEqual({ trials: 0, ratings: 1 });
  });

  test.each([
    [
      'of the kind',
      { kind: 'sft' },
      { kind: 'dpo' },
      '"sft" is of the kind "sft" in the run, and "dpo" here',
    ],
    ['taken at step', { step: 100 }, { step: 200 }, '"sft" is taken at step 100 in the run, and 200 here'],
    [
      'at the level',
      { factors: { data: 'all' } },
      { factors: { data: 'half' } },
      '"sft" is at the level of data "all" in the run, and "half" here',
    ],
  ])('that says another %s of a stage is refused', async (_, one, other, words) => {
    const said = (about: object) => ({
      mapping: { columns: {}, stages: [{ name: 'sft', ...about }] } as TableMapping,
    });
    await expect(
      imported([
        [first, said(one)],
        [first, said(other)],
      ]),
    ).rejects.toThrow(words);
    // What only one of them says is kept.
    const { manifest } = await imported([[first, said(one)], [first], [first, said(one)]]);
    expect(manifest.stages.find(({ id }) => id === 'sft')).toMatchObject(one);
    const later = await imported([[first], [first, said(one)]]);
    expect(later.manifest.stages.find(({ id }) => id === 'sft')).toMatchObject(one);
  });

  test('without a first begins a run, and that is told', async () => {
    using folder = temporaryFolder({ 't.csv': first });
    const into = join(folder.path, 'typo');
    const table = await importTable(join(folder.path, 't.csv'));
    const { notes } = await importResults(table, into, { add: true });
    expect(notes).toEqual([`There was no run in ${into} to add to, so this import began one.`]);
    expect((await importResults(table, into, { add: true })).notes).toBeUndefined();
  });

  test('that contradicts the first is refused', async () => {
    const chain = (...names: string[]) => ({ chains: [names] });
    await expect(
      imported([
        [first, chain('base', 'sft')],
        ['stage,sample,value\nsft,1,1\nrl,1,1\n', chain('rl', 'sft')],
      ]),
    ).rejects.toThrow('"sft" is trained from "base" in the run, and "rl" here');
    await expect(
      imported([
        [first, chain('base', 'sft')],
        [first, chain('sft', 'base')],
      ]),
    ).rejects.toThrow('by this chain "base" comes from itself');
    const said = (what: object) => ({ measures: [{ name: 'value', ...what }] });
    await expect(
      imported([
        [first, said({ margin: 0.05 })],
        [first, said({ margin: 0.2 })],
      ]),
    ).rejects.toThrow('imported/value has the margin 0.05 in the run, and 0.2 here');
    await expect(
      imported([
        [first, said({ ratio: 2 })],
        [first, said({ ratio: 3 })],
      ]),
    ).rejects.toThrow('imported/value has the ratio 2 in the run, and 3 here');
    await expect(
      imported([
        [first, said({ safer: 'lower' })],
        [first, said({ safer: 'higher' })],
      ]),
    ).rejects.toThrow('imported/value is safer where it is lower in the run, and higher here');
    const turns = 'stage,sample,measure,value\nbase,1,turns,3\n';
    const declared = (range: [number, number]) => ({
      measures: [{ name: 'turns', kind: 'score' as const, range }],
    });
    await expect(
      imported([
        [turns, declared([0, 10])],
        [turns, declared([0, 5])],
      ]),
    ).rejects.toThrow('imported/turns is a score from 0 to 10 in the run, and a score from 0 to 5 here');
  });
});
