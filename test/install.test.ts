import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** A checkout whose install is missing, called several times at once; npm is a script that says when it is run. */

let root: string;
let children: ChildProcess[];
const lock = () => join(root, '.install.lock');

beforeEach(async () => {
  children = [];
  root = await mkdtemp(join(tmpdir(), 'stemma-install-'));
  await mkdir(join(root, 'scripts'));
  await mkdir(join(root, 'bin'));
  for (const name of ['with-node.mjs', 'install.mjs', 'run-child.mjs'])
    await copyFile(new URL(`../scripts/${name}`, import.meta.url), join(root, 'scripts', name));
  await writeFile(join(root, 'hello.mjs'), "console.log('hello');");
  await writeFile(join(root, 'package-lock.json'), '{}');
  await npmThat('sleep 0.5');
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

/** @param first what it does before it installs */
async function npmThat(first: string): Promise<void> {
  const npm = join(root, 'bin/npm');
  await writeFile(
    npm,
    `#!/bin/sh
echo "$$" >> runs
[ ! -e node_modules ] || echo 'two at once' >> runs
${first}
mkdir -p node_modules/node/bin
ln -s '${process.execPath}' node_modules/node/bin/node
touch node_modules/.package-lock.json
`,
  );
  await chmod(npm, 0o755);
}

const npmRuns = async () => (await readFile(join(root, 'runs'), 'utf8')).trim().split('\n');

function call() {
  const child = spawn(process.execPath, [join(root, 'scripts/with-node.mjs'), 'hello.mjs'], {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` },
  });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, ...said }));
  });
  return { child, said, ended };
}

it('of calls at once one installs, the others wait for it, and all go on', async () => {
  const ended = await Promise.all([call(), call(), call()].map((one) => one.ended));
  expect(ended.map(({ code, out }) => [code, out])).toEqual(Array(3).fill([0, 'hello\n']));
  expect(await npmRuns()).toHaveLength(1);
  expect(ended.filter(({ err }) => err.includes('npm ci'))).toHaveLength(1);
  expect(ended.filter(({ err }) => err.includes('waiting for it'))).toHaveLength(2);
  expect(existsSync(lock())).toBe(false);
});

it('a call whose npm fails leaves nothing in the way of the next', async () => {
  await npmThat('exit 7');
  expect(await call().ended).toMatchObject({ code: 1, err: expect.stringContaining('npm ci failed') });
  expect(existsSync(lock())).toBe(false);
  await npmThat('');
  expect(await call().ended).toMatchObject({ code: 0, out: 'hello\n' });
});

it('a call that is ended by a signal ends its npm, and leaves no lock', async () => {
  await npmThat('exec sleep 60');
  const { child, ended } = call();
  await vi.waitFor(npmRuns, 10_000);
  child.kill('SIGTERM');
  await ended;
  expect(child.signalCode).toBe('SIGTERM');
  expect(existsSync(lock())).toBe(false);
});

it('what a killed call left behind holds as long as its npm goes on, and no longer', async () => {
  await npmThat('exec sleep 60');
  const first = call();
  const [npm] = await vi.waitFor(npmRuns, 10_000);
  await vi.waitFor(async () => expect(await readFile(lock(), 'utf8')).toContain(`${npm} `), 10_000);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  await npmThat('');
  const aMinuteAgo = new Date(Date.now() - 60_000);
  await utimes(lock(), aMinuteAgo, aMinuteAgo);
  const second = call();
  await vi.waitFor(() => expect(second.said.err).toContain('waiting for it'), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await npmRuns()).toEqual([npm]);
  process.kill(Number(npm), 'SIGKILL');
  expect(await second.ended).toMatchObject({ code: 0, out: 'hello\n' });
  expect(await npmRuns()).toHaveLength(2);
  expect(existsSync(lock())).toBe(false);
});
