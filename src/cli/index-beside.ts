import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Records from which on a second process is worth its start. */
const MANY = 50_000;

/**
 * A process beside an import that takes what is written into the run's index, so that two cores share the work. It ends with this
 * process, however this one ends. Where it cannot be started or fails, the import does that work itself at its end.
 */
export class IndexBeside {
  readonly #folder: string;
  #keeper: ChildProcess | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts it once there is much to do. */
  saw(records: number): void {
    if (records < MANY || this.#keeper !== null) return;
    const command = [...process.execArgv, process.argv[1]!, 'index-keeper', this.#folder];
    this.#keeper = spawn(process.execPath, command, { stdio: ['pipe', 'ignore', 'ignore'] });
    this.#keeper.on('error', () => {});
    this.#keeper.stdin?.on('error', () => {});
  }

  /** Resolves when it has ended; at once where it was not started. */
  async end(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper?.pid === undefined || keeper.exitCode !== null || keeper.signalCode !== null) return;
    const ended = once(keeper, 'exit');
    keeper.stdin?.end();
    await ended;
  }
}
