import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StemmaProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface StemmaOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A program, with arguments, that runs the command which follows. */
  readonly through?: readonly string[];
}

/** The command line in a process of its own, as a user runs it. */
export function stemma(...args: readonly string[]): StemmaProcess {
  return stemmaWith({}, ...args);
}

export function stemmaWith(
  { env = {}, through = [] }: StemmaOptions,
  ...args: readonly string[]
): StemmaProcess {
  const [program, ...rest] = [
    ...through,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    main,
    ...args,
  ];
  const child = spawn(program!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}
