// `npm run build`: compiles src/ to dist/ and copies what is not TypeScript (rubrics, built-in samples) beside it.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, runTool } from './run-tool.ts';

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
runTool('tsc', ['-p', 'tsconfig.build.json']);
cpSync(join(root, 'src'), dist, { recursive: true, filter: (path) => !path.endsWith('.ts') });
