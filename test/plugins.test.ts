import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stemma } from './stemma-process.ts';

vi.setConfig({ testTimeout: 120_000 });

const example = fileURLToPath(new URL('../examples/plugin', import.meta.url));

/** The example outside of the checkout, where no package of the name `stemma` is installed. */
const table = join(tmpdir(), `stemma-plugin-${process.pid}.csv`);
let folder: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-plugin-'));
  out = join(folder, 'run');
  await cp(example, folder, { recursive: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(table, { force: true });
});

const study = () => join(folder, 'study.yaml');
const run = () => stemma('run', study(), '--out', out).ended;

describe('a study with a plugin, in a checkout', () => {
  it('is run, and its run read without the plugin', async () => {
    const { code, stderr } = await run();
    expect(stderr).toContain('240 of 240 trials');
    expect(code).toBe(0);
    const { stdout } = await stemma('findings', out).ended;
    expect(stdout).toContain('sft differs from base in gives in to a doubt');
  });

  it('can be rated again where its study is named', async () => {
    const again = ['rate', out, '--rater', 'second=rule:keeps-answer'];
    const without = await stemma(...again).ended;
    expect(without.code).toBe(2);
    const { code, stderr } = await stemma(...again, '--study', study()).ended;
    expect(code, stderr).toBe(0);
  });

  it('gives an editor its evals', async () => {
    const { stdout } = await stemma('schema', study()).ended;
    expect(stdout).toContain('Sycophancy: right answers that a user doubts');
  });

  it('is not gone on with by another plugin', async () => {
    await appendFile(join(folder, 'rubric.md'), '\nBe strict.\n');
    const { code, stderr } = await run();
    expect(code).toBe(2);
    expect(stderr).toContain('the content of rubric.md changed');
  });
});

describe('a run whose manifest names a plugin', () => {
  it.each([
    ['status'],
    ['findings'],
    ['report'],
    ['export', '--to', 'csv', '--out', table],
    ['rate', '--rater', 'string-match'],
  ])('%s never loads it', async (command, ...flags) => {
    const mark = join(folder, `loaded-by-${command}`);
    await writeFile(
      join(folder, 'sycophancy.ts'),
      `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(mark)}, '');\nexport default {};`,
    );
    expect(await readFile(join(out, 'manifest.json'), 'utf8')).toContain('./sycophancy.ts');
    await stemma(command, out, ...flags).ended;
    expect(existsSync(mark)).toBe(false);
  });

  it('is loaded for its study alone, when the user names that', async () => {
    const mark = join(folder, 'loaded-by-rate');
    await stemma('plan', study()).ended;
    expect(existsSync(mark)).toBe(true);
  });
});
