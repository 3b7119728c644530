import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MissingPartError, StemmaError } from '../../core/index.ts';
import { installFolder } from './find.ts';
import { installHarness } from './install.ts';
import { harnessKinds } from './kinds.ts';

const kind = harnessKinds['gemini-cli'];
const before = { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-install-'));
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
});

afterEach(async () => {
  Object.assign(process.env, before);
  if (before.XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  await rm(folder, { recursive: true, force: true });
});

/** An npm that does as it is told here, and writes down what it was asked. */
async function npm(script: string): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'npm'), `#!/bin/sh\necho "$@" >${folder}/asked\n${script}\n`);
  await chmod(join(bin, 'npm'), 0o755);
  process.env.PATH = `${bin}:/usr/bin:/bin`;
}

const INSTALLS = `
own=node_modules/@google/gemini-cli
mkdir -p $own/bundle && echo '//' >$own/bundle/gemini.js
cp package-lock.json $own/lock-was-there
echo '{"name":"@google/gemini-cli","version":"${kind.version}"}' >$own/package.json
`;

describe('installing a CLI', () => {
  test('by the lock file, without install scripts; a second time there is nothing to do', async () => {
    await npm(INSTALLS);
    const found = await installHarness('gemini-cli');
    expect(found).toMatchObject({ version: kind.version, from: 'stemma' });
    expect(await readFile(join(folder, 'asked'), 'utf8')).toMatch(/^ci --ignore-scripts /);
    const lock = await readFile(join(found.program.mount, 'lock-was-there'), 'utf8');
    expect(JSON.parse(lock).packages[`node_modules/${kind.package}`].integrity).toMatch(/^sha512-/);
    await rm(join(folder, 'asked'));
    expect(await installHarness('gemini-cli')).toEqual(found);
    expect(await readdir(folder)).not.toContain('asked');
  });

  test('an npm that fails is quoted, and leaves nothing behind', async () => {
    await npm('mkdir node_modules; echo "no route to the registry" >&2; exit 1');
    const error = await installHarness('gemini-cli').catch((caught) => caught);
    expect(error).toBeInstanceOf(StemmaError);
    expect(error.message).toContain('no route to the registry');
    expect(await readdir(dirname(installFolder(kind)))).toEqual([]);
  });

  test('what an earlier try left half done is put in order', async () => {
    await mkdir(join(installFolder(kind), 'node_modules'), { recursive: true });
    await npm(INSTALLS);
    expect((await installHarness('gemini-cli')).from).toBe('stemma');
  });

  test('a package without a program for this machine, and no npm at all', async () => {
    await npm('mkdir node_modules');
    await expect(installHarness('gemini-cli')).rejects.toThrow(/no program for/);
    process.env.PATH = join(folder, 'nowhere');
    await expect(installHarness('codex')).rejects.toThrow(MissingPartError);
  });
});
