// Runs a script of this project on the project's own Node, installing what is missing first.
// Runs itself on whatever Node the machine has (20 or later), so it uses nothing newer and no dependency.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules/node/bin/node');

/** npm writes node_modules/.package-lock.json last, so it is older than the lock file when the install is stale. */
function installed() {
  const marker = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(node) || !existsSync(marker)) return false;
  return statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

if (!installed()) {
  process.stderr.write('Installing what this checkout needs (npm ci) …\n');
  // npm passes its own settings on in the environment; a nested npm must not take them for its own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
  const ci = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  });
  if (ci.status === 0 && !existsSync(node)) {
    // An npm set to run no install scripts leaves the `node` package without its binary; its own script fetches it.
    spawnSync(process.execPath, ['installArchSpecificPackage'], {
      cwd: join(root, 'node_modules/node'),
      env,
      stdio: ['ignore', 2, 2],
    });
  }
  if (ci.status !== 0 || !existsSync(node)) {
    process.stderr.write('npm ci failed: see above. It needs the npm registry and about 400 MB of disk.\n');
    process.exit(1);
  }
}

const [script, ...rest] = process.argv.slice(2);
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
});
// A terminal's Ctrl-C reaches the child by itself; this process waits for it. Other signals are passed on.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // What this process does not do on a signal, it must do now, to end as its child did.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
