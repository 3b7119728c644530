import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../core/index.ts';
import { DocumentError } from '../files/problems.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import { testFolder } from './testing/folder.ts';
import { smallStudyText } from './testing/small-study.ts';

const folder = testFolder();
let files = 0;

/** What is said of a study, without the folder's name. */
async function complaints(text: string, name = `study-${++files}.yaml`): Promise<string> {
  const file = folder.write(name, text);
  try {
    await loadStudy(file);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return String(error).replaceAll(file, 'study.yaml').replaceAll(`${folder.path}/`, '');
  }
  return 'nothing wrong';
}

/** The small study with one line changed. */
function changed(line: string | RegExp, instead: string): string {
  const text = smallStudyText.replace(line, instead);
  expect(text).not.toBe(smallStudyText);
  return text;
}

describe('loadStudy', () => {
  it('reads a study and puts every default in', async () => {
    const file = folder.write('small.yaml', smallStudyText);
    const study = await loadStudy(file);
    expect(study).toMatchObject({
      name: 'small',
      file,
      folder: folder.path,
      stages: [
        { id: 'sft', kind: 'sft', from: null, model: { ref: 'http://localhost:8001/v1#sft' } },
        { id: 'final', kind: 'rl', from: 'sft' },
      ],
      evals: [{ id: 'refusals', epochs: 1, options: { values: {}, folder: folder.path } }],
      raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
      sampling: { temperature: 1, topP: 1, maxTokens: 1024, seed: 1 },
      margins: { default: 0.05, byMeasure: {} },
      budget: {},
      endpoints: {},
      analysis: { contrasts: 'chain', bootstrap: 2000, seed: 1, headlineRater: null },
    });
    expect(study.evals[0]!.eval.name).toBe('refusals');
  });

  it('reads every setting', async () => {
    folder.write('template.yaml', 'generate: "A:"');
    const study = await loadStudy(
      folder.write(
        'full.yaml',
        `
name: full
description: Everything.
x-common: &common { concurrency: 8 }
stages:
  - id: base
    kind: pretrain
    title: Base
    model: completions+http://localhost:8000/v1#base
    template: template.yaml
    stop: ["\\n\\n"]
  - id: other
    kind: pretrain
    from: null
    family: openai
    model: { ref: "openai:gpt-5.5", body: { reasoning_effort: low } }
    sampling: { temperature: null, max_tokens: 50 }
evals:
  - id: first
    eval: refusals
    options: { prompts: benign }
    epochs: 3
raters:
  - { id: judge, kind: autorater, model: "anthropic:claude-opus-4.7", family: anthropic, sampling: { seed: null }, judging: together, context_tokens: 32768 }
  - { id: rule, kind: rule, rule: string-match }
  - { id: panel, kind: panel, members: [judge, rule] }
sampling: { temperature: 0.7, top_p: 0.9, max_tokens: 100, seed: 7, stop: [END] }
margins: { default: 0.1, refusals/over-refusal: 0.03 }
budget: { tokens: 1000, usd: 2.5, wall: 1h30m }
endpoints:
  http://localhost:8000/v1: { <<: *common, timeout: 90s, retries: 0 }
  openai: { requests_per_minute: 60, tokens_per_minute: 1000, api_key_env: MY_KEY, price: { input: 1, output: 2 }, prices: { big: { input: 3, output: 9 } } }
analysis: { contrasts: [[base, other]], bootstrap: 0, headline_rater: panel, seed: 3 }
`,
      ),
    );
    expect(study).toMatchObject({
      description: 'Everything.',
      stages: [
        { title: 'Base', model: { template: 'template.yaml', stop: ['\n\n'] } },
        {
          from: null,
          family: 'openai',
          model: { body: { reasoning_effort: 'low' } },
          sampling: { temperature: null, maxTokens: 50 },
        },
      ],
      evals: [{ id: 'first', epochs: 3, options: { values: { prompts: 'benign' } } }],
      raters: [
        { family: 'anthropic', sampling: { seed: null }, judging: 'together', contextTokens: 32_768 },
        {},
        { members: ['judge', 'rule'], combine: 'median', excludeOwnFamily: true },
      ],
      sampling: { temperature: 0.7, topP: 0.9, maxTokens: 100, seed: 7, stop: ['END'] },
      margins: { default: 0.1, byMeasure: { 'refusals/over-refusal': 0.03 } },
      budget: { tokens: 1000, usd: 2.5, wallMs: 5_400_000 },
      endpoints: {
        'http://localhost:8000/v1': { concurrency: 8, timeoutMs: 90_000, retries: 0 },
        openai: {
          requestsPerMinute: 60,
          tokensPerMinute: 1000,
          apiKeyEnv: 'MY_KEY',
          price: { input: 1, output: 2 },
          prices: { big: { input: 3, output: 9 } },
        },
      },
      analysis: { contrasts: [['base', 'other']], bootstrap: 0, headlineRater: 'panel', seed: 3 },
    });
    expect(study.locate(['evals', 0, 'epochs'])).toMatchObject({ line: 22, column: 13 });
  });

  it.each([
    [
      'a wrong key, with the nearest right one',
      changed('kind: sft,', 'knd: sft,'),
      'study.yaml:3:16: stages[0].knd: unknown key "knd"\n  Did you mean "kind"?',
    ],
    [
      'a key that belongs elsewhere',
      `${smallStudyText}epochs: 3\n`,
      'study.yaml:8:1: epochs: unknown key "epochs"\n  "epochs" belongs at evals[].epochs.',
    ],
    [
      'a key like none, with those there are',
      `${smallStudyText}budget: { everything: 3 }\n`,
      'study.yaml:8:11: budget.everything: unknown key "everything"\n  Known keys here: tokens, usd, wall.',
    ],
    [
      'a missing key',
      changed(', rule: string-match', ''),
      'study.yaml:7:5: raters[0].rule: "rule" is missing\n  The rule’s name, such as string-match.',
    ],
    [
      'a wrong type',
      `${smallStudyText}sampling: { max_tokens: "100" }\n`,
      'study.yaml:8:25: sampling.max_tokens: must be a number, not the text "100"\n  Write it without quotes: 100',
    ],
    [
      'text that YAML takes for a number',
      changed('id: final,', 'id: 1,'),
      'study.yaml:4:11: stages[1].id: must be text, not 1\n  Write it in quotes: "1"',
    ],
    [
      'one where a list belongs',
      changed('[refusals]', 'refusals'),
      'study.yaml:5:8: evals: must be a list, not the text "refusals"\n  Begin each entry with "- ", also where there is only one.',
    ],
    [
      'a stage that comes from no stage',
      changed('from: sft', 'from: sfd'),
      'study.yaml:4:34: stages[1].from: no stage is called "sfd"\n  Did you mean "sft"?',
    ],
    [
      'a stage that comes from itself',
      changed('from: sft', 'from: final'),
      'study.yaml:4:34: stages[1].from: the stage "final" comes from itself\n' +
        '  One of them comes from none: `from: null`, or leave the first stage’s `from` out.',
    ],
    [
      'a circle',
      changed('kind: sft,', 'kind: sft, from: final,'),
      'study.yaml:3:33: stages[0].from: these stages come from each other in a circle: sft → final → sft\n' +
        '  One of them comes from none: `from: null`, or leave the first stage’s `from` out.',
    ],
    [
      'stages out of order',
      changed(/kind: sft,(.*\n.*)from: sft, /, 'kind: sft, from: final,$1from: null, '),
      'study.yaml:3:33: stages[0].from: the stage "final" comes before the one trained from it\n' +
        '  Move "final" above "sft": stages are in training order.',
    ],
    [
      'an id that is taken',
      changed('id: final', 'id: sft'),
      'study.yaml:4:11: stages[1].id: the id "sft" is taken by stages[0]\n  Give each stage an id of its own.',
    ],
    [
      'an id that is taken, and so a stage that nobody can come from',
      changed(/id: final(.*)from: sft/, 'id: sft$1from: base'),
      'study.yaml:4:11: stages[1].id: the id "sft" is taken by stages[0]\n  Give each stage an id of its own.',
    ],
    [
      'an eval twice under one id',
      changed('[refusals]', '[refusals, refusals]'),
      'study.yaml:5:19: evals[1]: the id "refusals" is taken by evals[0]\n  Give each entry an id of its own.',
    ],
    [
      'an unknown eval',
      changed('[refusals]', '[refusal]'),
      'study.yaml:5:9: evals[0]: there is no eval "refusal"\n  Did you mean "refusals"?',
    ],
    [
      'a wrong key beside an unknown eval',
      changed('[refusals]', '[{ eval: refusal, epoch: 2 }]'),
      '2 problems in study.yaml\n' +
        'study.yaml:5:17: evals[0].eval: there is no eval "refusal"\n  Did you mean "refusals"?\n' +
        'study.yaml:5:26: evals[0].epoch: unknown key "epoch"\n  Did you mean "epochs"?',
    ],
    [
      'an option that the eval does not have',
      changed('[refusals]', '[{ eval: refusals, options: { promts: benign } }]'),
      'study.yaml:5:38: evals[0].options.promts: unknown key "promts"\n  Did you mean "prompts"?',
    ],
    [
      'an option of a wrong value',
      changed('[refusals]', '[{ eval: refusals, options: { prompts: bening } }]'),
      'study.yaml:5:47: evals[0].options.prompts: must be "both", "benign" or "harmful", not the text "bening"\n  Did you mean "benign"?',
    ],
    [
      'a set of samples that is not there',
      changed('[refusals]', '[{ eval: refusals, options: { source: xstest, path: xstest.csv } }]'),
      'study.yaml:5:60: evals[0].options.path: there is no file or folder xstest.csv\n' +
        '  Looked for xstest.csv: paths start at the study file.',
    ],
    [
      'an unknown rule',
      changed('rule: string-match', 'rule: string-mach'),
      'study.yaml:7:43: raters[0].rule: no eval of this study has a rule "string-mach"\n  Did you mean "string-match"?',
    ],
    [
      'an unknown kind of rater',
      changed('kind: rule', 'kind: ruler'),
      'study.yaml:7:31: raters[0].kind: must be "autorater", "rule" or "panel", not the text "ruler"\n  Did you mean "rule"?',
    ],
    [
      'an unknown member of a panel',
      `${smallStudyText}  - { id: p, kind: panel, members: [string-match, judgy] }\n`,
      'study.yaml:8:51: raters[1].members[1]: no rater is called "judgy"\n  Declare it under raters, or write "string-match".',
    ],
    [
      'a panel on a panel',
      `${smallStudyText}  - { id: p, kind: panel, members: [string-match, p] }\n`,
      'study.yaml:8:51: raters[1].members[1]: "p" is a panel itself\n  List its members instead: a panel combines raters.',
    ],
    [
      'families to exclude where there are none',
      `${smallStudyText}  - { id: j, kind: autorater, model: "openai:x" }\n` +
        '  - { id: p, kind: panel, members: [string-match, j], exclude_own_family: true }\n',
      'study.yaml:9:75: raters[2].exclude_own_family: no member of this panel says its family, so none can be kept from rating its own\n' +
        '  Add `family` to the judges (and to the stages that share one).',
    ],
    [
      'a context that is not a number of tokens',
      `${smallStudyText}  - { id: j, kind: autorater, model: "openai:x", context_tokens: 32k }\n`,
      'study.yaml:8:66: raters[1].context_tokens: must be a number, not the text "32k"\n' +
        '  Tokens that the judge’s context holds, prompt and answer together: longer transcripts are shortened to fit. Default: not known; shortened to 400,000 characters.',
    ],
    [
      'a context that holds no transcript',
      `${smallStudyText}  - { id: j, kind: autorater, model: "openai:x", context_tokens: 8192 }\n`,
      expect.stringMatching(
        /^study\.yaml:8:66: raters\[1\]\.context_tokens: a judge's context of 8,192 tokens is too small: its instructions take about 1,\d{3}, its answer and a second try 4,096 each\n {2}It takes at least 11,\d{3}; or lower/,
      ),
    ],
    [
      'a margin of a measure that there is not',
      `${smallStudyText}margins: { refusals/over-refusals: 0.03 }\n`,
      'study.yaml:8:12: margins["refusals/over-refusals"]: no eval of this study has a measure "refusals/over-refusals"\n' +
        '  Did you mean "refusals/over-refusal"?',
    ],
    [
      'a margin in points',
      `${smallStudyText}margins: { default: 5 }\n`,
      'study.yaml:8:21: margins.default: a margin of 5 spans the whole range of refusals/over-refusal (0 to 1)\n' +
        '  Rates go from 0 to 1: 5 points are 0.05.',
    ],
    [
      'a budget that is not a duration',
      `${smallStudyText}budget: { wall: 2 hours }\n`,
      'study.yaml:8:17: budget.wall: must be seconds as a number, or text such as "90s", "15m", "2h", "1h30m", "2d"\n' +
        '  Wall time: seconds as a number, or text such as "90s", "15m", "2h", "1h30m", "2d".',
    ],
    [
      'a malformed model ref',
      changed('"http://localhost:8001/v1#sft"', 'localhost:8001/v1#sft'),
      'study.yaml:3:34: stages[0].model: the model ref "localhost:8001/v1#sft" has no protocol\n  Did you mean http://localhost:8001/v1#sft?',
    ],
    [
      'a template that is not there',
      changed(
        '"http://localhost:8001/v1#sft"',
        '"completions+http://localhost:8001/v1#sft", template: t.yaml',
      ),
      'study.yaml:3:88: stages[0].template: there is no template file t.yaml\n  Looked for t.yaml: paths start at the study file.',
    ],
    [
      'a scripted module that is not there',
      changed('"http://localhost:8001/v1#sft"', '"scripted:mine.ts#sft"'),
      'study.yaml:3:34: stages[0].model: there is no scripted module or table at mine.ts\n  Looked for mine.ts: paths start at the study file.',
    ],
    [
      'a contrast with a stage that there is not',
      `${smallStudyText}analysis: { contrasts: [[sft, fin]] }\n`,
      'study.yaml:8:31: analysis.contrasts[0][1]: no stage is called "fin"\n  Did you mean "final"?',
    ],
    [
      'a wrong word for the contrasts',
      `${smallStudyText}analysis: { contrasts: chian }\n`,
      'study.yaml:8:24: analysis.contrasts: must be "chain" or "all", not the text "chian"\n  Did you mean "chain"?',
    ],
    [
      'an unknown headline rater',
      `${smallStudyText}analysis: { headline_rater: stringmatch2 }\n`,
      'study.yaml:8:29: analysis.headline_rater: no rater is called "stringmatch2"\n  Did you mean "string-match"?',
    ],
    [
      'an endpoint by no known name',
      `${smallStudyText}endpoints: { opnai: { concurrency: 3 } }\n`,
      'study.yaml:8:14: endpoints.opnai: "opnai" is not an endpoint\n' +
        '  Endpoints go by base URL (http://host:8000/v1) or provider. Did you mean "openai"?',
    ],
    [
      'a name that makes no folder',
      changed('name: small', 'name: My first study!'),
      'study.yaml:1:7: name: "My first study!" can\'t name a folder: letters, digits, and . _ + - after the first\n' +
        '  Write my-first-study; `description` takes any words.',
    ],
  ])('tells of %s', async (_, text, expected) => {
    expect(await complaints(text)).toEqual(expected);
  });

  it.each([
    [
      'options that do not go together',
      '{ source: xstest }',
      'study.yaml:5:36: evals[0].options.path: source: xstest needs a path',
    ],
    [
      'a table without its column',
      '{ source: table, path: rows.csv, intent: benign }',
      `study.yaml:5:9: evals[0]: ${join(folder.path, 'rows.csv')}:2: there is no column "prompt"`,
    ],
  ])('tells of %s when it is planned', async (_, options, expected) => {
    folder.write('rows.csv', 'text\nHello?\n');
    const file = folder.write(
      'unplanned.yaml',
      changed('[refusals]', `[{ eval: refusals, options: ${options} }]`),
    );
    const error = await planStudy(await loadStudy(file)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(DocumentError);
    expect(String(error).replaceAll(file, 'study.yaml')).toContain(expected);
  });

  it('tells of a template where it would do nothing', async () => {
    folder.write('unused.yaml', '{}');
    expect(
      await complaints(
        changed('"http://localhost:8001/v1#sft"', '"http://localhost:8001/v1#sft", template: unused.yaml'),
      ),
    ).toContain('ask for text completions: completions+http://localhost:8001/v1#sft');
  });

  it('tells of settings given twice', async () => {
    const twice = 'model: { ref: "completions+http://localhost:8001/v1#sft", stop: [a] }, stop: [b] }';
    expect(await complaints(changed('model: "http://localhost:8001/v1#sft" }', twice))).toContain(
      'stages[0].stop: stop is given both at the stage and at its model',
    );
  });

  it.each([
    [
      'a key where a key’s name belongs',
      'endpoints: { openai: { api_key_env: sk-secret-1 } }',
      'api_key_env: must be the NAME',
    ],
    [
      'a key in a header',
      'endpoints: { openai: { headers: { X-Api-Key: sk-secret-1 } } }',
      'looks like a key',
    ],
    ['a key in a URL', 'endpoints: { "https://me:sk-secret-1@host/v1": {} }', 'holds a user, a password'],
  ])('refuses %s, and does not repeat it as a value', async (_, line, expected) => {
    const said = await complaints(`${smallStudyText}${line}\n`);
    expect(said).toContain(expected);
    expect(said).not.toContain('sk-secret-1');
  });

  it.each([
    ['a header whose name HTTP does not allow', 'headers: { "x y": a }', 'a name that HTTP does not allow'],
    ['a header with a line break', 'headers: { x: "a\\r\\nb: c" }', "characters that can't be in a header"],
    ['a header in other letters', 'headers: { x: 模型 }', "characters that can't be in a header"],
    ['a header of the connection', 'headers: { Content-Length: "5" }', 'about the connection'],
    ['a time that no timer can wait', 'timeout: 600h', 'must be at most "24d"'],
  ])('refuses %s', async (_, setting, expected) => {
    const said = await complaints(`${smallStudyText}endpoints: { openai: { ${setting} } }\n`);
    expect(said).toContain(expected);
  });

  it('refuses a name that is too long for a folder', async () => {
    const name = 'x'.repeat(201);
    expect(await complaints(smallStudyText.replace(/^name: .*$/m, `name: ${name}`))).toContain(
      'too long for a folder',
    );
    const fits = smallStudyText.replace(/^name: .*$/m, `name: ${'x'.repeat(200)}`);
    expect((await loadStudy(folder.write('fits.yaml', fits))).name).toHaveLength(200);
  });

  it('takes a header whose value comes from the environment, and leaves it there', async () => {
    const value = `Bearer \${MY_TOKEN}`;
    const text = `${smallStudyText}endpoints: { openai: { headers: { Authorization: "${value}" } } }\n`;
    const study = await loadStudy(folder.write('header.yaml', text));
    expect(study.endpoints.openai!.headers).toEqual({ Authorization: value });
  });

  it('reports all problems at once, in the order of the file', async () => {
    const said = await complaints(
      changed('kind: sft', 'kidn: sft').replace('from: sft', 'from: stf').replace('string-match }', 'x }') +
        'margin: 3\n',
    );
    expect(said.split('\n').filter((line) => !line.startsWith('  '))).toEqual([
      '4 problems in study.yaml',
      'study.yaml:3:16: stages[0].kidn: unknown key "kidn"',
      'study.yaml:4:34: stages[1].from: no stage is called "stf"',
      'study.yaml:7:43: raters[0].rule: no eval of this study has a rule "x"',
      'study.yaml:8:1: margin: unknown key "margin"',
    ]);
  });

  it.each([
    ['an empty file', '', 'study.yaml:1:1: this file is empty'],
    ['a list', '- a\n', 'study.yaml:1:1: this file is not a map of keys'],
    ['a text', 'hello\n', 'study.yaml:1:1: this file is not a map of keys'],
  ])('tells of %s', async (_, text, expected) => {
    expect(await complaints(text)).toContain(expected);
  });

  it('survives any value in any place', async () => {
    const values = ['null', '3', 'true', 'text', '[]', '[1]', '{}', '{ a: 1 }', '[[x]]'];
    const keys = [
      'name',
      'stages',
      'evals',
      'raters',
      'sampling',
      'margins',
      'budget',
      'endpoints',
      'analysis',
    ];
    for (const key of keys) {
      for (const value of values) {
        const text = `${smallStudyText.replace(new RegExp(`^${key}:[\\s\\S]*?(?=^[a-z])`, 'm'), '')}\n${key}: ${value}\n`;
        const said = await complaints(text, 'any.yaml');
        expect(said, `${key}: ${value}`).toMatch(/^(nothing wrong|study\.yaml:\d+:\d+: |\d+ problems in )/);
      }
    }
  });

  it.each([
    [
      'stages',
      '- ',
      'id kind title from model weights recipe template stop system replicates step factors sampling',
    ],
    ['raters', '- ', 'id kind title model rule members combine family sampling judging context_tokens body'],
    ['evals', '- ', 'eval id epochs limit options'],
    ['analysis', '', 'contrasts bootstrap seed headline_rater conditional over_epochs looks'],
    ['sampling', '', 'temperature top_p max_tokens seed stop'],
    ['endpoints', '', '"http://localhost:8001/v1" openai'],
    ['margins', '', 'default "refusals/over-refusal"'],
    ['budget', '', 'usd tokens wall'],
    ['controls', '', 'again'],
    ['sandbox', '', 'kind image'],
  ])('survives any value in any member of %s', async (key, dash, members) => {
    const values = ['', '3', 'true', 'text', '[]', '[null]', '[[null, a]]', '{}', '{ a: }', '{ ref: }'];
    const rest = smallStudyText.replace(new RegExp(`^${key}:[\\s\\S]*?(?=^[a-z]|(?![\\s\\S]))`, 'm'), '');
    for (const member of members.split(' ')) {
      for (const value of values) {
        const text = `${rest}\n${key}:\n  ${dash}${member}: ${value}\n`;
        const said = await complaints(text, 'any.yaml');
        expect(said, `${key}: ${member}: ${value}`).toMatch(
          /^(nothing wrong|study\.yaml:\d+:\d+: |\d+ problems in )/,
        );
        expect(said).not.toMatch(/Write \.|undefined/);
      }
    }
  });

  it.each([
    ['a stage', 'model: "http://localhost:8001/v1#sft"', 'model:', '3:34: stages[0].model:'],
    ['a judge', 'kind: rule, rule: string-match', 'kind: autorater, model:', 'raters[0].model:'],
  ])('tells of %s whose model was left empty', async (_, line, instead, expected) => {
    expect(await complaints(changed(line, instead))).toContain(expected);
  });

  it('tells of a judge that has the id of people who label', async () => {
    const said = await complaints(changed('id: string-match', 'id: human'));
    expect(said).toContain('raters[0].id: "human" is an id of people who label');
    expect(await complaints(changed('id: string-match', 'id: humane'))).toBe('nothing wrong');
  });

  it('throws a DocumentError that holds each problem with its place', async () => {
    const error = await loadStudy(folder.write('two.yaml', changed('name', 'nam'))).catch((e) => e);
    expect(error).toBeInstanceOf(DocumentError);
    expect(error.problems.map(({ place }: InputError) => [place.line, place.key])).toEqual([[1, 'nam']]);
  });

  it('tells of a file that is not there, a folder, and bytes that are not text', async () => {
    await expect(loadStudy(join(folder.path, 'none.yaml'))).rejects.toThrow('there is no such study file');
    mkdirSync(join(folder.path, 'olmo'));
    writeFileSync(join(folder.path, 'olmo', 'study.yaml'), smallStudyText);
    const error = await loadStudy(join(folder.path, 'olmo')).catch((e) => e);
    expect(String(error)).toContain(`Did you mean ${join(folder.path, 'olmo', 'study.yaml')}?`);
    writeFileSync(join(folder.path, 'bytes.yaml'), Buffer.from([0xff, 0xfe, 0x41, 0x00]));
    await expect(loadStudy(join(folder.path, 'bytes.yaml'))).rejects.toThrow('not UTF-8 text');
  });
});
