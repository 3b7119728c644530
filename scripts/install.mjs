// Installs what a checkout needs. Of calls at the same time one installs and the others wait for it.
// Runs on whatever Node the machine has (20 or later), so it uses nothing newer and no dependency.
import {
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endLike, run } from './run-child.mjs';

/** The lock is touched so often while its holder lives. */
const BEAT_MS = 2000;
/** Untouched for so long, it is its npm that says whether it still holds: npm outlives a call that is killed with -9. */
const SILENT_MS = 20_000;
/** Untouched for so long, it is abandoned, whoever has the number of that npm by now. */
const FORGOTTEN_MS = 600_000;

/** @param root the checkout */
export async function install(root) {
  const lock = join(root, '.install.lock');
  for (let told = false; !isInstalled(root); ) {
    if (take(lock)) {
      const ended = await npmCi(root, lock).finally(() => rmSync(lock, { force: true }));
      if (isInstalled(root)) return;
      process.stderr.write('npm ci failed: see above. It needs the npm registry and about 400 MB of disk.\n');
      endLike({ ...ended, code: 1 });
    }
    if (!told)
      process.stderr.write('Another stemma is installing what this checkout needs: waiting for it …\n');
    told = true;
    if (isAbandoned(lock)) setAside(lock);
    else await pause(200);
  }
}

export function nodeOf(root) {
  return join(root, 'node_modules/node/bin/node');
}

/** npm writes node_modules/.package-lock.json last, so it is older than the lock file when the install is stale. */
function isInstalled(root) {
  const marker = changed(join(root, 'node_modules/.package-lock.json'));
  return existsSync(nodeOf(root)) && marker !== null && marker >= changed(join(root, 'package-lock.json'));
}

/** @returns how it ended */
async function npmCi(root, lock) {
  // Another may have done it since it was looked for.
  if (isInstalled(root)) return { code: 0, signal: null };
  process.stderr.write('Installing what this checkout needs (npm ci) …\n');
  // npm passes its own settings on in the environment; a nested npm must not take them for its own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
  const options = { cwd: root, env, stdio: ['ignore', 2, 2] };
  const beat = setInterval(() => touch(lock), BEAT_MS);
  const ended = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    ...options,
    onStart: (pid) => writeFileSync(lock, holder(pid)),
  });
  if (ended.code === 0 && !existsSync(nodeOf(root))) {
    // An npm set to run no install scripts leaves the `node` package without its binary; its own script fetches it.
    const cwd = join(root, 'node_modules/node');
    await run(process.execPath, ['installArchSpecificPackage'], { ...options, cwd });
  }
  clearInterval(beat);
  return ended;
}

function holder(pid) {
  return `${pid} ${hostname()}`;
}

/** @returns false when another holds it */
function take(lock) {
  try {
    writeFileSync(lock, holder(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    process.stderr.write(`What this checkout needs is not installed, and can't be: ${error.message}\n`);
    process.exit(1);
  }
}

function isAbandoned(lock) {
  const touched = changed(lock);
  if (touched === null || Date.now() - touched < SILENT_MS) return false;
  return Date.now() - touched > FORGOTTEN_MS || !mayLive(lock);
}

/** Of another host's process nothing is known but that it was silent. */
function mayLive(lock) {
  try {
    const [pid, host] = readFileSync(lock, 'utf8').split(' ');
    return host === hostname() && process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two may find it abandoned: what the slower one moves could be the faster one's new lock, and is put back. */
function setAside(lock) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (!isAbandoned(aside)) linkSync(aside, lock);
  } catch {
    // Another was faster.
  }
  rmSync(aside, { force: true });
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody removed it: the install goes on all the same.
  }
}

/** When a file was changed, in ms; `null` where there is none. */
function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
