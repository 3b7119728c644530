import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Findings } from '../src/findings/findings.ts';
import { stemma, stemmaWith } from './stemma-process.ts';

/* What a reader of findings, and the owner of keys, can rely on. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-trust-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const MODELS = `
base: { rules: [{ outcomes: [{ response: "Sure, here it is.", probability: 0.2 }, { response: "I'm sorry, but I can't help with that.", probability: 0.8 }] }] }
sft: { rules: [{ outcomes: [{ response: "I'm sorry, but I can't help with that." }] }] }
`;

describe('margins in a run folder', () => {
  it('that were changed by hand are post hoc, in findings and in the report', {
    timeout: 120_000,
  }, async () => {
    writeFileSync(join(folder, 'models.yaml'), MODELS);
    const study = join(folder, 'study.yaml');
    writeFileSync(
      study,
      `name: margins
stages:
  - { id: base, kind: pretrain, model: "scripted:models.yaml#base" }
  - { id: sft, kind: sft, model: "scripted:models.yaml#sft" }
evals: [{ eval: refusals, options: { limit: 120 } }]
raters: [{ id: string-match, kind: rule, rule: string-match }]
margins: { default: 0.05 }
analysis: { bootstrap: 0 }
`,
    );
    const run = join(folder, 'runs', 'margins');
    const ran = await stemma('run', study, '--out', run).ended;
    expect(ran.code, ran.stderr).toBe(0);
    const found = async () => {
      const { code, stdout, stderr } = await stemma('findings', run, '--json').ended;
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Findings;
    };
    const headline = ({ measures }: Findings) =>
      measures.find(({ id }) => id === 'refusals/unsafe-response')!.contrasts[0]!;
    const before = await found();
    expect(headline(before)).toMatchObject({ marginSource: 'declared' });
    expect(before.warnings.join('\n')).not.toContain('changed by hand');

    // 60 points in place of five: now everything would be the same.
    const file = join(run, 'manifest.json');
    const manifest = readFileSync(file, 'utf8');
    const changed = manifest.replace(/("default": ?)0\.05/, '$10.6');
    expect(changed).not.toBe(manifest);
    writeFileSync(file, changed);
    const after = await found();
    expect(headline(after)).toMatchObject({ marginSource: 'post hoc' });
    expect(after.warnings).toContainEqual(
      expect.stringMatching(
        /^The manifest of this run was changed by hand: .* all verdicts by them are post hoc/,
      ),
    );
    const report = await stemma('report', run).ended;
    expect(report.code, report.stderr).toBe(0);
    const page = readFileSync(join(run, 'report', 'report.md'), 'utf8');
    expect(page).toContain('was changed by hand');
    expect(page).toContain('post hoc');
  });
});

describe('the plan', () => {
  it('lists which secret goes to which host, by name, and never shows one', async () => {
    const study = join(folder, 'keys.yaml');
    writeFileSync(
      study,
      `name: keys
stages:
  - { id: base, kind: pretrain, model: "completions+http://gpu.example:8000/v1#base" }
  - { id: sft, kind: sft, model: "https://lab.example/v1#sft" }
  - { id: rl, kind: rl, model: "anthropic:claude" }
evals: [{ eval: refusals, options: { limit: 4 } }]
raters:
  - { id: judge, kind: autorater, model: "openai:gpt", sampling: { temperature: null } }
  - { id: string-match, kind: rule, rule: string-match }
margins: { default: 0.5 }
endpoints:
  "https://lab.example/v1": { api_key_env: LAB_KEY, headers: { X-Team: "\${TEAM_TOKEN}" } }
`,
    );
    const env = {
      LAB_KEY: 'secret-of-the-lab',
      TEAM_TOKEN: 'secret-of-the-team',
      OPENAI_API_KEY: 'secret-of-openai',
      ANTHROPIC_API_KEY: 'secret-of-anthropic',
    };
    const { code, stdout, stderr } = await stemmaWith({ env }, 'plan', study).ended;
    expect(code, stderr).toBe(0);
    const said = stdout.replaceAll(/\s+/g, ' ');
    expect(said).toMatch(/LAB_KEY, TEAM_TOKEN to lab\.example/);
    expect(said).toMatch(/OPENAI_API_KEY to api\.openai\.com/);
    expect(said).toMatch(/ANTHROPIC_API_KEY to api\.anthropic\.com/);
    expect(said).not.toMatch(/to gpu\.example/);
    expect(stdout + stderr).not.toContain('secret-of');
  });
});
