import type { AnswerScale } from '../../core/index.ts';
import { cells, clipped, painter } from '../../format/index.ts';
import type { Section } from '../../raters/index.ts';
import { answerText, choicesOf, scaleInWords } from './choices.ts';
import { answered, type SessionState } from './session.ts';
import { reflow, wrap } from './text.ts';

/** What a labeller is shown of a trial: nothing that tells its stage, its model, or what anybody else said of it. */
export interface Shown {
  /** Of the measure. */
  readonly title: string;
  readonly rubric: string;
  /** What the rubric means for this sample. */
  readonly criteria?: string;
  readonly scale: AnswerScale;
  readonly sections: readonly Pick<Section, 'title' | 'text'>[];
  /** For adjudication: the answers that differ, in an order that says nothing. */
  readonly differing?: readonly string[];
}

interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** A screen of exactly so many rows, and how far its text can be scrolled. */
export interface Screen {
  readonly lines: readonly string[];
  /** Rows of text that are seen at once. */
  readonly page: number;
  readonly furthest: number;
}

/** Below this nothing readable fits. */
const SMALLEST: ScreenSize = { columns: 40, rows: 12 };

/** Text is no wider than this: longer lines are hard to read. */
const WIDEST = 110;

type ScreenStyles = ReturnType<typeof paintOf>;

function paintOf(color: boolean) {
  const style = painter(color);
  return {
    strong: (text: string) => style('bold', text),
    soft: (text: string) => style('dim', text),
    heading: (text: string) => style(['bold', 'cyan'], text),
    alert: (text: string) => style('yellow', text),
  };
}

/** The screen of a state; `shown` is `null` when there is nothing left to label. */
export function render(
  state: SessionState,
  shown: Shown | null,
  { columns, rows }: ScreenSize,
  color: boolean,
): Screen {
  const paint = paintOf(color);
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    const lines = wrap(
      `Make the terminal ${SMALLEST.columns} × ${SMALLEST.rows} or larger.`,
      Math.max(8, columns),
    );
    return { lines: fill(lines, rows), page: 1, furthest: 0 };
  }
  const width = Math.min(columns, WIDEST) - 2;
  const head = headOf(state, shown, width, paint);
  const foot = footOf(state, shown, width, paint);
  const body = bodyOf(state, shown, width, paint);
  const page = rows - head.length - foot.length - 1;
  const furthest = Math.max(0, body.length - page);
  const from = Math.min(state.scroll, furthest);
  const seen = fill(body.slice(from, from + page), page);
  const rule = positionRule(from, page, body.length, width, paint);
  const lines = [...head, ...seen, rule, ...foot].map((line) => (line === '' ? '' : ` ${line}`));
  return { lines, page, furthest };
}

function headOf(state: SessionState, shown: Shown | null, width: number, paint: ScreenStyles): string[] {
  const progress = `labelled ${answered(state)} of ${state.items.length}`;
  if (shown === null) return [paint.strong('All labelled'), paint.soft('─'.repeat(width))];
  const title = clipped(shown.title, width - progress.length - 2);
  const gap = ' '.repeat(Math.max(1, width - cells(title) - progress.length));
  const short = state.view === 'rubric' ? [] : shortForm(shown.rubric, width);
  return [`${paint.strong(title)}${gap}${paint.soft(progress)}`, ...short, paint.soft('─'.repeat(width))];
}

/** The first paragraph of a rubric, as far as three lines go. */
function shortForm(rubric: string, width: number): string[] {
  const first = rubric.split(/\n\s*\n/).find((paragraph) => !paragraph.trimStart().startsWith('#')) ?? rubric;
  const lines = wrap(first.replaceAll(/(?<!\s)\s*\n\s*/g, ' ').trim(), width);
  return lines.length <= 3
    ? lines
    : [...lines.slice(0, 2), clipped(`${lines[2]} ${'…'.repeat(width)}`, width)];
}

function bodyOf(state: SessionState, shown: Shown | null, width: number, paint: ScreenStyles): string[] {
  if (shown === null) return ['', ...wrap('Every trial that was picked has a label. Thank you.', width)];
  if (state.view === 'rubric') return wrap(reflow(shown.rubric), width).map((line) => markedUp(line, paint));
  const criteria =
    shown.criteria === undefined ? [] : [{ title: 'what it means here', text: reflow(shown.criteria) }];
  return [...criteria, ...shown.sections].flatMap(({ title, text }, index) => [
    ...(index === 0 ? [] : ['']),
    paint.heading(title.toUpperCase()),
    ...(text === '' ? [paint.soft('(empty)')] : wrap(text.trimEnd(), width)),
  ]);
}

/** A rubric's Markdown, a little: headings and what is in bold on one line. */
function markedUp(line: string, paint: ScreenStyles): string {
  if (line.startsWith('#')) return paint.heading(line.replace(/^#+\s*/, ''));
  return line.replaceAll(/\*\*([^*]+)\*\*/g, (_, words: string) => paint.strong(words));
}

function positionRule(from: number, page: number, total: number, width: number, paint: ScreenStyles): string {
  if (total <= page) return paint.soft('─'.repeat(width));
  const last = Math.min(total, from + page);
  const more = last < total ? '↓ space for more' : 'end';
  const text = clipped(` lines ${from + 1}–${last} of ${total}, ${more} `, width - 2);
  const rule = `${'─'.repeat(Math.max(0, width - cells(text) - 2))}`;
  return `${paint.soft(rule)}${last < total ? paint.alert(text) : paint.soft(text)}${paint.soft('──')}`;
}

function footOf(state: SessionState, shown: Shown | null, width: number, paint: ScreenStyles): string[] {
  const notice = state.notice === null ? [] : wrap(state.notice, width).slice(0, 3).map(paint.alert);
  if (shown === null) return [...notice, keysLine(['u undo', 'q quit'], width, paint)];
  if (state.view === 'rubric')
    return [...notice, keysLine(['any key: back to the trial', 'q quit'], width, paint)];
  const differing =
    shown.differing === undefined
      ? []
      : [clipped(`The labellers said: ${shown.differing.join(' / ')}`, width)];
  const undo = state.history.length === 0 ? [] : [`u undo ${lastAnswer(state)}`];
  return [
    ...notice,
    ...differing.map(paint.strong),
    ...answerLines(state, shown.scale, width, paint),
    keysLine(['s skip', ...undo, '? rubric', 'j k space scroll', 'q quit'], width, paint),
  ];
}

function lastAnswer({ items, history }: SessionState): string {
  const given = items[history.at(-1)!]?.given ?? null;
  if (given === null) return '';
  return given === 'skipped' ? '(skipped)' : `(${clipped(answerText(given), 20)})`;
}

function answerLines(state: SessionState, scale: AnswerScale, width: number, paint: ScreenStyles): string[] {
  const choices = choicesOf(scale);
  if (choices === null)
    return [`Type ${scaleInWords(scale)}, then Enter: ${paint.strong(`${state.typed}▏`)}`];
  const parts = choices.map(({ key, name }) => ({ key, text: key === name ? key : `${key} ${name}` }));
  return flowed(
    parts.map(({ text }) => text),
    width,
  ).map((line) =>
    line
      .map((at) => {
        const { key, text } = parts[at]!;
        return `${paint.strong(key)}${text.slice(key.length)}`;
      })
      .join('   '),
  );
}

function keysLine(keys: readonly string[], width: number, paint: ScreenStyles): string {
  return paint.soft(clipped(keys.join(' · '), width));
}

/** Which of the parts are on which line. */
function flowed(parts: readonly string[], width: number): number[][] {
  const lines: number[][] = [];
  let room = 0;
  parts.forEach((part, at) => {
    if (lines.length === 0 || cells(part) + 3 > room) {
      lines.push([]);
      room = width + 3;
    }
    lines.at(-1)!.push(at);
    room -= cells(part) + 3;
  });
  return lines;
}

function fill(lines: readonly string[], rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? '');
}
