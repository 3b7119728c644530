import { isTestFile, type Module } from './modules.ts';

/** Whether a module is a part of stemma itself: not a test, a script, a bench or an example. */
export const isProduct = ({ file }: Module) => file.startsWith('src/') && !isTestFile(file);

/** Names of types that two or more of the modules define, each with its files. */
export function typesDefinedTwice(modules: readonly Module[]): { name: string; files: string[] }[] {
  const files = new Map<string, Set<string>>();
  for (const { file, types } of modules)
    for (const name of types) files.set(name, (files.get(name) ?? new Set()).add(file));
  return [...files].filter(([, at]) => at.size > 1).map(([name, at]) => ({ name, files: [...at].sort() }));
}

/** Groups of the modules' files that import each other in a circle (strongly connected components of more than one file). */
export function importCycles(modules: readonly Module[]): string[][] {
  const byFile = new Map(modules.map((module) => [module.file, module]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    const { imports, reexports } = byFile.get(file)!;
    for (const { from } of [...imports, ...reexports]) {
      if (!byFile.has(from)) continue;
      if (!index.has(from)) visit(from);
      if (stack.includes(from)) low.set(file, Math.min(low.get(file)!, low.get(from)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) cycles.push(group.sort());
  };
  for (const file of byFile.keys()) if (!index.has(file)) visit(file);
  return cycles;
}
