import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Base } from './base.ts';
import type { GrowingTree } from './growing-tree.ts';
import { DEFAULT_PATH } from './instructions.ts';
import { distributionOfFolder, type Installed, installedFrom } from './packages.ts';

const PYTHON_FOLDERS = ['/usr/lib', '/usr/local/lib'];

/** What is installed in a tree, by its package lists where it has them and by its programs where not. */
export async function installedIn(
  tree: GrowingTree,
  base: Base,
  place: { file: string; line: number },
): Promise<Installed> {
  const list = async (path: string) => readdir(tree.host(await tree.resolve(path, place))).catch(() => []);
  return await installedWhere(list, base ?? '/');
}

/** What images that are built over this machine's own system find installed: its `/usr/local` is not part of them. */
export async function installedOnSystem(): Promise<Installed> {
  const list = async (path: string) => (path.startsWith('/usr/local/') ? [] : readdir(path).catch(() => []));
  return await installedWhere(list, '/');
}

async function installedWhere(
  list: (path: string) => Promise<readonly string[]>,
  base: string,
): Promise<Installed> {
  const commands = new Set<string>();
  for (const folder of DEFAULT_PATH.split(':')) for (const name of await list(folder)) commands.add(name);
  const distributions = new Set<string>();
  for (const library of PYTHON_FOLDERS)
    for (const python of (await list(library)).filter((name) => /^python3/.test(name)))
      for (const packages of ['dist-packages', 'site-packages'])
        for (const name of await list(`${library}/${python}/${packages}`)) {
          const distribution = distributionOfFolder(name);
          if (distribution !== undefined) distributions.add(distribution);
        }
  const status = await readFile(join(base, 'var/lib/dpkg/status'), 'utf8').catch(() => '');
  return installedFrom(status, commands, distributions);
}
