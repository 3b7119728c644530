import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and passes signals on to it.
 *
 * @param options those of `spawn`, and `onStart(pid)`
 * @returns how it ended: its exit code, or the signal that ended it
 */
export function run(program, args, { onStart, ...options }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, options);
    // A terminal's Ctrl-C reaches the child by itself, and passing it on would make two of it; a SIGINT without one was
    // meant for this process alone.
    const inTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
    const passOn = {
      SIGINT: () => inTerminal || child.kill('SIGINT'),
      SIGTERM: () => child.kill('SIGTERM'),
      SIGHUP: () => child.kill('SIGHUP'),
    };
    for (const [signal, handle] of Object.entries(passOn)) process.on(signal, handle);
    const ended = (code, signal) => {
      for (const [name, handle] of Object.entries(passOn)) process.off(name, handle);
      resolve({ code, signal });
    };
    child.on('spawn', () => onStart?.(child.pid));
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      ended(1, null);
    });
    child.on('exit', ended);
  });
}

/** Ends this process as a child ended. */
export function endLike({ code, signal }) {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
}
