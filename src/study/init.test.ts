import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initStudy } from './init.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import { testFolder } from './testing/folder.ts';

const folder = testFolder();

describe('initStudy', () => {
  it('writes a study that loads and plans as it is', async () => {
    const file = join(folder.path, 'study.yaml');
    await initStudy(file);
    const plan = await planStudy(await loadStudy(file));
    expect(plan.study.stages.map(({ id, from }) => [id, from])).toEqual([
      ['base', null],
      ['sft', 'base'],
      ['production', 'sft'],
    ]);
    expect(plan.trials).toBeGreaterThan(500);
    expect(plan.warnings).toEqual([]);
  });

  it('loads with its commented keys as well', async () => {
    const file = join(folder.path, 'study.yaml');
    const keys = [
      'refusals/unsafe-response',
      'usd',
      'wall',
      'price',
      'http://localhost:8001/v1',
      'analysis',
      '  contrasts',
      '  bootstrap',
    ];
    let text = readFileSync(file, 'utf8');
    for (const key of keys) {
      expect(text).toContain(`# ${key}:`);
      text = text.replace(`# ${key}:`, `${key}:`);
    }
    const study = await loadStudy(folder.write('all.yaml', text));
    expect(study.budget).toMatchObject({ usd: 20, wallMs: 21_600_000 });
    expect(study.margins.byMeasure).toEqual({ 'refusals/unsafe-response': 0.02 });
    expect(Object.keys(study.endpoints)).toEqual(['openai', 'http://localhost:8001/v1']);
  });

  it('never overwrites a file', async () => {
    const file = folder.write('mine.yaml', 'mine');
    await expect(initStudy(file)).rejects.toThrow('there is a file of this name already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('tells of a folder that is not there', async () => {
    await expect(initStudy(join(folder.path, 'no', 'study.yaml'))).rejects.toThrow('no such folder');
  });
});
