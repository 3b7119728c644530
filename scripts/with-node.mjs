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
const ended = await run(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
});
endLike(ended);
