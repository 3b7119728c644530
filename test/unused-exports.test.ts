import { describe, expect, it } from 'vitest';
import { type Module, readModule } from '../scripts/modules.ts';
import { unusedExports } from '../scripts/unused-exports.ts';

const unused = (files: Readonly<Record<string, string>>) =>
  unusedExports(
    new Map(Object.entries(files).map(([file, text]): [string, Module] => [file, readModule(file, text)])),
  ).map(({ file, line, name, usedBy }) => `${file}:${line} ${name} ${usedBy}`);

describe('unused exports', () => {
  it('are those that no other file takes, directly or through index files', () => {
    expect(
      unused({
        'src/index.ts': `export { shown } from './a/index.ts';`,
        'src/cli/main.ts': `import { run } from '../a/index.ts'; import * as all from '../b.ts'; run(all);`,
        'src/a/index.ts': `export * from './a.ts';\nexport { forgotten as old } from './a.ts';`,
        'src/a/a.ts': `export const shown = 1;\nexport function run(x: unknown): Kind { return x as Kind; }\nexport interface Kind { a: 1 }\nexport const forgotten = 2;`,
        'src/b.ts': `export const inNamespace = 1;`,
      }),
    ).toEqual(['src/a/index.ts:1 old nothing', 'src/a/a.ts:3 Kind file', 'src/a/a.ts:4 forgotten nothing']);
  });

  it('may be parts that a test looks at, but not what only tests use', () => {
    expect(
      unused({
        'src/cli/main.ts': `import { whole } from '../a.ts'; whole();`,
        'src/a.ts': `export const part = 1;\nexport const dead = 2;\nexport const whole = () => part;`,
        'src/a.test.ts': `import { dead, part } from './a.ts';`,
        'src/stats/estimator.ts': `export const waits = 1;`,
        'src/stats/estimator.test.ts': `import { waits } from './estimator.ts';`,
      }),
    ).toEqual(['src/a.ts:2 dead tests']);
  });

  it('are not what is loaded at run time, by a type import or by its own words', () => {
    expect(
      unused({
        'src/cli/main.ts': `const { late } = await import('./late.ts'); import type { T } from './t.ts'; late as T;`,
        'src/cli/late.ts': `export const late = 1;`,
        'src/cli/t.ts': `// alone: alone\nexport type T = number;\nexport type alone = 'alone';`,
      }),
    ).toEqual(['src/cli/t.ts:3 alone nothing']);
  });
});
