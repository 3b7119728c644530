import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs in a node process of its own, between stemma and a server: the leader of a process group in which the server and all that it
 * starts are. Its standard input is a pipe from stemma. When that ends, because stemma asked for it, died or was killed with
 * SIGKILL, the whole group ends. When the server ends, so does what it left behind.
 */
const SOURCE = `
const { spawn } = require('node:child_process');
const [program, ...args] = process.argv.slice(1);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
const tell = (signal) => { try { process.kill(0, signal); } catch {} };
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  tell('SIGTERM');
  setTimeout(() => tell('SIGKILL'), GRACE);
};
process.stdin.on('end', end).on('close', end).on('error', end).resume();
const server = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
server.on('error', (error) => { console.error(error.message); process.exit(127); });
server.on('exit', (code, signal) => {
  if (signal !== null) console.error('It was ended by ' + signal + '.');
  tell('SIGTERM');
  setTimeout(() => process.exit(code === null ? 1 : code), 200);
});
`;

/** How long a group may take to end before it is killed. */
const GRACE_MS = 5_000;

/** A server under a watchdog. */
export interface WatchedProcess extends AsyncDisposable {
  /** Resolves when the server has ended, and all that it started, with its exit code. */
  readonly exited: Promise<number>;
}

/**
 * Starts a program so that it ends with this process, however this one ends, with all processes that it starts.
 *
 * @param log an open file that gets what the program prints
 */
export function startWatched(
  argv: readonly string[],
  {
    env,
    log,
    cwd,
    graceMs = GRACE_MS,
  }: {
    readonly env: NodeJS.ProcessEnv;
    readonly log: number;
    readonly cwd?: string;
    readonly graceMs?: number;
  },
): WatchedProcess {
  const source = SOURCE.replace('GRACE', String(graceMs));
  const child: ChildProcess = spawn(process.execPath, ['-e', source, '--', ...argv], {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    // A group of its own: Ctrl-C in the terminal is not for it.
    detached: true,
    stdio: ['pipe', log, log],
  });
  child.stdin?.on('error', () => {});
  const exited = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => {
      endGroup(child.pid);
      resolve(code ?? 1);
    });
  });
  return {
    exited,
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      await exited;
    },
  };
}

/** What is left of a group whose leader has ended. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
