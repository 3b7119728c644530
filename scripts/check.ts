// `npm run check`: types, formatting, lint, and the layers of docs/design.md.
import { checkLayers } from './layers.ts';
import { runTool } from './run-tool.ts';

runTool('tsc', ['-p', '.']);
runTool('biome', ['check', '.']);
const broken = checkLayers();
for (const line of broken) console.error(line);
if (broken.length > 0) process.exit(1);
console.error('Types, lint and layers are in order.');
