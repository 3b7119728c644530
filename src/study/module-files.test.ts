import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moduleFiles } from './module-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-modules-'));
  mkdirSync(join(folder, 'deep'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

test('follows relative imports of every form, round in a circle too, and leaves packages alone', () => {
  write(
    'models.ts',
    `import { a } from './deep/a.ts';\nexport * from "./b.mjs";\nimport 'node:fs';\nimport z from 'zod';`,
  );
  write('deep/a.ts', `const later = await import('../c.ts');\nimport './missing.ts';`);
  write('b.mjs', `import './models.ts'`);
  write('c.ts', `import data from './data.json' with { type: 'json' };`);
  write('data.json', '{}');
  expect(moduleFiles('models.ts', folder)).toEqual(['b.mjs', 'c.ts', 'data.json', 'deep/a.ts', 'models.ts']);
});

test('a table is a file by itself', () => {
  write('models.yaml', `from: './other.yaml'`);
  expect(moduleFiles('models.yaml', folder)).toEqual(['models.yaml']);
});

test('an absolute path stays one', () => {
  write('models.ts', `import './b.mjs';`);
  write('b.mjs', '');
  expect(moduleFiles(join(folder, 'models.ts'), '/nowhere')).toEqual([
    join(folder, 'b.mjs'),
    join(folder, 'models.ts'),
  ]);
});
