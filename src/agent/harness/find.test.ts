import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MissingPartError } from '../../core/index.ts';
import { findHarness, installFolder } from './find.ts';
import { harnessNames } from './harness.ts';
import { harnessKinds } from './kinds.ts';

const ELF = Buffer.from('\x7fELF and so on', 'latin1');
const before = { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-find-'));
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  process.env.PATH = join(folder, 'bin');
});

afterEach(async () => {
  Object.assign(process.env, before);
  if (before.XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  await rm(folder, { recursive: true, force: true });
});

async function put(path: string, data: string | Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
  await chmod(path, 0o755);
  return path;
}

/** Gemini CLI as npm puts it into a folder of packages. */
async function putGemini(packages: string, version: string): Promise<string> {
  const own = join(packages, '@google/gemini-cli');
  await put(join(own, 'package.json'), JSON.stringify({ name: '@google/gemini-cli', version }));
  return put(join(own, 'bundle/gemini.js'), '#!/usr/bin/env node');
}

async function link(target: string, name: string): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await symlink(target, join(folder, 'bin', name));
}

describe('finding a CLI', () => {
  test('absent: one sentence that names the command', async () => {
    for (const name of harnessNames) {
      const error = await findHarness(name).catch((caught) => caught);
      expect(error).toBeInstanceOf(MissingPartError);
      expect(error.toString()).toContain(`stemma harness install ${name}`);
    }
  });

  test("a global installation of npm's, by its link on PATH", async () => {
    await link(await putGemini(join(folder, 'lib/node_modules'), '9.9.9'), 'gemini');
    expect(await findHarness('gemini-cli')).toMatchObject({
      version: '9.9.9',
      from: 'path',
      program: {
        mount: join(folder, 'lib/node_modules/@google/gemini-cli'),
        path: 'bundle/gemini.js',
        runs: 'node',
      },
    });
  });

  test("stemma's own installation goes before PATH", async () => {
    const kind = harnessKinds['gemini-cli'];
    await link(await putGemini(join(folder, 'lib/node_modules'), '9.9.9'), 'gemini');
    await putGemini(join(installFolder(kind), 'node_modules'), kind.version);
    expect(await findHarness('gemini-cli')).toMatchObject({ version: kind.version, from: 'stemma' });
  });

  test('a program that is alone, and a script of the same name that is something else', async () => {
    await link(await put(join(folder, 'other/claude'), '#!/bin/sh'), 'claude');
    await expect(findHarness('claude-code')).rejects.toThrow(MissingPartError);
    await rm(join(folder, 'bin/claude'));
    const program = await put(join(folder, 'share/claude/2.0.0'), ELF);
    await link(program, 'claude');
    expect(await findHarness('claude-code')).toMatchObject({
      version: null,
      program: { mount: program, runs: 'native' },
    });
  });

  test("a package of the platform's, beside its parent or below it; a text in the program's place is none", async () => {
    const own = join(folder, 'lib/node_modules/@anthropic-ai/claude-code');
    await put(
      join(own, 'package.json'),
      JSON.stringify({ name: '@anthropic-ai/claude-code', version: '1.0.0' }),
    );
    await link(await put(join(own, 'bin/claude.exe'), 'run the install script'), 'claude');
    await expect(findHarness('claude-code')).rejects.toThrow(MissingPartError);
    for (const packages of [join(own, 'node_modules'), join(folder, 'lib/node_modules')]) {
      const platform = join(packages, `@anthropic-ai/claude-code-linux-${process.arch}`);
      await put(join(platform, 'claude'), ELF);
      expect((await findHarness('claude-code')).program.mount).toBe(join(platform, 'claude'));
      await rm(platform, { recursive: true });
    }
  });
});

describe('the lock files', () => {
  for (const name of harnessNames) {
    test(`${name}: the version of the code, a digest for every package, no host`, () => {
      const { package: own, version } = harnessKinds[name];
      const text = readFileSync(new URL(`./locks/${name}.json`, import.meta.url), 'utf8');
      const { '': root, ...packages } = JSON.parse(text).packages;
      expect(root.dependencies).toEqual({ [own]: version });
      expect(packages[`node_modules/${own}`].version).toBe(version);
      for (const { integrity } of Object.values<{ integrity: string }>(packages))
        expect(integrity).toMatch(/^sha512-/);
      expect(text).not.toMatch(/https?:/);
    });
  }
});
