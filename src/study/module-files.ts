import { statSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { readWholeFile } from '../files/index.ts';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)(['"])(\.{1,2}\/[^'"]+)\1/g;

/**
 * A module's file, all that it imports by relative path, and so on, and the files that it names by `new URL('./…')`: what
 * it does may be in any of them.
 * Packages are left out; the lock file is theirs.
 *
 * @param file   as the study writes it
 * @param folder that it is relative to
 * @returns the same form, each once, sorted
 */
export function moduleFiles(file: string, folder: string): string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    if (!/\.[cm]?[jt]s$/.test(path)) return;
    const text = readWholeFile(resolve(folder, path)).toString('utf8');
    for (const [, , target] of text.matchAll(IMPORT)) {
      const imported = normalize(join(dirname(path), target as string));
      // An import that is not there fails when the module is loaded, with a better message.
      if (isFile(resolve(folder, imported))) visit(imported);
    }
  };
  visit(file);
  return [...found].sort();
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
