// `npm run check`: types, formatting, lint, the layers of docs/design.md, exports that nothing uses,
// names of types that two files define, import cycles, and packages that the package's declarations name.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declarationsOf } from './declarations.ts';
import { checkLayers } from './layers.ts';
import { readModules } from './modules.ts';
import { importCycles, isProduct, typesDefinedTwice } from './names-and-cycles.ts';
import { runTool } from './run-tool.ts';
import { describeUnused, unusedExports } from './unused-exports.ts';

runTool('tsc', ['-p', '.']);
runTool('tsc', ['-p', 'tsconfig.pages.json']);
runTool('biome', ['check', '.']);
const modules = readModules();
const product = [...modules.values()].filter(isProduct);
const broken = [
  ...checkLayers(),
  ...unusedExports(modules).map(describeUnused),
  ...typesDefinedTwice(product).map(
    ({ name, files }) =>
      `The type ${name} is defined in ${files.join(' and ')}: give each meaning its own name.`,
  ),
  ...unknownPackages(),
  ...importCycles(product).map((files) => `These files import each other: ${files.join(', ')}.`),
];
for (const line of broken) console.error(line);
if (broken.length > 0) process.exit(1);
console.error('Types, lint, layers, exports, names, imports and declarations are in order.');

/** One line for each package that the declarations of `npm run build` name and that users do not have. */
function unknownPackages(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-declarations-'));
  try {
    runTool('tsc', ['-p', 'tsconfig.build.json', '--outDir', folder]);
    return declarationsOf(join(folder, 'index.d.ts')).unknown;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
