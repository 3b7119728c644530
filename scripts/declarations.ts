// The package's declarations: those that its entry leads to, and the packages that they name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-tool.ts';

interface Declarations {
  /** Files that the entry leads to, itself among them. */
  readonly files: ReadonlySet<string>;
  /** One line for each package that they name and that is not installed along with stemma. */
  readonly unknown: readonly string[];
}

/** The files and the packages that the declarations of an entry refer to. */
export function declarationsOf(entry: string): Declarations {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const files = new Set<string>();
  const unknown: string[] = [];
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
    const targets = code.matchAll(/(?:from |import\(|import )["']([^"']+)["']/g);
    for (const [, target = ''] of targets) {
      const own = /^(\..+)\.[jt]s$/.exec(target)?.[1];
      if (own !== undefined) visit(join(file, '..', `${own}.d.ts`));
      else if (!target.startsWith('node:') && !(packageOf(target) in dependencies))
        unknown.push(`${file} needs types of ${target}, which is not installed along with the package.`);
    }
  };
  visit(entry);
  return { files, unknown };
}

/** `@scope/name` of `@scope/name/file.js`. */
function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
