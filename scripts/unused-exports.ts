import { isTestFile, type Module, readModules } from './modules.ts';

/** Files whose exports are what users import, or are loaded by name. */
const ENTRIES = ['src/index.ts', 'src/cli/main.ts', 'src/workbench/pages/main.tsx'];

/** An export that no other file uses. */
export interface UnusedExport {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** `tests`: only tests use it. `nothing`: nothing does. `file`: only its own file does, so `export` is too much. */
  readonly usedBy: 'nothing' | 'file' | 'tests';
}

/**
 * Exports of `src/` that no product code imports, through however many index files. What `src/index.ts` exports is used.
 * A part of a file may be exported for its tests, as long as the file itself uses it. Statistics that only tests use are not named: they wait for a caller (`stats/` is a library of estimators).
 */
export function unusedExports(modules: ReadonlyMap<string, Module> = readModules()): UnusedExport[] {
  const byProduct = new Set<string>();
  const byTests = new Set<string>();
  /** Follows a name to where it is declared, and marks it on the way. */
  const mark = (used: Set<string>, file: string, name: string): void => {
    const module = modules.get(file);
    if (module === undefined || used.has(`${file} ${name}`)) return;
    used.add(`${file} ${name}`);
    if (name === '*') for (const each of module.exports.keys()) mark(used, file, each);
    for (const { from, name: inner, as } of module.reexports) {
      if (as === '*') mark(used, from, name);
      else if (as === name || name === '*') {
        used.add(`${file} ${as}`);
        mark(used, from, inner);
      }
    }
  };
  for (const entry of ENTRIES) mark(byProduct, entry, '*');
  for (const { file, imports } of modules.values()) {
    for (const { from, name } of imports) mark(isTestFile(file) ? byTests : byProduct, from, name);
  }
  return [...modules.values()]
    .filter(({ file }) => file.startsWith('src/') && !isTestFile(file))
    .flatMap(({ file, exports, reexports, usedInside }) => [
      ...[...exports].map(([name, { line }]) => ({ file, line, name, inside: usedInside.has(name) })),
      ...reexports
        .filter(({ as }) => as !== '*')
        .map(({ as }) => ({ file, line: 1, name: as, inside: false })),
    ])
    .filter(({ file, name }) => !byProduct.has(`${file} ${name}`))
    .map(({ file, line, name, inside }) => ({
      file,
      line,
      name,
      inside,
      tested: byTests.has(`${file} ${name}`),
    }))
    .filter(({ inside, tested }) => !(inside && tested))
    .map(({ inside, tested, ...where }): UnusedExport => {
      return { ...where, usedBy: tested ? 'tests' : inside ? 'file' : 'nothing' };
    })
    .filter(({ file, usedBy }) => !(usedBy === 'tests' && file.startsWith('src/stats/')));
}

/** One line for each, as `npm run check` prints it. */
export function describeUnused({ file, line, name, usedBy }: UnusedExport): string {
  const what = {
    nothing: 'nothing uses it: remove it',
    file: 'only this file uses it: do not export it',
    tests: 'only tests use it: remove it, or test what uses it',
  }[usedBy];
  return `${file}:${line}: ${name} is exported and ${what}`;
}

if (import.meta.main) for (const each of unusedExports()) console.log(describeUnused(each));
