import { openSync, readdirSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';

/** Close-on-exec in the flags of /proc/self/fdinfo. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * File descriptors of this process that a program started by it would get: Node closes all that it opens itself, but not
 * those that this process was started with, such as a log or a lock of whoever called it.
 *
 * @returns numbers from 3 on, in order; none where /proc does not say
 */
function inheritedDescriptors(): number[] {
  let numbers: string[];
  try {
    numbers = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  return numbers
    .map(Number)
    .filter((number) => number > 2 && !closesOnExec(number))
    .sort((a, b) => a - b);
}

function closesOnExec(number: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'utf8'))?.[1];
    return flags === undefined || (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    // It was the one that read the folder.
    return true;
  }
}

type Stdio = 'pipe' | 'ignore' | number;

let nothing: number | undefined;

/**
 * The `stdio` of a program that must not get what this process was started with: /dev/null takes the place of every
 * inherited descriptor. They must not be closed here, because they are not ours.
 *
 * @example spawn('bwrap', args, { stdio: coveringInherited(['ignore', 'pipe', 'pipe']) });
 */
export function coveringInherited(stdio: readonly Stdio[]): Stdio[] {
  const covered = [...stdio];
  for (const number of inheritedDescriptors()) {
    if (number < stdio.length) continue;
    nothing ??= openSync(devNull, 'r');
    while (covered.length < number) covered.push('ignore');
    covered[number] = nothing;
  }
  return covered;
}
