import { readdirSync, readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import * as stats from './index.ts';

/** Examples state numbers to four decimals. */
const TOLERANCE = 0.5e-4 + 1e-12;

const names = Object.entries(stats).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));

describe('the example of', () => {
  const docstrings = readDocstrings();

  test.each(names)('%s gives what it states', (name) => {
    const example = exampleOf(docstrings.get(name) ?? '');
    expect(example, `${name} has no @example with a line "// => value"`).not.toBeNull();
    expect(example!.code).toContain(`${name}(`);
    expect(differences(example!.run(), example!.stated)).toEqual([]);
  });

  test('no function is left out', () => {
    expect(names.length).toBeGreaterThan(50);
  });
});

test('a wrong value, a missing key and a missing example are found', () => {
  const wrong = exampleOf('/**\n * @example\n * mean([1, 2]); // => 1.6\n */')!;
  expect(differences(wrong.run(), wrong.stated)).toEqual([': 1.5, not 1.6']);
  expect(differences({ a: [1] }, { a: [1, 2], b: 0 })).toEqual([
    '.a.1: undefined, not 2',
    '.b: undefined, not 0',
  ]);
  expect(differences(null, 0)).toEqual([': null, not 0']);
  expect(exampleOf('/** Meaning only. */')).toBeNull();
});

/** The docstring of each exported function of this folder, by the function's name. */
function readDocstrings(): Map<string, string> {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.fixture.ts'),
  );
  return new Map(
    files.flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const found = text.matchAll(/(\/\*\*(?:(?!\*\/).)*\*\/)\nexport function (\w+)/gs);
      return [...found].map(([, docstring, name]): [string, string] => [name!, docstring!]);
    }),
  );
}

/** The code after `@example`, and the value that the comment `// => value` states for its last statement. */
function exampleOf(docstring: string): { code: string; run: () => unknown; stated: unknown } | null {
  const lines = docstring.split('\n').map((line) => line.replace(/^ \*( |$)/, ''));
  const start = lines.indexOf('@example');
  if (start < 0) return null;
  const [code, value] = lines
    .slice(start + 1, -1)
    .join('\n')
    .split(/;\s*\/\/ => /);
  if (code === undefined || value === undefined) return null;
  const run = (source: string) => runInContext(source, createContext({ ...stats }));
  return { code, run: () => run(code), stated: run(`(${value})`) };
}

/** Where a value differs from the stated one. Keys that are not stated may have any value. */
function differences(actual: unknown, stated: unknown, path = ''): string[] {
  if (typeof stated === 'number' && typeof actual === 'number') {
    return Math.abs(actual - stated) <= TOLERANCE ? [] : [`${path}: ${actual}, not ${stated}`];
  }
  if (typeof stated !== 'object' || stated === null || typeof actual !== 'object' || actual === null) {
    return actual === stated ? [] : [`${path}: ${String(actual)}, not ${String(stated)}`];
  }
  const lengths = Array.isArray(stated) ? differences(length(actual), stated.length, `${path}.length`) : [];
  const inside = Object.entries(stated).flatMap(([key, value]) =>
    differences((actual as Record<string, unknown>)[key], value, `${path}.${key}`),
  );
  return lengths.length > 0 && inside.length === 0 ? lengths : inside;
}

function length(value: object): unknown {
  return (value as ArrayLike<unknown>).length;
}
