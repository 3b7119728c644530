import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** Why no pseudo-terminal can be had; `null` where one can. */
export const noPty: string | null =
  process.platform !== 'linux'
    ? 'pseudo-terminals are opened with Linux’s script(1)'
    : spawnSync('script', ['--version']).status === 0
      ? null
      : 'script(1) is not installed: apt-get install bsdutils';

/** How long a screen may take on a busy machine. */
const PATIENCE_MS = 20_000;

/** A program in a real pseudo-terminal of 80 × 24, its keys pressed by a test. */
export class Pty implements AsyncDisposable {
  readonly #script: ChildProcess;
  readonly #ended: Promise<number | null>;
  /** All that it wrote, as it came. */
  output = '';

  constructor(
    argv: readonly string[],
    {
      columns = 80,
      rows = 24,
      env = {},
    }: { columns?: number; rows?: number; env?: Record<string, string> } = {},
  ) {
    const words = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const line = `stty cols ${columns} rows ${rows}; exec ${words}`;
    this.#script = spawn(
      'script',
      ['--quiet', '--return', '--echo', 'never', '--command', line, '/dev/null'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      },
    );
    this.#script.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.#ended = new Promise((resolve) => this.#script.on('close', resolve));
  }

  /** The lines that are on the screen now, as far as whole screens were drawn. */
  get screen(): string {
    return stripVTControlCharacters(this.drawn.replaceAll('\r', ''));
  }

  /** The same with its colours. A screen begins by going to the corner, and ends by clearing what is below it. */
  get drawn(): string {
    const end = this.output.lastIndexOf('\u001b[J');
    const whole = end < 0 ? '' : this.output.slice(0, end);
    return whole.slice(whole.lastIndexOf('\u001b[H') + 3);
  }

  press(keys: string): void {
    this.#script.stdin!.write(keys);
  }

  /** Waits until the screen shows this. @throws when it doesn't */
  async shows(text: string | RegExp): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    const found = () => (typeof text === 'string' ? this.screen.includes(text) : text.test(this.screen));
    while (!found()) {
      if (Date.now() > deadline || this.#script.exitCode !== null)
        throw new Error(`the screen never showed ${text}:\n${this.screen}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Presses a key and waits for what it leads to. */
  async pressing(key: string, leadsTo: string | RegExp): Promise<void> {
    this.press(key);
    await this.shows(leadsTo);
  }

  /** Kills the program itself, as by kill -9. */
  killHard(): void {
    const { pid } = this.#script;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    for (const child of children) process.kill(child, 'SIGKILL');
  }

  /** The exit code of the program. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#script.exitCode === null) this.#script.kill('SIGKILL');
    await this.#ended;
  }
}
