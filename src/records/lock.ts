import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  constants,
  copyFileSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RecordsError } from '../core/index.ts';
import { diskError, systemCode } from './disk-error.ts';

/**
 * The writer's lock on a run folder: `writer.lock`, one JSON object that says who holds it. It comes into being whole
 * (a hard link to a finished file), so nobody ever reads half of it. Where the file system has no hard links it is copied,
 * and for some seconds half of a lock is taken for one that is being written.
 *
 * A lock whose process is dead is stale and gets taken over. A process is known by its id and its start time, since ids
 * are used again. Of a process on another host nothing can be known: its lock stands until somebody removes it.
 */
interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Opaque; equal for the same process. `null` where the system doesn't tell. */
  readonly started: string | null;
  /** ISO 8601. */
  readonly since: string;
  readonly token: string;
}

const LOCK = 'writer.lock';
/** Each try that fails without a live holder means that another process took over or let go in that moment. */
const TRIES = 20;
/** How old a lock that can't be read must be to be a ruin and not somebody's copy under way. */
const RUIN_AGE_MS = 5000;

/**
 * Takes the lock of a run folder.
 *
 * @param link  for tests: a file system without hard links
 * @returns what gives it back; may be called more than once
 * @throws RecordsError when a live process holds it (naming pid and host), or the folder can't be written to
 */
export function lockRun(folder: string, link: typeof linkSync = linkSync): () => void {
  const lock = join(folder, LOCK);
  const token = randomUUID();
  const draft = `${lock}.${token}`;
  try {
    writeFileSync(draft, `${JSON.stringify(thisProcess(token))}\n`, { flag: 'wx' });
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (put(draft, lock, link)) return () => release(lock, token);
      const held = readIfThere(lock);
      if (held === null) continue;
      const holder = parseHolder(held);
      if (holder !== null && mayBeAlive(holder)) throw lockedBy(holder, lock);
      if (holder === null && ageMs(lock) < RUIN_AGE_MS) pause();
      else setAside(lock, held, `${draft}.stale`, link);
    }
    throw new RecordsError('other processes keep taking the lock of this run folder', {
      place: { file: lock },
      remedy: 'Have only one of them run.',
    });
  } catch (error) {
    if (['ENOTDIR', 'EEXIST'].includes(systemCode(error) ?? '')) throw noFolder(folder, error);
    throw error instanceof RecordsError ? error : diskError(error, folder);
  } finally {
    removeDraft(draft);
  }
}

function noFolder(folder: string, cause: unknown): RecordsError {
  return new RecordsError('this is a file; a run is a folder', {
    place: { file: folder },
    remedy: 'Name a folder, or one that does not exist yet.',
    cause,
  });
}

/** A draft that could not be written need not be removed either: what kept it from that has been said. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {}
}

function thisProcess(token: string): LockHolder {
  return {
    pid: process.pid,
    host: hostname(),
    started: processState(process.pid)?.started ?? null,
    since: new Date().toISOString(),
    token,
  };
}

/** Puts the finished lock in its place, unless there is one. */
function put(draft: string, lock: string, link: typeof linkSync): boolean {
  try {
    link(draft, lock);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST') return false;
    // The draft could be written, so what is lacking is not permission but hard links.
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(code)) return copied(draft, lock);
    throw error;
  }
}

function copied(draft: string, lock: string): boolean {
  try {
    copyFileSync(draft, lock, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function ageMs(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): LockHolder | null {
  try {
    const holder = JSON.parse(text) as LockHolder;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? holder : null;
  } catch {
    return null;
  }
}

/**
 * Takes a stale lock out of the way. Two processes may find the same one stale: what the slower of them moves could be
 * the faster one's new lock, so it looks at what it moved and puts that back.
 */
function setAside(lock: string, stale: string, aside: string, link: typeof linkSync): void {
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readIfThere(aside) !== stale) put(aside, lock, link);
  rmSync(aside, { force: true });
}

function release(lock: string, token: string): void {
  if (parseHolder(readIfThere(lock) ?? '')?.token === token) rmSync(lock, { force: true });
}

function lockedBy(holder: LockHolder, lock: string): RecordsError {
  const who = `process ${holder.pid} on ${holder.host} is writing to this run folder (since ${holder.since})`;
  const elsewhere = holder.host !== hostname();
  return new RecordsError(holder.pid === process.pid && !elsewhere ? `${who}: this very process` : who, {
    place: { file: lock },
    remedy: elsewhere
      ? `Wait for it, or stop it. If it's no longer running on ${holder.host}, delete ${lock} and try again.`
      : 'Wait for it, or stop it (Ctrl-C stops it gently), then try again. Reading the run works meanwhile.',
  });
}

function mayBeAlive({ pid, host, started }: LockHolder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  const state = processState(pid);
  if (state === null) return true;
  return !state.zombie && (started === null || state.started === started);
}

/** When a process started, in whatever words the system has for it; `null` where it has none. */
function processState(pid: number): { started: string; zombie: boolean } | null {
  if (process.platform === 'linux') {
    try {
      // "pid (name) state …": the name may hold spaces and parentheses. Start time is field 22, in ticks since the boot.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
      return { started: `${boot}:${fields[19]}`, zombie: fields[0] === 'Z' };
    } catch {
      return null;
    }
  }
  const { stdout, status } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const found = status === 0 && /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout);
  return found ? { started: found[2]!, zombie: found[1]!.startsWith('Z') } : null;
}
