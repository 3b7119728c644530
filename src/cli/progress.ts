import { cells, clipped, controlWriter } from '../format/index.ts';
import type { Progress } from '../run/index.ts';
import { progressLines } from './progress-lines.ts';

/** Where progress is shown: stderr, or what a test puts in its place. */
export interface ProgressStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  hasColors?(): boolean;
}

interface ProgressDisplay extends Disposable {
  /** Shows it; bound, so that it can be handed on as it is. */
  readonly update: (progress: Progress) => void;
}

/** How often a display that is not a terminal tells the total, and how often each stage and eval. */
const TOTAL_EVERY_MS = 10_000;
const CELLS_EVERY_MS = 60_000;
/** A terminal's clocks (time left, next try) go on between events. */
const TICK_MS = 1_000;

/**
 * Shows how far a run is: on a terminal a block of lines that is drawn anew in place, elsewhere a line every ten seconds
 * and at the end. A run's end is left standing, and so is the last state when it is disposed of, with the cursor below;
 * another run may follow on the same display. It may be disposed of twice.
 */
export function showProgress(
  stream: ProgressStream = process.stderr,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ProgressDisplay {
  const color = stream.isTTY === true && stream.hasColors?.() === true && !env.NO_COLOR;
  return stream.isTTY === true && env.TERM !== 'dumb' ? liveDisplay(stream, color) : plainDisplay(stream);
}

function plainDisplay(stream: ProgressStream): ProgressDisplay {
  let latest: Progress | null = null;
  let latestAt = Date.now();
  let toldTotal = 0;
  let toldCells = 0;
  let told = Date.now();
  const tell = (progress: Progress, cells: boolean) => {
    const lines = progressLines(progress, { color: false, cells, now: Date.now() });
    for (const line of lines) stream.write(`${line}\n`);
    toldTotal = progress.elapsedMs;
    told = Date.now();
    if (cells) toldCells = progress.elapsedMs;
  };
  /** Tells where a run ended; another may follow on the same display. */
  const end = () => {
    if (latest) tell(latest, true);
    latest = null;
    toldTotal = 0;
    toldCells = 0;
  };
  // While an endpoint is down, or agents are at work, nothing is recorded, and a log that says nothing looks like a run that
  // died.
  const clock = setInterval(() => {
    const now = Date.now();
    if (latest === null || now - told < TOTAL_EVERY_MS) return;
    tell({ ...latest, elapsedMs: latest.elapsedMs + now - latestAt }, false);
  }, TICK_MS);
  clock.unref();
  return {
    update(progress) {
      latest = progress;
      latestAt = Date.now();
      if (progress.state === 'done') end();
      else if (progress.elapsedMs - toldTotal >= TOTAL_EVERY_MS)
        tell(progress, progress.elapsedMs - toldCells >= CELLS_EVERY_MS);
    },
    [Symbol.dispose]() {
      clearInterval(clock);
      end();
    },
  };
}

function liveDisplay(stream: ProgressStream, color: boolean): ProgressDisplay {
  const write = stream.write;
  const control = controlWriter(stream);
  let latest: Progress | null = null;
  let latestAt = 0;
  /** Lengths of the lines that are on the screen, of which the cursor is below. */
  let drawn: readonly number[] = [];

  /** What takes the lines off the screen again. */
  const erasure = (): string => {
    if (drawn.length === 0) return '';
    // The terminal may have been made narrower since, and have wrapped them.
    const columns = stream.columns || 80;
    const rows = drawn.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / columns)), 0);
    drawn = [];
    return `\r\u001b[${rows}A\u001b[0J`;
  };
  const draw = () => {
    if (!latest) return;
    const now = Date.now();
    const elapsedMs = latest.elapsedMs + now - latestAt;
    const all = progressLines({ ...latest, elapsedMs }, { color, cells: true, now });
    const lines = fitted(all, stream);
    control(erasure());
    write.call(stream, lines.map(({ text }) => `${text}\n`).join(''));
    drawn = lines.map(({ length }) => length);
  };
  /** What is there is a run's end: what comes next goes below it. */
  const leave = () => {
    latest = null;
    drawn = [];
  };
  // Whatever else is written meanwhile (a warning, "Stopping: …") goes above the block instead of into it.
  stream.write = (text: string, ...rest: unknown[]) => {
    control(erasure());
    const written = (write as (...parts: unknown[]) => boolean).call(stream, text, ...rest);
    if (String(text).endsWith('\n')) draw();
    return written;
  };
  const ticking = setInterval(draw, TICK_MS);
  ticking.unref();
  let live = true;
  return {
    update(progress) {
      if (!live) return;
      latest = progress;
      latestAt = Date.now();
      draw();
      if (progress.state === 'done') leave();
    },
    [Symbol.dispose]() {
      if (!live) return;
      live = false;
      clearInterval(ticking);
      draw();
      leave();
      stream.write = write;
    },
  };
}

interface Line {
  readonly text: string;
  /** Characters that take up room: colours do not. */
  readonly length: number;
}

/** Cuts lines to the terminal's width, and leaves out those of stages and evals that its height has no room for. */
function fitted(lines: readonly string[], stream: ProgressStream): Line[] {
  // A pseudo-terminal that nobody gave a size says that it has 0 columns and rows.
  const columns = stream.columns || 80;
  const room = Math.max(1, (stream.rows || 24) - 1);
  const shown =
    lines.length <= room
      ? lines
      : [...lines.slice(0, room - 1), `  … and ${lines.length - room + 1} more`].slice(0, room);
  return shown.map((line) => cut(line, Math.max(1, columns - 1)));
}

function cut(line: string, width: number): Line {
  const text = clipped(line, width);
  return { text, length: cells(text) };
}
