// `node scripts/with-node.mjs scripts/code-table.ts [COMMIT]`: how large the code is and how much of it repeats, per
// folder of src/, at a commit (as before) and now. Files are matched by git's detection of renames.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTestFile, type Module, readModules } from './modules.ts';
import { importCycles, isProduct, typesDefinedTwice } from './names-and-cycles.ts';
import { root } from './run-tool.ts';
import { unusedExports } from './unused-exports.ts';

const RUN = 6;

const git = (...args: readonly string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

/** The modules of a commit, read from a copy of it outside the checkout. */
function modulesAt(commit: string): Map<string, Module> {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-code-table-'));
  try {
    execFileSync('sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, folder], { cwd: root });
    return readModules(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where files of `src/` at the commit are now, and which of today's files were added since. */
function movesSince(commit: string): { moved: Map<string, string>; added: Set<string> } {
  const moved = new Map<string, string>();
  const added = new Set<string>();
  for (const line of git('diff', '-M40%', '-l0', '--name-status', commit, '--', 'src').trim().split('\n')) {
    const [status = '', from = '', to = ''] = line.split('\t');
    if (status.startsWith('R')) moved.set(from, to);
    else if (status === 'A') added.add(from);
  }
  for (const file of git('ls-files', '--others', '--exclude-standard', 'src').trim().split('\n'))
    added.add(file);
  return { moved, added };
}

const folderOf = (file: string) => file.split('/')[1]!.replace(/\.ts$/, '');
const linesOf = ({ text }: Module) => text.trimEnd().split('\n').length;
const isTest = ({ file }: Module) => isTestFile(file) && !file.startsWith('bench/');
const sum = (modules: readonly Module[]) => modules.reduce((all, module) => all + linesOf(module), 0);

/** The folder that most files of an old folder moved to, for files that are gone. */
function heirs(moved: ReadonlyMap<string, string>): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const [from, to] of moved) {
    const of = counts.get(folderOf(from)) ?? new Map<string, number>();
    counts.set(folderOf(from), of.set(folderOf(to), (of.get(folderOf(to)) ?? 0) + 1));
  }
  return new Map([...counts].map(([old, of]) => [old, [...of].sort((a, b) => b[1] - a[1])[0]![0]]));
}

/**
 * Runs of six lines that stand more than once in product code, as two counts: the different runs, and the lines that
 * belong to a repetition. Blank lines, imports and comments do not count as lines.
 */
function repetition(modules: readonly Module[]): { runs: number; lines: number } {
  const places = new Map<string, string[]>();
  for (const { file, text } of modules) {
    const code = text
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/^(?:import|export) (?:type )?\{[^}]*\} from .*$/gm, '')
      .split('\n')
      .map((line) => line.trim());
    const lines = code.filter((line) => line !== '' && !/^(import |export .* from |\/\/|} from )/.test(line));
    for (let at = 0; at + RUN <= lines.length; at++) {
      const run = lines.slice(at, at + RUN);
      if (run.filter((line) => /\w/.test(line)).length < RUN - 2) continue;
      const key = run.join('\n');
      places.set(key, [...(places.get(key) ?? []), `${file} ${at}`]);
    }
  }
  const repeated = [...places.values()].filter((at) => at.length > 1);
  const lines = new Set<string>();
  for (const at of repeated.flat()) {
    const [file = '', first = '0'] = at.split(' ');
    for (let i = 0; i < RUN; i++) lines.add(`${file} ${Number(first) + i}`);
  }
  return { runs: repeated.length, lines: lines.size };
}

/** The numbers of one state of the code, by name. */
function totals(all: ReadonlyMap<string, Module>): Record<string, string | number> {
  const product = [...all.values()].filter(isProduct);
  const tests = [...all.values()].filter(isTest);
  const sizes = product.map(linesOf).sort((a, b) => a - b);
  const largest = product.reduce((a, b) => (linesOf(b) > linesOf(a) ? b : a));
  const { runs, lines } = repetition(product);
  const unused = unusedExports(all);
  return {
    'product files': product.length,
    'product lines': sum(product),
    'test files': tests.length,
    'test lines': sum(tests),
    'runs of six lines that repeat': runs,
    'lines in such runs': lines,
    'unused exports': unused.length,
    'types defined in two or more files': typesDefinedTwice(product).length,
    'import cycles between files': importCycles(product).length,
    'median file, lines': sizes[Math.floor(sizes.length / 2)]!,
    'largest file': `${largest.file} (${linesOf(largest)})`,
  };
}

const commit = process.argv[2] ?? '28e99dd';
const [before, now] = [modulesAt(commit), readModules()];
const { moved, added } = movesSince(commit);
const heir = heirs(moved);
const place = (file: string) => {
  const to = moved.get(file) ?? file;
  return now.has(to) ? folderOf(to) : (heir.get(folderOf(file)) ?? folderOf(file));
};
const group = (modules: Iterable<Module>, of: (file: string) => string) =>
  Map.groupBy(
    [...modules].filter(({ file }) => file.startsWith('src/')),
    ({ file }) => of(file),
  );
const [old, current] = [group(before.values(), place), group(now.values(), folderOf)];

console.log(
  `| folder | product lines at ${commit} | of those files now | in files added since | tests then | tests now |`,
);
console.log('|---|---:|---:|---:|---:|---:|');
const rows = [...new Set([...old.keys(), ...current.keys()])].sort().map((folder) => {
  const [then = [], today = []] = [old.get(folder), current.get(folder)];
  const product = today.filter(isProduct);
  const kept = product.filter(({ file }) => !added.has(file));
  const fresh = product.filter(({ file }) => added.has(file));
  return [
    folder,
    sum(then.filter(isProduct)),
    sum(kept),
    sum(fresh),
    sum(then.filter(isTest)),
    sum(today.filter(isTest)),
  ];
});
const column = (at: number) => rows.reduce((all, row) => all + Number(row[at]), 0);
for (const row of [...rows, ['**all**', ...[1, 2, 3, 4, 5].map(column)]])
  console.log(`| ${row.join(' | ')} |`);

console.log(`\n| | ${commit} | now |\n|---|---:|---:|`);
const [a, b] = [totals(before), totals(now)];
for (const name of Object.keys(a)) console.log(`| ${name} | ${a[name]} | ${b[name]} |`);
