import { randomBytes } from 'node:crypto';
import { type ExecOptions, type ExecResult, type Sandbox, SandboxFileError } from '../core/index.ts';

/** A shell whose working folder and exported variables live on from one line to the next, as in a terminal. */
export interface Shell {
  /** Where the next line starts, absolute. */
  readonly cwd: string;
  /**
   * Runs a line. One that is ended (by a limit, a signal, `exec`) leaves the state as it was before it; what it started in
   * the background lives on. Aliases, functions and variables that are not exported go with the line.
   */
  run(line: string, options?: Omit<ExecOptions, 'cwd' | 'user'>): Promise<ExecResult>;
}

export interface ShellOptions {
  readonly user?: NonNullable<ExecOptions['user']>;
  /** Where the first line starts; default: the sandbox's workdir. */
  readonly cwd?: string;
}

/*
 * The state is written when the shell exits, whichever way: after `exit`, and after a mistake in the line too. `env -0` says
 * the variables so that any value comes through. The file is read back by us, and what it says becomes the environment of
 * the next line: nothing of it is ever run.
 */
const RUN = `state=$1; line=$2; shift 2; rm -f "$state"
trap 'code=$?; trap - EXIT; { pwd -P && env -0; } >"$state" 2>/dev/null; exit $code' EXIT
eval "$line"`;

/** Of the shell itself; a line's own are none of its state. */
const NOT_KEPT = new Set(['_', 'PWD', 'OLDPWD', 'SHLVL']);
const LARGEST_STATE = 256 * 1024;

/** Opens a shell in a sandbox, on any engine. Its state is kept here, between lines in a file in /tmp of the inside. */
export function openShell(sandbox: Sandbox, options: ShellOptions = {}): Shell {
  return new PersistentShell(sandbox, options);
}

class PersistentShell implements Shell {
  readonly #sandbox: Sandbox;
  readonly #user: NonNullable<ExecOptions['user']>;
  readonly #state = `/tmp/.shell-${randomBytes(8).toString('hex')}`;
  #cwd: string;
  #env: Readonly<Record<string, string>> = {};

  constructor(sandbox: Sandbox, { user = 'agent', cwd = sandbox.workdir }: ShellOptions) {
    this.#sandbox = sandbox;
    this.#user = user;
    this.#cwd = cwd;
  }

  get cwd(): string {
    return this.#cwd;
  }

  async run(line: string, options: Omit<ExecOptions, 'cwd' | 'user'> = {}): Promise<ExecResult> {
    const result = await this.#sandbox.exec(['/bin/sh', '-c', RUN, 'sh', this.#state, line], {
      ...options,
      user: this.#user,
      cwd: this.#cwd,
      env: { ...this.#env, ...options.env },
    });
    const kept = result.exitCode === null ? undefined : await this.#read();
    if (kept) [this.#cwd, this.#env] = kept;
    return result;
  }

  /** What can't be read or understood leaves the state as it was: the line could have written anything there. */
  async #read(): Promise<[string, Record<string, string>] | undefined> {
    try {
      const bytes = await this.#sandbox.readFile(this.#state, { maxBytes: LARGEST_STATE });
      return parseState(Buffer.from(bytes).toString('utf8'));
    } catch (error) {
      if (error instanceof SandboxFileError) return undefined;
      throw error;
    }
  }
}

/** `undefined` for what no shell writes. */
export function parseState(text: string): [cwd: string, env: Record<string, string>] | undefined {
  const end = text.indexOf('\n');
  const cwd = text.slice(0, end);
  if (end < 0 || !cwd.startsWith('/') || cwd.includes('\0')) return undefined;
  const variables = text
    .slice(end + 1)
    .split('\0')
    .flatMap((variable): [string, string][] => {
      const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(variable);
      return match === null || NOT_KEPT.has(match[1]!) ? [] : [[match[1]!, match[2]!]];
    });
  return [cwd, Object.fromEntries(variables)];
}
