import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../evals/testing/published.ts';
import { makeFindings } from '../findings/index.ts';
import { openRun } from '../records/index.ts';
import { importResults, stagesOfRun } from './import-results.ts';
import { type ImportTableOptions, importTable } from './table/import.ts';

async function imported(tables: readonly (readonly [content: string, options?: ImportTableOptions])[]) {
  const files = Object.fromEntries(tables.map(([content], index) => [`t${index}.csv`, content]));
  const folder = temporaryFolder(files);
  const into = join(folder.path, 'run');
  for (const [index, [, options]] of tables.entries()) {
    const table = await importTable(join(folder.path, `t${index}.csv`), {
      ...options,
      known: await stagesOfRun(into),
    });
    await importResults(table, into, { add: index > 0 });
  }
  const run = await openRun(into);
  const { manifest } = run;
  const found = await makeFindings(run);
  run.close();
  folder[Symbol.dispose]();
  return { manifest, found };
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
    const { manifest } = await imported([[first], [first]]);
    expect(manifest.growth).toBeUndefined();
  });

  test('that contradicts the first is refused', async () => {
    const chain = (...names: string[]) => ({ chains: [names] });
    await expect(
      imported([
        [first, chain('base', 'sft')],
        ['stage,sample,value\nsft,1,1\nrl,1,1\n', chain('rl', 'sft')],
      ]),
    ).rejects.toThrow('"sft" was trained from "base" in the run, and from "rl" here');
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
