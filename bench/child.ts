import { fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs one measurement in a process of its own, so that neither memory nor compiled code is left over from the one
 * before. The file's work is what it sends with `process.send`.
 */
export function measured<T>(file: string, args: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    let result: T | undefined;
    child.on('message', (message: T) => {
      result = message;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`${file} ended with ${code}`));
    });
  });
}

export interface Timed {
  /** In seconds; `cpu` is user + system time of the process and its children. */
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a program to its end and times it, with its children, by the shell's own clock. @throws Error when it fails */
export function timed(
  command: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="%R %U %S"; time "$@" >output.log 2>&1';
    const child = spawn('bash', ['-c', script, 'bash', ...command], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      const times = text.trim().split('\n').at(-1)!.split(' ').map(Number);
      const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = times;
      if (code === 0 && Number.isFinite(wall + user + system)) resolve({ wall, cpu: user + system });
      else reject(new Error(`${command.join(' ')} ended with ${code}; see ${options.cwd}/output.log`));
    });
  });
}
