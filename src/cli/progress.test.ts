import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Progress, ProgressCounts } from '../run/index.ts';
import { type ProgressStream, showProgress } from './progress.ts';

/** Enough of a terminal to know what a person would see: text with wrapping, carriage return, cursor up, erase below. */
class Screen implements ProgressStream {
  readonly isTTY = true;
  columns: number;
  rows = 24;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  hasColors(): boolean {
    return false;
  }

  write(text: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads control sequences
    for (const [token] of text.matchAll(/\u001b\[(\d*)([A-Z])|[\s\S]/g)) this.#put(token);
    return true;
  }

  #put(token: string): void {
    if (token === '\n') this.#go(this.#row + 1, 0);
    else if (token === '\r') this.#column = 0;
    else if (token.endsWith('A') && token.length > 1)
      this.#row = Math.max(0, this.#row - Number(token.slice(2, -1)));
    else if (token.endsWith('J') && token.length > 1) {
      this.#lines.length = this.#row + 1;
      this.#lines[this.#row] = this.#lines[this.#row]!.slice(0, this.#column);
    } else if (token.length > 1) throw new Error(`the screen does not know ${JSON.stringify(token)}`);
    else {
      if (this.#column >= this.columns) this.#go(this.#row + 1, 0);
      const line = this.#lines[this.#row]!;
      this.#lines[this.#row] =
        line.slice(0, this.#column).padEnd(this.#column) + token + line.slice(this.#column + 1);
      this.#column++;
    }
  }

  #go(row: number, column: number): void {
    this.#row = row;
    this.#column = column;
    while (this.#lines.length <= row) this.#lines.push('');
  }

  /** Makes it narrower, as a person does: what is there wraps anew. */
  narrow(columns: number): void {
    const text = this.#lines.flatMap((line) =>
      line === ''
        ? ['']
        : Array.from({ length: Math.ceil(line.length / columns) }, (_, i) =>
            line.slice(i * columns, (i + 1) * columns),
          ),
    );
    this.columns = columns;
    this.#lines = text;
    this.#row = text.length - 1;
    this.#column = 0;
  }

  get seen(): string[] {
    const last = this.#lines.findLastIndex((line) => line !== '');
    return this.#lines.slice(0, last + 1);
  }

  get cursor(): [row: number, column: number] {
    return [this.#row, this.#column];
  }
}

const counts = (done: number, total: number, more: Partial<ProgressCounts> = {}): ProgressCounts => ({
  total,
  done,
  answers: { done: Math.min(total, done + 20), total },
  rated: { done, total },
  perSecond: 10,
  etaMs: (total - done) * 100,
  errors: 0,
  ratings: { rated: done, unparsed: 0, refused: 0, error: 0 },
  tokens: { input: 1000 * done, output: 500 * done },
  usd: null,
  ...more,
});

const progress = (done: number, more: Partial<Progress> = {}): Progress => ({
  state: 'running',
  cells: [
    { stage: 'sft', eval: 'refusals', ...counts(done, 500, { errors: 2 }) },
    {
      stage: 'rl',
      eval: 'refusals',
      ...counts(done, 500, { ratings: { rated: done, unparsed: 7, refused: 1, error: 0 } }),
    },
  ],
  total: counts(2 * done, 1000, { usd: 1.5, errors: 2 }),
  elapsedMs: done * 100,
  waitingFor: [],
  otherRaters: [],
  lastError: null,
  ...more,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('showProgress on a terminal', () => {
  it('draws a block in place: total, then each stage and eval', () => {
    const screen = new Screen(160);
    using display = showProgress(screen, {});
    for (const done of [1, 50, 200]) display.update(progress(done));
    expect(screen.seen).toEqual([
      '[20 s] 400 of 1,000 trials, 40%, 420 answers, 400 ratings, 10/s, 1 min left, 600 k tokens, $1.50, 2 errors',
      '  refusals · sft  200 of 500, 40%, 220 answers, 200 ratings, 10/s, 30 s left, 300 k tokens, 2 errors',
      '  refusals · rl   200 of 500, 40%, 220 answers, 200 ratings, 10/s, 30 s left, 300 k tokens, 7 without a value, 1 refused',
    ]);
  });

  it('cuts lines to a narrow terminal instead of letting them wrap', () => {
    const screen = new Screen(30);
    using display = showProgress(screen, {});
    display.update(progress(100));
    display.update(progress(101));
    expect(screen.seen).toHaveLength(3);
    for (const line of screen.seen) expect(line).toMatch(/^.{28}…$/);
  });

  it('erases all of it after the terminal was made narrower', () => {
    const screen = new Screen(120);
    using display = showProgress(screen, {});
    display.update(progress(100));
    screen.narrow(40);
    expect(screen.seen.length).toBeGreaterThan(3);
    display.update(progress(101));
    expect(screen.seen).toHaveLength(3);
  });

  it('leaves out stages and evals that the height has no room for', () => {
    const screen = new Screen(120);
    screen.rows = 6;
    using display = showProgress(screen, {});
    const cells = Array.from({ length: 9 }, (_, i) => ({
      stage: `s${i}`,
      eval: 'refusals',
      ...counts(5, 10),
    }));
    display.update(progress(5, { cells }));
    expect(screen.seen).toHaveLength(5);
    expect(screen.seen.at(-1)).toBe('  … and 6 more');
  });

  it('puts whatever else is written above the block', () => {
    const screen = new Screen(160);
    using display = showProgress(screen, {});
    display.update(progress(100));
    screen.write('\nStopping: trials under way are finished and recorded.\n');
    display.update(progress(150, { state: 'stopping' }));
    expect(screen.seen).toEqual([
      '',
      'Stopping: trials under way are finished and recorded.',
      expect.stringMatching(/^\[15 s\] 300 of 1,000 trials.* stopping: trials under way are being finished$/),
      expect.stringContaining('sft'),
      expect.stringContaining('rl'),
    ]);
  });

  it('says what it waits for, and counts down between events', () => {
    const screen = new Screen(120);
    using display = showProgress(screen, {});
    const now = Date.now();
    const outage = {
      ref: 'http://gpu1:8000/v1#sft',
      message: 'connection refused\nat some socket',
      since: now,
      nextTryAt: now + 15_000,
    };
    display.update(progress(10, { waitingFor: [outage] }));
    expect(screen.seen[1]).toBe(
      '  waiting for http://gpu1:8000/v1#sft (connection refused), next try in 15 s',
    );
    vi.advanceTimersByTime(5_000);
    expect(screen.seen[1]).toMatch(/next try in 10 s$/);
    expect(screen.seen[0]).toMatch(/^\[6 s\]/);
    vi.advanceTimersByTime(10_000);
    expect(screen.seen[1]).toMatch(/trying now$/);
  });

  it('tells the last error while the run goes on, unless it waits for something', () => {
    const screen = new Screen(160);
    using display = showProgress(screen, {});
    const lastError = { from: 'judge', message: 'rate limit (429): slow down\nplease', at: 0 };
    display.update(progress(10, { lastError }));
    expect(screen.seen[1]).toBe('  last error: judge: rate limit (429): slow down');
    const outage = { ref: 'http://gpu1:8000/v1#sft', message: 'refused', since: 0, nextTryAt: 0 };
    display.update(progress(10, { lastError, waitingFor: [outage] }));
    expect(screen.seen.filter((line) => line.includes('last error'))).toEqual([]);
    display.update(progress(10, { lastError, state: 'done' }));
    expect(screen.seen.filter((line) => line.includes('last error'))).toEqual([]);
  });

  it('leaves the last state standing and the terminal as it was, also when disposed twice', () => {
    const screen = new Screen(120);
    const { write } = screen;
    const display = showProgress(screen, {});
    display.update(progress(100, { state: 'done' }));
    display[Symbol.dispose]();
    display[Symbol.dispose]();
    expect(screen.write).toBe(write);
    expect(screen.cursor).toEqual([3, 0]);
    screen.write('Next: stemma findings\n');
    vi.advanceTimersByTime(10_000);
    expect(screen.seen.at(-1)).toBe('Next: stemma findings');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves a run’s end standing, and shows what comes next below it', () => {
    const screen = new Screen(120);
    using display = showProgress(screen, {});
    display.update(progress(500, { state: 'done' }));
    const end = [...screen.seen];
    screen.write('\rtraining sft: step 1');
    vi.advanceTimersByTime(5_000);
    expect(screen.seen).toEqual([...end, 'training sft: step 1']);
    screen.write('\n');
    display.update(progress(50));
    expect(screen.seen.slice(0, 4)).toEqual([...end, 'training sft: step 1']);
    expect(screen.seen[4]).toMatch(/100 of 1,000/);
  });

  it('uses colours only where they are wanted', () => {
    const texts: string[] = [];
    const stream = {
      isTTY: true,
      columns: 120,
      rows: 24,
      hasColors: () => true,
      write: (text: string) => texts.push(text) > 0,
    };
    const errors = progress(5);
    {
      using plain = showProgress({ ...stream }, { NO_COLOR: '1' });
      plain.update(errors);
    }
    expect(texts.join('')).not.toContain('\u001b[31m');
    {
      using coloured = showProgress({ ...stream }, {});
      coloured.update(errors);
    }
    expect(texts.join('')).toContain('\u001b[31m2 errors');
  });
});

describe('showProgress elsewhere', () => {
  const plain = () => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text.trimEnd()) > 0 };
    return { lines, stream };
  };

  it('tells the total every ten seconds, stages and evals every minute, and all at the end', () => {
    const { lines, stream } = plain();
    {
      using display = showProgress(stream, {});
      for (let tenths = 1; tenths <= 650; tenths++)
        display.update(progress(tenths / 2, { elapsedMs: tenths * 100 }));
      expect(lines).toHaveLength(6 + 2);
      expect(lines[0]).toMatch(/^\[10 s\] 100 of 1,000 trials, 10%/);
      display.update(progress(500, { state: 'done', elapsedMs: 65_000 }));
    }
    expect(lines.slice(8)).toEqual([
      '[1 min 5 s] 1,000 of 1,000 trials, 100%, 1.50 M tokens, $1.50, 2 errors',
      '  refusals · sft  500 of 500, 100%, 750 k tokens, 2 errors',
      '  refusals · rl   500 of 500, 100%, 750 k tokens, 7 without a value, 1 refused',
    ]);
    expect(lines.join('')).not.toContain('\u001b');
  });

  it('goes on telling while nothing happens, so that an outage does not look like a death', () => {
    const { lines, stream } = plain();
    using display = showProgress(stream, {});
    display.update(progress(1, { elapsedMs: 500 }));
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(25_000);
    expect(lines).toHaveLength(2);
    // Its clock goes on too.
    expect(lines.map((line) => /^\[(.*?)\]/.exec(line)?.[1])).toEqual(['11 s', '21 s']);
  });

  it('tells a run’s end once, and of the next run on the same display as of the first', () => {
    const { lines, stream } = plain();
    using display = showProgress(stream, {});
    display.update(progress(500, { state: 'done', elapsedMs: 65_000 }));
    expect(lines).toHaveLength(3);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(3);
    display.update(progress(50, { elapsedMs: 10_000 }));
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^\[10 s\] 100 of 1,000 trials/)]);
  });

  it('says nothing when nothing happened', () => {
    const { lines, stream } = plain();
    showProgress(stream, {})[Symbol.dispose]();
    expect(lines).toEqual([]);
  });

  it('treats a dumb terminal as no terminal', () => {
    const screen = new Screen(80);
    screen.write = (text: string) => {
      expect(text).not.toContain('\u001b');
      return true;
    };
    using display = showProgress(screen, { TERM: 'dumb' });
    display.update(progress(100, { elapsedMs: 10_000 }));
  });
});
