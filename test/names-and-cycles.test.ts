import { describe, expect, it } from 'vitest';
import { readModule, readModules } from '../scripts/modules.ts';
import { importCycles, isProduct, typesDefinedTwice } from '../scripts/names-and-cycles.ts';

describe('names and imports', () => {
  it('are one for each meaning, and in no circle, in this checkout', () => {
    const product = [...readModules().values()].filter(isProduct);
    expect(typesDefinedTwice(product)).toEqual([]);
    expect(importCycles(product)).toEqual([]);
  });

  it('are told with their files', () => {
    const modules = [
      readModule(
        'src/a.ts',
        "import { b } from './b.ts';\ninterface Part { b: typeof b }\nexport const a: Part = { b };",
      ),
      readModule('src/b.ts', "import { c } from './c.ts';\nexport const b = c;"),
      readModule(
        'src/c.ts',
        "import { a } from './a.ts';\ntype Part = 1;\nexport const c: Part = 1;\nexport const d = a;",
      ),
      readModule(
        'src/d.ts',
        "import { a } from './a.ts';\ntype Alone = typeof a;\nexport const e: Alone = a;",
      ),
    ];
    expect(typesDefinedTwice(modules)).toEqual([{ name: 'Part', files: ['src/a.ts', 'src/c.ts'] }]);
    expect(importCycles(modules)).toEqual([['src/a.ts', 'src/b.ts', 'src/c.ts']]);
  });
});
