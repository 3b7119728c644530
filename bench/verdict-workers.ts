import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** So many runs of a cell. Parts of one cell have different numbers, and so different draws. */
export interface Part {
  readonly name: string;
  readonly part: number;
  readonly runs: number;
}

/** Starts worker processes that do the parts, and tells the result of each part. */
export async function doneByWorkers<T>(
  workers: number,
  parts: readonly Part[],
  tell: (part: Part, counts: T) => void,
): Promise<void> {
  const waiting = [...parts];
  await Promise.all(Array.from({ length: Math.min(workers, parts.length) }, () => work(waiting, tell)));
}

function work<T>(waiting: Part[], tell: (part: Part, counts: T) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('verdict-grid.ts', import.meta.url)), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    let part: Part | undefined;
    const next = () => {
      part = waiting.shift();
      if (part === undefined) child.disconnect();
      else child.send(part);
    };
    child.on('message', (counts: T) => {
      tell(part!, counts);
      next();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (part === undefined && code === 0) resolve();
      else reject(new Error(`a worker ended with ${code} at ${part?.name ?? 'the end'}`));
    });
    next();
  });
}

/** The worker process: does each part that it gets, and ends when its parent has ended. */
export function serveParts<T>(done: (name: string, part: number, runs: number) => T | Promise<T>): void {
  process.on('message', async ({ name, part, runs }: Part) => {
    process.send!(await done(name, part, runs));
  });
}
