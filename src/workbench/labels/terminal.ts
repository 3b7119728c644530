import { InputError, StemmaError } from '../../core/index.ts';
import { controlWriter, terminalOutput } from '../../format/index.ts';
import { commandOf } from './command.ts';
import { type Key, keysIn } from './keys.ts';
import { render, type Screen, type Shown } from './screen.ts';
import { type Recording, type SessionState, step } from './session.ts';

/** A terminal that keys come from, one by one and unechoed. */
interface KeySource {
  readonly isTTY?: boolean | undefined;
  setRawMode?: ((raw: boolean) => unknown) | undefined;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listen: (text: string) => void): unknown;
  on(event: 'end', listen: () => void): unknown;
  off(event: 'data', listen: (text: string) => void): unknown;
  off(event: 'end', listen: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** A terminal that screens are drawn on. */
interface ScreenTarget {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  hasColors?(): boolean;
  write(text: string): boolean;
  on(event: 'resize', listen: () => void): unknown;
  off(event: 'resize', listen: () => void): unknown;
}

/** Where labels are taken; the process's own terminal where nothing is said. */
export interface Terminal {
  readonly input?: KeySource;
  readonly output?: ScreenTarget;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What a labeller is shown in a terminal, and what becomes of the answers. */
export interface LabelDialogue extends Terminal {
  /** What is shown of the item at this place of the state. */
  readonly shown: (state: SessionState) => Promise<Shown | null>;
  /** Puts an answer on disk. @throws StemmaError when it can't: then the labeller is told, and the item stays open */
  readonly record: (recording: Recording) => Promise<void>;
}

/** How a labeller's dialogue ended: by `q` or with nothing left to do, or by Ctrl-C. */
interface DialogueEnd {
  readonly state: SessionState;
  readonly interrupted: boolean;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

/**
 * Takes labels in a terminal until the labeller quits. Keys are handled one after another, each only when what the one
 * before asked for is on disk; the terminal is given back as it was, however this ends.
 *
 * @throws InputError when there is no terminal
 */
export async function runDialogue(first: SessionState, dialogue: LabelDialogue): Promise<DialogueEnd> {
  const { input = process.stdin, output = process.stdout, env = process.env } = dialogue;
  requireTerminal(dialogue);
  const color = output.hasColors?.() !== false && !env.NO_COLOR;
  using keys = keyQueue(input);
  const control = controlWriter(output);
  const leave = () => control(LEAVE);
  control(ENTER);
  process.once('exit', leave);
  let state = first;
  let shown = await dialogue.shown(state);
  let screen: Screen = { lines: [], page: 1, furthest: 0 };
  const draw = () => {
    screen = render(state, shown, { columns: output.columns || 80, rows: output.rows || 24 }, color);
    control(drawing(screen, color));
  };
  output.on('resize', draw);
  try {
    for (;;) {
      draw();
      const key = await keys.next();
      if (key === 'interrupt') return { state, interrupted: true };
      const { next, quit } = await press(key, state, shown, screen, dialogue);
      if (quit) return { state: next, interrupted: false };
      if (next.at !== state.at) shown = await dialogue.shown(next);
      state = { ...next, scroll: Math.min(next.scroll, render(next, shown, sizeOf(output), color).furthest) };
    }
  } finally {
    output.off('resize', draw);
    process.off('exit', leave);
    leave();
  }
}

/** @throws InputError when there is no terminal */
export function requireTerminal({
  input = process.stdin,
  output = process.stdout,
  env = process.env,
}: Terminal): void {
  if (input.isTTY === true && output.isTTY === true && env.TERM !== 'dumb') return;
  throw new InputError('labels are taken in a terminal, and this is none', {
    remedy: 'Run it in one; or write a sheet with --export FILE, fill it in, and read it with --import FILE.',
  });
}

function sizeOf({ columns, rows }: ScreenTarget) {
  return { columns: columns || 80, rows: rows || 24 };
}

async function press(
  key: Key,
  state: SessionState,
  shown: Shown | null,
  { page }: Screen,
  { record }: LabelDialogue,
): Promise<{ readonly next: SessionState; readonly quit: boolean }> {
  const scale = shown?.scale ?? { kind: 'label', labels: [] };
  const command = commandOf(key, state, scale, Math.max(1, page - 1));
  if (command === null) return { next: state, quit: false };
  if ('refusal' in command) return { next: { ...state, typed: '', notice: command.refusal }, quit: false };
  const { state: next, record: recording, quit } = step(state, command);
  if (recording !== undefined) {
    try {
      await record(recording);
    } catch (error) {
      if (!(error instanceof StemmaError)) throw error;
      const why = `Not recorded: ${error.toString().replaceAll('\n', ' ')}`;
      return { next: { ...state, notice: why }, quit: false };
    }
  }
  return { next, quit: quit === true };
}

/** The whole screen anew, each line cleared to its end: what every terminal since the VT100 can. */
function drawing({ lines }: Screen, color: boolean): string {
  return `\u001b[H${lines.map((line) => `${terminalOutput(line, color)}\u001b[K`).join('\r\n')}\u001b[J`;
}

/** Keys in the order in which they were pressed, also those pressed while nobody waits. */
function keyQueue(input: KeySource): { next(): Promise<Key> } & Disposable {
  const waiting: Key[] = [];
  let wanted: ((key: Key) => void) | null = null;
  const offer = (key: Key) => {
    if (wanted === null) waiting.push(key);
    else {
      const give = wanted;
      wanted = null;
      give(key);
    }
  };
  const onData = (text: string) => keysIn(text).forEach(offer);
  const onEnd = () => offer('end of input');
  const onSignal = () => offer('interrupt');
  input.setEncoding('utf8');
  input.setRawMode?.(true);
  input.on('data', onData);
  input.on('end', onEnd);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  input.resume();
  return {
    next: () =>
      new Promise((resolve) => {
        const key = waiting.shift();
        if (key === undefined) wanted = resolve;
        else resolve(key);
      }),
    [Symbol.dispose]() {
      input.off('data', onData);
      input.off('end', onEnd);
      process.off('SIGTERM', onSignal);
      process.off('SIGHUP', onSignal);
      input.setRawMode?.(false);
      input.pause();
    },
  };
}
