import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findEval } from '../evals/index.ts';
import { parseModelRef } from '../models/index.ts';
import { manifestDifferences } from './binding.ts';
import { defineStudy } from './define.ts';
import { studyJsonSchema } from './json-schema.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import { parseRater } from './raters.ts';
import { testFolder } from './testing/folder.ts';
import { smallStudy } from './testing/small-study.ts';

const folder = testFolder();

const evalCode = (name: string) => `{
  name: '${name}', version: '1', title: 'Mine',
  measures: [{ id: '${name}/yes', title: 'Yes', description: 'Says yes.', kind: 'rate', range: [0, 1], safer: 'lower', level: 'nominal' }],
  questions: [{ id: 'yes', rubric: { id: 'yes', digest: 'd', text: 'Yes?', answer: { kind: 'label', labels: ['yes', 'no'] } }, rules: {} }],
  optionsSchema: { type: 'object', properties: { size: { type: 'integer', description: 'How many.' } }, additionalProperties: false },
  async *samples() { yield { id: 'a', cluster: 'a', input: [{ role: 'user', content: 'Yes?' }], metadata: {} }; },
  elicit: () => {}, asks: () => [],
}`;

const studyText = (plugins: string, evals = '[refusals]') => `name: mine
plugins: ${plugins}
stages: [{ id: a, kind: sft, model: "http://localhost:1/v1#a" }]
evals: ${evals}
raters: [{ id: judge, kind: autorater, model: "http://localhost:1/v1#judge" }]
`;

async function complaint(name: string, text: string): Promise<string> {
  const error = await loadStudy(folder.write(name, text)).catch((thrown) => thrown);
  expect(error).toMatchObject({ exitCode: 2 });
  return String(error).replaceAll(`${folder.path}/`, '');
}

describe('a plugin', () => {
  it('adds evals, whose options are checked and whose names editors know', async () => {
    folder.write('one.mjs', `export default { evals: [${evalCode('plugin-one')}] };`);
    const study = await loadStudy(
      folder.write('one.yaml', studyText('[./one.mjs]', '[{ eval: plugin-one, options: { size: 2 } }]')),
    );
    expect(study.evals[0]!.eval.name).toBe('plugin-one');
    expect(findEval('plugin-one')).toBe(study.evals[0]!.eval);
    expect(JSON.stringify(studyJsonSchema())).toContain('"const":"plugin-one"');
    expect(
      await complaint('wrong.yaml', studyText('[./one.mjs]', '[{ eval: plugin-one, options: { sise: 2 } }]')),
    ).toMatch(/options\.sise: unknown key "sise"\n {2}Did you mean "size"\?$/);
  });

  it('adds rules to questions that are there', async () => {
    const rule = `{ name: 'says-no', version: '1', description: 'No.', judge: () => ({ status: 'rated', label: 'full_refusal', score: null }) }`;
    folder.write(
      'rule.mjs',
      `export default { rules: [{ eval: 'refusals', question: 'refusal', rule: ${rule} }] };`,
    );
    await loadStudy(
      folder.write(
        'rule.yaml',
        studyText('[./rule.mjs]').replace(/raters.*/, 'raters: [{ id: r, kind: rule, rule: says-no }]'),
      ),
    );
    expect(parseRater('says-no')).toEqual({ id: 'says-no', kind: 'rule', rule: 'says-no' });
  });

  it('adds protocols, by which models are named', async () => {
    folder.write(
      'protocol.mjs',
      `export default { protocols: [{ name: 'mine', path: () => '/x', headers: () => ({}), body: () => ({}), read: () => { throw new Error('no'); } }] };`,
    );
    const study = studyText('[./protocol.mjs]').replace(
      'http://localhost:1/v1#a',
      'mine+http://localhost:1/v1#a',
    );
    await loadStudy(folder.write('protocol.yaml', study));
    expect(parseModelRef('mine+http://localhost:1/v1#a')).toMatchObject({ protocol: 'mine', model: 'a' });
  });

  it.each([
    ['none.mjs', undefined, /2:11: plugins\[0\]: there is no such plugin\n {2}Looked for none\.mjs/],
    [
      'throws.mjs',
      'throw new Error("out of order")',
      /plugins\[0\]: this plugin can't be loaded: out of order/,
    ],
    ['empty.mjs', 'export const evals = [];', /has no default export/],
    ['key.mjs', 'export default { eval: [] };', /key\.mjs: unknown key "eval"\n {2}Did you mean "evals"\?/],
    ['later.mjs', 'export default { engines: [] };', /unknown key "engines"/],
    [
      'rates.mjs',
      `export default { evals: [{ ...${evalCode('plugin-two')}, asks: undefined }] };`,
      /rates\.mjs: "asks" is missing|must be a function/,
    ],
    [
      'taken.mjs',
      `export default { evals: [${evalCode('refusals')}] };`,
      /there is an eval "refusals" already/,
    ],
    [
      'question.mjs',
      `export default { rules: [{ eval: 'refusals', question: 'refusl', rule: { name: 'x', version: '1', description: 'x', judge: () => 0 } }] };`,
      /no question "refusl"\n {2}Did you mean "refusal"\?/,
    ],
  ])('%s is told at its place in the study', async (name, text, expected) => {
    if (text !== undefined) folder.write(name, text);
    expect(await complaint(`${name}.yaml`, studyText(`[./${name}]`))).toMatch(expected);
  });

  it('of a file is a path; of a study in TypeScript it is the object', async () => {
    expect(await complaint('map.yaml', studyText('[{ evals: [] }]'))).toContain(
      'must be the path of a module',
    );
    expect(() => defineStudy({ ...smallStudy, plugins: ['./one.mjs'] }, { folder: '/nowhere' })).toThrow(
      'defineStudy cannot load a plugin by its path',
    );
    const added = defineStudy({ ...smallStudy, plugins: [{ evals: [] }] });
    expect((await planStudy(added)).manifest.study).toMatchObject({ plugins: [] });
  });

  it('is digested with all that it reads, so that a run does not go on with another', async () => {
    mkdirSync(join(folder.path, 'deep'));
    folder.write('deep/words.mjs', 'export const words = "a";');
    folder.write('deep/rubric.md', 'Rate it.');
    folder.write(
      'digested.mjs',
      `import { words } from './deep/words.mjs';\nnew URL('./deep/rubric.md', import.meta.url);\nexport default { evals: [] };`,
    );
    const file = folder.write('digested.yaml', studyText('[./digested.mjs]'));
    const manifest = async () => (await planStudy(await loadStudy(file))).manifest;
    const before = await manifest();
    expect(Object.keys(before.study!['x-files'] as object)).toEqual(
      ['deep/rubric.md', 'deep/words.mjs', './digested.mjs'].sort(),
    );
    folder.write('deep/rubric.md', 'Rate it well.');
    const changes = manifestDifferences(before, await manifest());
    expect(changes.map(({ text }) => text)).toEqual(['the content of deep/rubric.md changed']);
  });
});
