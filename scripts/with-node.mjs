// Runs a script of this project on the project's own Node, installing what is missing first.
// Runs itself on whatever Node the machine has (20 or later), so it uses nothing newer and no dependency.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, nodeOf } from './install.mjs';
import { endLike, run } from './run-child.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = nodeOf(root);
await install(root);

const [script, ...rest] = process.argv.slice(2);
const isStemma = script === 'src/cli/main.ts';
const ended = await run(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
  // The channel says nothing: it closes when this process is gone, and stemma then stops.
  stdio: ['inherit', 'inherit', 'inherit', ...(isStemma ? ['ipc'] : [])],
  env: {
    ...process.env,
    PATH: `${dirname(node)}:${process.env.PATH}`,
    // Compiled sources are kept: the next start takes half as long.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/compiled'),
    // A checkout puts no `stemma` on the PATH; hints are to be commands that work.
    ...(isStemma ? { STEMMA_COMMAND: 'npx stemma' } : {}),
  },
});
endLike(ended);
