import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { root } from './run-tool.ts';

/** What a TypeScript file gives to others and takes from them. */
export interface Module {
  /** Relative to the checkout. */
  readonly file: string;
  readonly text: string;
  /** Declared here, by exported name; `line` is counted from 1. */
  readonly exports: ReadonlyMap<string, { readonly line: number; readonly isType: boolean }>;
  /** Names of its own types, exported or not: interfaces, aliases, classes and enums at the top level. */
  readonly types: readonly string[];
  readonly imports: readonly Import[];
  /** `export { a as b } from`, and `export * from` as the name `*`. */
  readonly reexports: readonly (Import & { readonly as: string })[];
  /** Exports that the file itself uses, too. */
  readonly usedInside: ReadonlySet<string>;
}

/** One name that is taken from another file of the checkout; `*` for all, as a namespace or at run time. */
export interface Import {
  /** Relative to the checkout. */
  readonly from: string;
  readonly name: string;
}

type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };

const FOLDERS = ['src', 'test', 'bench', 'scripts', 'examples'];
const TYPES = ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSEnumDeclaration', 'ClassDeclaration'];

/** Every TypeScript file of the checkout, by its path. */
export function readModules(at = root, folders: readonly string[] = FOLDERS): Map<string, Module> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(at, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(folder, file)),
  );
  return new Map(files.map((file) => [file, readModule(file, readFileSync(join(at, file), 'utf8'))]));
}

/** Reads one file. @param file its path in the checkout, from which its imports are resolved */
export function readModule(file: string, text: string): Module {
  const body = parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }).body as unknown as Node[];
  const exports = new Map<string, { line: number; isType: boolean }>();
  const types: string[] = [];
  const imports: Import[] = [];
  const reexports: (Import & { as: string })[] = [];
  const resolve = (source: unknown) => {
    const target = (source as { value: string }).value;
    return target.startsWith('.') ? relative('/', join('/', file, '..', target)) : null;
  };
  const declare = (name: string, at: number, isType: boolean) =>
    exports.set(name, { line: text.slice(0, at).split('\n').length, isType });
  for (const node of body) {
    const declaration = (node.declaration ?? node) as Node;
    if (TYPES.includes(declaration.type)) types.push(nameOf(declaration.id));
    if (node.type === 'ImportDeclaration') {
      const from = resolve(node.source);
      if (from === null) continue;
      const names = (node.specifiers as Node[]).map(({ imported }) => (imported ? nameOf(imported) : '*'));
      imports.push(...(names.length === 0 ? ['*'] : names).map((name) => ({ from, name })));
    } else if (node.type === 'ExportAllDeclaration') {
      const from = resolve(node.source);
      if (from !== null) reexports.push({ from, name: '*', as: node.exported ? nameOf(node.exported) : '*' });
    } else if (node.type === 'ExportNamedDeclaration') {
      const from = node.source ? resolve(node.source) : null;
      for (const each of node.specifiers as Node[]) {
        const [name, as] = [nameOf(each.local), nameOf(each.exported)];
        if (from !== null) reexports.push({ from, name, as });
        else if (!node.source) declare(as, each.start, false);
      }
      if (node.declaration) {
        for (const name of declaredNames(declaration))
          declare(name, node.start, /^TS/.test(declaration.type));
      }
    }
  }
  for (const [, target] of text.matchAll(/\bimport\(\s*'(\.[^']+)'/g)) {
    imports.push({ from: relative('/', join('/', file, '..', target!)), name: '*' });
  }
  const usedInside = new Set([...exports.keys()].filter((name) => usesInside(text, name)));
  return { file, text, exports, types, imports, reexports, usedInside };
}

function declaredNames(declaration: Node): string[] {
  if (declaration.type !== 'VariableDeclaration') return [nameOf(declaration.id)];
  return (declaration.declarations as Node[]).map(({ id }) => nameOf(id));
}

function nameOf(node: unknown): string {
  const { name, value } = node as { name?: string; value?: string };
  return name ?? value ?? '';
}

/** Whether a name occurs outside comments and texts more often than where it is declared. */
function usesInside(text: string, name: string): boolean {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
  return (
    (code.match(new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g'))
      ?.length ?? 0) > 1
  );
}

/** Tests, and what only tests and benches are made of. */
export function isTestFile(file: string): boolean {
  return /^(test|bench)\//.test(file) || /\.(test|fixture)\.ts$/.test(file) || file.includes('/testing/');
}

/** Where each name that a file exports is declared, through `export … from`. */
export function exportedNames(
  modules: ReadonlyMap<string, Module>,
  file: string,
): Map<string, { readonly file: string; readonly name: string }> {
  const module = modules.get(file);
  if (module === undefined) return new Map();
  const found = new Map([...module.exports.keys()].map((name) => [name, { file, name }]));
  for (const { from, name, as } of module.reexports) {
    const inner = exportedNames(modules, from);
    if (as === '*') for (const [each, place] of inner) found.set(each, place);
    else found.set(as, inner.get(name) ?? { file: from, name });
  }
  return found;
}
