// `npm run check`: types, formatting, lint, the layers of docs/design.md, and exports that nothing uses.
import { checkLayers } from './layers.ts';
import { runTool } from './run-tool.ts';
import { describeUnused, unusedExports } from './unused-exports.ts';

runTool('tsc', ['-p', '.']);
runTool('tsc', ['-p', 'tsconfig.pages.json']);
runTool('biome', ['check', '.']);
const broken = [...checkLayers(), ...unusedExports().map(describeUnused)];
for (const line of broken) console.error(line);
if (broken.length > 0) process.exit(1);
console.error('Types, lint, layers and exports are in order.');
