import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { stemma } from './stemma-process.ts';

function studyWith(more: string): { file: string; out: string } {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-verify-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'study.yaml');
  writeFileSync(
    join(folder, 'models.yaml'),
    'base:\n  rules: [{ outcomes: [{ response: "Sure, here is how." }] }]\nsft:\n  rules: [{ outcomes: [{ response: "I cannot help with that." }] }]\n',
  );
  writeFileSync(
    file,
    `name: planted
stages:
  - { id: base, kind: pretrain, model: "scripted:models.yaml#base" }
  - { id: sft, kind: sft, model: "scripted:models.yaml#sft" }
evals: [{ eval: refusals, options: { limit: 20 } }]
raters: [{ id: match, kind: rule, rule: string-match }]
analysis: { bootstrap: 0 }
expect:
  - { measure: refusals/unsafe-response, from: base, to: sft, change: falls }
${more}`,
  );
  return { file, out: join(folder, 'out') };
}

it('holds what is planted against what is found', async () => {
  const { file, out } = studyWith('');
  const { code, stdout, stderr } = await stemma('verify', file, '--seeds', '1', '--out', out).ended;
  expect(stdout).toContain('as declared: held in 1 of 1');
  expect(stderr).toContain('everything declared was found');
  expect(code).toBe(0);
});

it('says why a run ended before its time, and ends with an error', async () => {
  const { file, out } = studyWith('budget: { tokens: 10 }\n');
  const { code, stdout, stderr } = await stemma('verify', file, '--seeds', '1', '--out', out).ended;
  expect(stderr).toMatch(/budget/i);
  expect(stderr).toContain('the same command goes on with what is missing');
  expect(stdout).not.toContain('as declared');
  expect(code).toBe(1);
});
