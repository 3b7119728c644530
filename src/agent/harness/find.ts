import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { MissingPartError } from '../../core/index.ts';
import type { HarnessKind, HarnessName, HarnessProgram } from './harness.ts';
import { isElf } from './host-files.ts';
import { harnessKinds } from './kinds.ts';

/** A CLI that is on this machine. */
export interface FoundHarness {
  readonly kind: HarnessKind;
  readonly program: HarnessProgram;
  /** As its package says; `null` for a program that is alone. */
  readonly version: string | null;
  /** Where it was found: stemma's own folder, or PATH. */
  readonly from: 'stemma' | 'path';
}

/** The folder that `stemma harness install` fills: one a version, so that a running study keeps its own. */
export function installFolder({ name, version }: HarnessKind): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'stemma', 'harness', `${name}-${version}`);
}

/**
 * Looks for a CLI: where stemma installs it, then on PATH.
 * @throws MissingPartError naming the command that installs it
 */
export async function findHarness(name: HarnessName): Promise<FoundHarness> {
  const kind = harnessKinds[name];
  const found = (await findInstalled(kind)) ?? (await onPath(kind));
  if (found !== undefined) return found;
  throw new MissingPartError(`${kind.title} is not on this machine`, {
    remedy: `stemma harness install ${name}`,
  });
}

/** What `stemma harness install` has put there. */
export async function findInstalled(kind: HarnessKind): Promise<FoundHarness | undefined> {
  const packages = join(installFolder(kind), 'node_modules');
  return inPackage(kind, join(packages, kind.package), [packages], 'stemma');
}

async function onPath(kind: HarnessKind): Promise<FoundHarness | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '' || !existsSync(join(folder, kind.command))) continue;
    const file = await realpath(join(folder, kind.command));
    const packageFolder = await packageOf(file, kind.package);
    if (packageFolder === undefined) {
      if (!(await isElf(file))) continue;
      return { kind, program: { mount: file, path: '', runs: 'native' }, version: null, from: 'path' };
    }
    const packages = [join(packageFolder, 'node_modules'), join(packageFolder, '..', '..')];
    const found = await inPackage(kind, packageFolder, packages, 'path');
    if (found !== undefined) return found;
  }
  return undefined;
}

async function inPackage(
  kind: HarnessKind,
  folder: string,
  packages: readonly string[],
  from: FoundHarness['from'],
): Promise<FoundHarness | undefined> {
  const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (manifest === undefined) return undefined;
  const program = await kind.locate(folder, packages);
  return program && { kind, program, version: JSON.parse(manifest).version, from };
}

/** The folder of the package that a file belongs to. */
async function packageOf(file: string, name: string): Promise<string | undefined> {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (manifest !== undefined && JSON.parse(manifest).name === name) return folder;
  }
  return undefined;
}
