// `npm run check`: types, formatting, lint, and the floors of the house (docs/design.md §3).
import { checkFloors } from './floors.ts';
import { runTool } from './run-tool.ts';

runTool('tsc', ['-p', '.']);
runTool('biome', ['check', '.']);
const broken = checkFloors();
for (const line of broken) console.error(line);
if (broken.length > 0) process.exit(1);
console.error('Types, lint and floors are in order.');
