import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { temporaryFolder, trialsOf } from '../../evals/testing/published.ts';
import { importTable } from './import.ts';
import { parseReplicates } from './replicates.ts';

const ROWS = ['base', 'x1', 'x2', 'x3'].map((stage) => `${stage},p1,1\n${stage},p2,0\n`).join('');

async function imported(...replicates: string[]) {
  using folder = temporaryFolder({ 'scores.csv': `stage,sample,value\n${ROWS}` });
  const results = await importTable(join(folder.path, 'scores.csv'), {
    replicates: replicates.map(parseReplicates),
    chains: replicates.length > 0 ? [['base', 'sft']] : [],
  });
  return { stages: results.stages, trials: await trialsOf(results) };
}

describe('--replicates', () => {
  test('makes rows of several training runs one stage', async () => {
    const { stages, trials } = await imported('sft=x1,x2,x3');
    expect(stages).toMatchObject([
      { id: 'base', from: null },
      { id: 'sft', from: 'base' },
      { id: 'sft-run-2', from: null, replicateOf: 'sft' },
      { id: 'sft-run-3', from: null, replicateOf: 'sft' },
    ]);
    expect(trials.map(({ transcript }) => transcript.trial.stage)).toContain('sft-run-3');
  });

  test.each([
    ['sft', 'is not STAGE=RUN'],
    ['sft=a,b', 'fewer than 3 runs'],
    ['sft=a,b,a', 'names "a" twice'],
    ['sft=a,,b', 'is not STAGE=RUN'],
  ])('%s is refused', (text, message) => {
    expect(() => parseReplicates(text)).toThrow(InputError);
    expect(() => parseReplicates(text)).toThrow(message);
  });

  test('names runs that the table has, each of one stage, and no stage beside its runs', async () => {
    await expect(imported('sft=x1,x2,x9')).rejects.toThrow('"x9" of sft, which the table does not have');
    await expect(imported('sft=x1,x2,x3', 'rl=x1,x2,x3')).rejects.toThrow('a run of two stages');
    await expect(imported('base=x1,x2,x3')).rejects.toThrow('the table has rows of it too');
  });
});
