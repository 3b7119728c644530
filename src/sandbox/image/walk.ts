import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Every path below a folder, relative to it, with slashes, sorted, parents before children. Never through a link: Node's own
 * recursive `readdir` goes through links to folders when it lists names.
 */
export async function walk(
  folder: string,
  skips: (path: string) => boolean = () => false,
): Promise<string[]> {
  const paths: string[] = [];
  const open = [''];
  for (let above = open.pop(); above !== undefined; above = open.pop())
    for (const member of await readdir(join(folder, above), { withFileTypes: true })) {
      const path = above === '' ? member.name : `${above}/${member.name}`;
      if (skips(path)) continue;
      paths.push(path);
      if (member.isDirectory()) open.push(path);
    }
  return paths.sort();
}
