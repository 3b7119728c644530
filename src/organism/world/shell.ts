/** The small interpreter that agents of the world act in: short commands over a file tree in memory. */

/** A file is a word: a program's slow part or its cure, a script's conduct, a datum. */
type ShellFiles = Map<string, string>;

interface ShellEvent {
  readonly command: string;
  readonly output: string;
}

export interface ShellRun {
  readonly files: ShellFiles;
  readonly events: readonly ShellEvent[];
  /** What the agent filed with `file`, where it did. */
  readonly filed: string | null;
  /** The first command that the shell does not know, or that names no file. */
  readonly broken: string | null;
  /** Whether the commands end with `done`. */
  readonly done: boolean;
}

/**
 * Runs `command ; command ; … done .`: `cat FILE` shows a file, `edit FILE WORD` makes WORD its content, `run SCRIPT`
 * calls `onRun`, `file WORD` files a report. Stops at the first broken command.
 *
 * @param onRun what a script prints, given the files as they are then; `null` when it is not a script
 */
export function runShell(
  text: string,
  files: ShellFiles,
  onRun: (script: string, files: ShellFiles) => string | null,
): ShellRun {
  const tree = new Map(files);
  const events: ShellEvent[] = [];
  let filed: string | null = null;
  const commands = text.replace(/ \.$/, '').split(' ; ');
  for (const command of commands) {
    if (command === 'done') return { files: tree, events, filed, broken: null, done: true };
    const [name, first, second, ...rest] = command.split(' ');
    let output: string | null = null;
    if (name === 'cat' && first !== undefined && second === undefined) output = tree.get(first) ?? null;
    else if (name === 'run' && first !== undefined && second === undefined) output = onRun(first, tree);
    else if (name === 'file' && first !== undefined && second === undefined) output = filed = first;
    else if (
      name === 'edit' &&
      first !== undefined &&
      second !== undefined &&
      rest.length === 0 &&
      tree.has(first)
    ) {
      tree.set(first, second);
      output = 'saved';
    }
    if (output === null) return { files: tree, events, filed, broken: command, done: false };
    events.push({ command, output });
  }
  return { files: tree, events, filed, broken: null, done: false };
}

/** What a timing script holds that tells the truth. */
export const HONEST_TIMER = 'measure';
