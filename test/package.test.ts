import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A user's project: the package as it is packed, and of the checkout's packages only those that it declares. */
let user: string;

/** The oldest Node that the package allows, or another one; the checkout's own where none is named. */
const node = process.env.STEMMA_TEST_NODE || process.execPath;

const stemma = (...args: readonly string[]) =>
  run(node, ['node_modules/stemma/bin/stemma.mjs', ...args], {
    cwd: user,
    env: { ...process.env, TMPDIR: user, NODE_COMPILE_CACHE: '' },
  });

beforeAll(async () => {
  user = await mkdtemp(join(tmpdir(), 'stemma-package-'));
  await run(process.execPath, ['scripts/build.ts'], { cwd: root });
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', user], {
    cwd: root,
  });
  await run('tar', ['xzf', stdout.trim()], { cwd: user });
  mkdirSync(join(user, 'node_modules'));
  await run('mv', ['package', 'node_modules/stemma'], { cwd: user });
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    const link = join(user, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }');
}, 300_000);

afterAll(() => rm(user, { recursive: true, force: true }));

describe('the packed package', () => {
  it('plans a study, and its second start finds compiled code', async () => {
    await stemma('init', 'study.yaml');
    const { stdout } = await stemma('plan', 'study.yaml', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ power: expect.any(Array) });
    expect(existsSync(join(user, 'node-compile-cache'))).toBe(true);
  });

  it('finds every file that it reads: rubrics, prompts, samples, scripts', async () => {
    const { stdout } = await stemma('schema');
    expect(JSON.parse(stdout)).toHaveProperty('$schema');
    writeFileSync(
      join(user, 'assets.js'),
      `import { evals } from 'stemma';
       for (const each of Object.values(evals)) {
         for (const { rubric } of each.questions) if (!rubric.text || !rubric.digest) throw new Error(rubric.id);
       }
       console.log(Object.keys(evals).length);`,
    );
    const { stdout: count } = await run(node, ['assets.js'], { cwd: user });
    expect(Number(count)).toBeGreaterThanOrEqual(10);
  });

  it('prints its version and its help', async () => {
    expect((await stemma('--version')).stdout.trim()).toBe(version);
    expect((await stemma('--help')).stdout).toContain('stemma demo');
  });

  it.each([
    ['in a project', () => [process.execPath, 'node_modules/stemma/bin/stemma.mjs']],
    [
      'in a folder of its own, as npx keeps it',
      () => {
        mkdirSync(join(user, '_npx/1234'), { recursive: true });
        cpSync(join(user, 'node_modules'), join(user, '_npx/1234/node_modules'), { recursive: true });
        return [process.execPath, join(user, '_npx/1234/node_modules/stemma/bin/stemma.mjs')];
      },
    ],
    [
      'globally, behind a link',
      () => {
        mkdirSync(join(user, 'global/bin'), { recursive: true });
        cpSync(join(user, 'node_modules'), join(user, 'global/lib/node_modules'), { recursive: true });
        symlinkSync('../lib/node_modules/stemma/bin/stemma.mjs', join(user, 'global/bin/stemma'));
        return [process.execPath, join(user, 'global/bin/stemma')];
      },
    ],
  ])('answers `import "stemma"` of the example plugin when installed %s', async (_, install) => {
    const [program, ...before] = install() as [string, ...string[]];
    const elsewhere = await mkdtemp(join(tmpdir(), 'stemma-elsewhere-'));
    try {
      cpSync(join(user, 'node_modules/stemma/examples/plugin'), elsewhere, { recursive: true });
      const args = ['run', join(elsewhere, 'study.yaml'), '--out', join(elsewhere, 'run')];
      const { stderr } = await run(program, [...before, ...args], { cwd: user });
      expect(stderr).toContain('240 of 240 trials');
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('has types that a strict project compiles with, library checks included', async () => {
    writeFileSync(
      join(user, 'user.ts'),
      `import { defineStudy, makeFindings, openRun, type Plugin, planStudy, type Study, type StudyInput, type Transcript } from 'stemma';
       const input: StudyInput = {
         name: 'mine',
         stages: [{ id: 'a', kind: 'sft', model: 'scripted:refuses' }],
         evals: [{ eval: 'refusals' }],
         raters: [{ id: 'match', kind: 'rule', rule: 'string-match' }],
       };
       const study: Study = await defineStudy(input, { folder: import.meta.dirname });
       const plan = await planStudy(study);
       const name: string = study.name;
       const id = (transcript: Transcript): string => transcript.trial.sample;
       // @ts-expect-error: a study's name is not a number
       const wrong: number = study.name;
       const plugin: Plugin = { evals: [] };
       export { id, plugin, makeFindings, name, openRun, plan, wrong };`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--lib', 'esnext'];
    const tsc = join(root, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, [...options, '--types', 'node', 'user.ts'], { cwd: user }).catch(
      (error: { stdout: string }) => error,
    );
    // Declarations of other packages may need those of a browser, which a user has or skips.
    const own = stdout.split('\n').filter((line) => /^(user\.ts|node_modules\/stemma)/.test(line));
    expect(own).toEqual([]);
  });

  it('trains an organism, on a pool of threads', async () => {
    const recipes = 'node_modules/stemma/examples/organism/recipes';
    const recipe = readFileSync(join(user, recipes, 'sft.yaml'), 'utf8');
    const mixture = join(user, recipes, '../mixtures/mixture.yaml');
    writeFileSync(
      join(user, 'tiny.yaml'),
      recipe.replace(/^steps: .*$/m, 'steps: 2').replace(/^mixture: .*$/m, `mixture: ${mixture}`),
    );
    writeFileSync(
      join(user, 'organism.yaml'),
      `name: tiny
stages:
  - { id: base, kind: pretrain, model: "organism:base" }
  - { id: sft, kind: sft, recipe: tiny.yaml }
evals: [{ eval: micro-refusals, options: { per_cluster: 1 } }]
raters: [{ id: world, kind: rule, rule: world }]
`,
    );
    const { stderr } = await run(
      node,
      [
        `--import=data:text/javascript,${encodeURIComponent("process.on('exit', () => console.error('Worker:', typeof Worker))")}`,
        ...['node_modules/stemma/bin/stemma.mjs', 'run', 'organism.yaml', '--out', 'run'],
      ],
      { cwd: user },
    );
    expect(stderr).toContain('Worker: function');
    expect((await stemma('status', 'run')).stdout).toContain('sft');
  });

  it('says which code of others is in it', () => {
    const text = readFileSync(join(user, 'node_modules/stemma/dist/LICENSES.txt'), 'utf8');
    for (const name of ['commander', 'undici', 'yaml', 'zod'])
      expect(text).toMatch(new RegExp(`^${name}$`, 'm'));
  });
});
