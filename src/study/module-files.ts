import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\1/g;

/**
 * A module's file and all that it imports by relative path, and so on: what a scripted model does may stand in any of them.
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
    const text = readFileSync(resolve(folder, path), 'utf8');
    for (const [, , target] of text.matchAll(IMPORT)) {
      const imported = normalize(join(dirname(path), target as string));
      // An import that is not there fails when the module is loaded, with a better message.
      if (existsSync(resolve(folder, imported))) visit(imported);
    }
  };
  visit(file);
  return [...found].sort();
}
