import { styleText } from 'node:util';
import { StemmaError } from '../core/index.ts';

/**
 * Whoever reads us may have seen enough (`stemma findings RUN | head`): writing on to a closed pipe is no mistake, and what
 * is under way is finished all the same.
 */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** One line of talk on stderr: results alone go to stdout. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The last line of a command: what to do next. */
export function next(line: string): void {
  say(styleText('dim', `Next: ${line}`, { stream: process.stderr }));
}

/** A result, on stdout. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** What a result may look like where it goes: colours and columns of a terminal, or plain. */
export function page(): { color: boolean; width: number } {
  const { stdout } = process;
  // A pseudo-terminal that nobody gave a size says that it has 0 columns.
  const color = stdout.isTTY === true && stdout.hasColors?.() === true && process.env.NO_COLOR === undefined;
  return { color, width: stdout.columns || 100 };
}

/**
 * Shows an error as its reader needs it and sets the exit code: 2 for the user's mistake, 1 for ours. Only an error that
 * stemma did not foresee is shown with its stack.
 */
export function fail(error: unknown): void {
  if (error instanceof StemmaError) {
    say(`${styleText('red', 'error:', { stream: process.stderr })} ${error.toString()}`);
    process.exitCode = error.exitCode;
    return;
  }
  say(
    `${styleText('red', 'internal error:', { stream: process.stderr })} ${error instanceof Error ? error.stack : String(error)}`,
  );
  process.exitCode = 1;
}
