import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scriptedModel } from '../models/index.ts';
import { defineStudy } from './define.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import type { StudyInput } from './schema.ts';
import { testFolder } from './testing/folder.ts';
import { smallStudy } from './testing/small-study.ts';

const folder = testFolder();
const here = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;

function complaint(input: unknown): string {
  try {
    defineStudy(input as StudyInput, { folder: folder.path });
  } catch (error) {
    return String(error);
  }
  throw new Error('no complaint');
}

describe('defineStudy', () => {
  it('takes the study file’s own shape', () => {
    const study = defineStudy({ ...smallStudy, sampling: { max_tokens: 5 } }, { folder: folder.path });
    expect(study).toMatchObject({
      name: 'small',
      file: null,
      folder: folder.path,
      sampling: { maxTokens: 5, seed: 1 },
    });
  });

  it('takes Model objects for stages and judges, as they are', async () => {
    const own = scriptedModel('my own', () => 'no');
    const judge = scriptedModel('scripted:judge', () => '{}');
    const study = defineStudy({
      ...smallStudy,
      stages: [
        { id: 'a', kind: 'sft', model: own },
        { id: 'b', kind: 'rl', model: 'openai:gpt-5.5' },
      ],
      raters: [{ id: 'judge', kind: 'autorater', model: judge, family: 'us' }],
    });
    expect(study.stages[0]!.model).toBe(own);
    expect(study.stages[1]!.model).toEqual({ ref: 'openai:gpt-5.5' });
    expect(study.raters[0]).toMatchObject({ model: judge, family: 'us' });
    const { manifest, usdUnknown } = await planStudy(study);
    expect(manifest.stages.map(({ model }) => model)).toEqual(['my own', 'openai:gpt-5.5']);
    expect(usdUnknown).toEqual(['my own', 'openai']);
  });

  it('tells of mistakes by key path', () => {
    expect(complaint({ ...smallStudy, raters: [{ id: 'r', kind: 'rule', rul: 'x' }] })).toBe(
      'raters[0].rul: unknown key "rul"\n  Did you mean "rule"?',
    );
    expect(complaint({ ...smallStudy, sampling: { maxTokens: 3 }, margins: { 'refusals/x': 0.1 } })).toBe(
      [
        '2 problems in the study',
        'sampling.maxTokens: unknown key "maxTokens"',
        '  Did you mean "max_tokens"?',
        'margins["refusals/x"]: no eval of this study has a measure "refusals/x"',
        '  Write "default", "refusals/over-refusal", "refusals/unsafe-response" or "refusals/answered".',
      ].join('\n'),
    );
  });

  it.each([[null], [undefined], ['text'], [[]], [3]])('refuses %j', (input) => {
    expect(complaint(input)).toMatch(/^the study is (empty|not a map of keys)/);
  });
});

describe('loadStudy of a module', () => {
  it('takes what defineStudy made', async () => {
    const file = folder.write(
      'study.ts',
      `import { defineStudy } from ${JSON.stringify(here)};
       const input: unknown = ${JSON.stringify(smallStudy)};
       export default defineStudy(input as never, { folder: '/somewhere' });`,
    );
    expect(await loadStudy(file)).toMatchObject({ name: 'small', file, folder: '/somewhere' });
  });

  it('takes the bare shape, with the module’s folder', async () => {
    const file = folder.write('plain.mjs', `export default ${JSON.stringify(smallStudy)};`);
    expect(await loadStudy(file)).toMatchObject({ name: 'small', file, folder: folder.path });
  });

  it.each([
    ['none.mjs', 'export const study = 1;', 'this module has no default export'],
    ['broken.mjs', 'throw new Error("out of order");', "this module can't be loaded: out of order"],
    ['wrong.mjs', 'export default { nam: "x" };', 'nam: unknown key "nam"'],
  ])('tells what is wrong with %s', async (name, text, expected) => {
    const error = await loadStudy(folder.write(name, text)).catch((e) => e);
    expect(String(error)).toContain(expected);
    expect(error).toMatchObject({ exitCode: 2 });
  });
});
