import { styleText } from 'node:util';
import { StemmaError } from '../core/index.ts';
import { cleanWrites } from '../format/index.ts';

/**
 * Whoever reads us may have seen enough (`stemma findings RUN | head`): writing on to a closed pipe is not a mistake, and what
 * is under way is finished all the same.
 */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/**
 * Cleans all that this process prints: no title, model name, error text or file name can steer the terminal, whichever way
 * it is printed. Our own colours stay where the stream shows colours.
 */
export function cleanOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    cleanWrites(stream, styleText('bold', 'x', { stream }) !== 'x');
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

/** Control characters that JSON may hold as they are, and marks of direction. */
const STEERING = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A result as JSON, on stdout. What could steer a terminal is escaped, so that a reader of the JSON gets it unchanged. */
export function printJson(value: unknown): void {
  print(withoutSteering(JSON.stringify(value, null, 2)));
}

/** The same on one line. */
export function printJsonLine(value: unknown): void {
  print(withoutSteering(JSON.stringify(value)));
}

function withoutSteering(json: string): string {
  return json.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
