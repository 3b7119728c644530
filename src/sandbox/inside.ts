import { posix } from 'node:path';
import { type ExecOptions, type ExecResult, InputError, type SandboxSpec } from '../core/index.ts';

export const HOME = '/home/agent';
export const DEFAULT_WORKDIR = '/workspace';

/** What a command left, as bytes. */
export interface RawResult extends Omit<ExecResult, 'stdout' | 'stderr'> {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** `exec` of one engine, before its output is read as text. What the engine's files are read and written by. */
export type RunInside = (command: readonly string[] | string, options?: ExecOptions) => Promise<RawResult>;

/** Bytes of one argument that Linux gives to a program (MAX_ARG_STRLEN), without the zero behind it. */
const LONGEST_ARGUMENT = (1 << 17) - 1;

/**
 * What a shell says of a command that is too long for the system, before it is run: it would not get as far as the inside.
 *
 * @returns `null` where it is short enough
 */
export function tooLong(command: readonly string[] | string): ExecResult | null {
  const words = typeof command === 'string' ? [command] : command;
  const longest = Math.max(...words.map((word) => Buffer.byteLength(word)));
  if (longest <= LONGEST_ARGUMENT) return null;
  return {
    exitCode: 126,
    stdout: '',
    stderr: `sh: Argument list too long: an argument has ${longest} bytes, and ${LONGEST_ARGUMENT} is the most\n`,
    dropped: { stdout: 0, stderr: 0 },
    durationMs: 0,
  };
}

/** Output as text: bytes that are not UTF-8 become U+FFFD, and a character that the limit cut in two is left out. */
export function execResult({ stdout, stderr, ...rest }: RawResult): ExecResult {
  return {
    ...rest,
    stdout: text(stdout, rest.dropped.stdout > 0),
    stderr: text(stderr, rest.dropped.stderr > 0),
  };
}

function text(bytes: Buffer, cut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut });
}

/** Whether an absolute path is a folder or in it. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** What must not be written to, whose it is, and what can be done. */
interface TakenFolders {
  readonly folders: readonly string[];
  readonly fault: string;
  readonly remedy: string;
}

/**
 * The folders that a task may write to beside /tmp and the home: the workdir, and the first folder of every file that it puts
 * elsewhere (`/data/sales.csv` makes `/data` writable).
 *
 * @throws InputError for a folder that is taken
 */
export function ownFolders({ files = {} }: SandboxSpec, workdir: string, taken: TakenFolders): Set<string> {
  const own = new Set<string>();
  for (const file of [workdir, ...Object.keys(files)]) {
    const path = posix.resolve(workdir, file);
    if (['/tmp', HOME, ...(file === workdir ? [] : [workdir])].some((tree) => isBelow(path, tree))) continue;
    const folder = file === workdir ? workdir : `/${path.split('/')[1]}`;
    if (folder === '/' || taken.folders.some((one) => isBelow(folder, one)))
      throw new InputError(`${folder} ${taken.fault}`, { remedy: taken.remedy });
    own.add(folder);
  }
  return own;
}

/** A word in quotes, so that a shell takes it as it is. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
