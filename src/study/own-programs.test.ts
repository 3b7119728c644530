import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadStudy } from './load.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-programs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('programs and scripts beside the study are its own, wherever the command is given', async () => {
  await mkdir(join(folder, '.venv/bin'), { recursive: true });
  for (const file of ['.venv/bin/python', 'serve.py', 'vllm']) await writeFile(join(folder, file), '');
  const study = join(folder, 'study.yaml');
  await writeFile(
    study,
    `name: programs
stages: [{ id: base, kind: pretrain, gguf: base.gguf }]
evals: [refusals]
raters: [{ id: rule, kind: rule, rule: string-match }]
training: { python: .venv/bin/python }
serving:
  with: llama-server
  command: [.venv/bin/python, ./serve.py, vllm, org/model, ./missing.py, /etc/passwd]
  convert: [.venv/bin/python, "{weights}", "{out}"]
`,
  );
  const { training, serving } = await loadStudy(study);
  const python = join(folder, '.venv/bin/python');
  expect(training.python).toBe(python);
  expect(serving!.command).toEqual([
    ...[python, join(folder, 'serve.py'), 'vllm', 'org/model', './missing.py', '/etc/passwd'],
  ]);
  expect(serving!.convert).toEqual([python, '{weights}', '{out}']);
});
