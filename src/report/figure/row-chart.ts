import type { Interval } from '../../findings/findings.ts';
import { html, type Markup } from '../../format/index.ts';
import { linearScale, type Scale } from './axis.ts';
import { label, line, type Panel } from './draw.ts';
import { textWidth, wrapped } from './text-width.ts';

/** One line of a chart: its name, what is drawn on the scale, and what is said beside it. */
export interface Row {
  readonly label: string;
  /** Lines of text at the right: the strong part first. */
  readonly words: readonly { readonly strong?: string; readonly soft?: string }[];
  /** Draws around the vertical middle `y`. */
  readonly mark: (scale: Scale, y: number, start: number) => Markup;
}

export interface RowChart {
  readonly width: number;
  readonly rows: readonly Row[];
  /** How much height the marks of a row need. */
  readonly rowHeight: number;
  readonly domain: Interval;
  readonly ticks: readonly number[];
  readonly tickText: (value: number) => string;
  readonly axisTitle?: string;
  /** Small words above the plot, at its two ends. */
  readonly ends?: readonly [string, string];
  /** Drawn behind the rows, such as a band. */
  readonly behind?: (scale: Scale, top: number, bottom: number) => Markup;
}

const SIZE = 13;
const SMALL = 11.5;
const LINE = 17;
const NAME_LINE = 15;
/** Below this width a row's texts stand above its marks instead of beside them. */
const BESIDE = 520;

/** A chart of rows on one horizontal scale: names at the left, words at the right, the axis below. */
export function rowChart(chart: RowChart): Panel {
  const { drawing, bottom, scale } = chart.width >= BESIDE ? rowsBeside(chart) : rowsBelowTexts(chart);
  return {
    width: chart.width,
    height: bottom + 22 + titleLines(chart).length * NAME_LINE + (chart.axisTitle ? 1 : 0),
    drawing: html`${drawing}${axis(chart, scale, bottom)}`,
  };
}

interface Rows {
  readonly drawing: Markup;
  readonly bottom: number;
  readonly scale: Scale;
}

/** For wide figures: a row is one line, its name at the left of the plot and its words at the right. */
function rowsBeside(chart: RowChart): Rows {
  const columns = columnsBeside(chart);
  const [start, end] = [columns.names + 14, chart.width - columns.words - 16];
  const scale = linearScale(chart.domain, [start, end]);
  const top = topOf(chart);
  const step = Math.max(
    chart.rowHeight,
    ...chart.rows.map(({ words, label: name }) =>
      Math.max(words.length * LINE + 8, nameLines(name, columns.names).length * NAME_LINE + 8),
    ),
  );
  const bottom = top + step * chart.rows.length + 2;
  const rows = chart.rows.map((row, index) => {
    const middle = top + step * (index + 0.5);
    return html`${textsBeside(row, { ...columns, width: chart.width }, middle)}${row.mark(scale, middle, start)}`;
  });
  const drawing = html`${chart.behind?.(scale, top, bottom)}${grid(chart, scale, top, bottom)}${rows}${ends(chart, start, end)}`;
  return { drawing, bottom, scale };
}

/** For narrow figures: a row's texts stand above its marks, and band and grid stay clear of the texts. */
function rowsBelowTexts(chart: RowChart): Rows {
  const [start, end] = [8, chart.width - 8];
  const scale = linearScale(chart.domain, [start, end]);
  let y = topOf(chart);
  const rows = chart.rows.map((row) => {
    const texts = textsAbove(row, chart.width, y);
    const top = y + texts.height;
    const bottom = top + chart.rowHeight;
    y = bottom + 8;
    const mark = row.mark(scale, (top + bottom) / 2, start);
    return html`${texts.drawing}${chart.behind?.(scale, top, bottom)}${grid(chart, scale, top, bottom)}${mark}`;
  });
  return { drawing: html`${rows}${ends(chart, 0, chart.width)}`, bottom: y - 8, scale };
}

function topOf(chart: RowChart): number {
  return chart.ends ? 22 : 4;
}

function columnsBeside({ rows, width }: RowChart): { names: number; words: number } {
  const names = Math.min(0.3 * width, Math.max(...rows.map((row) => textWidth(row.label, SIZE))));
  const words = Math.max(...rows.flatMap((row) => row.words.map(lineWidth)), 0);
  return { names, words: Math.min(words, 0.42 * width) };
}

function nameLines(name: string, room: number): string[] {
  return wrapped(name, room, SIZE, 2);
}

function lineWidth({ strong, soft }: Row['words'][number]): number {
  const gap = strong && soft ? 6 : 0;
  return (strong ? textWidth(strong, SIZE) * 1.14 : 0) + gap + (soft ? textWidth(soft, SMALL) : 0);
}

function textsBeside(
  row: Row,
  columns: { names: number; words: number; width: number },
  middle: number,
): Markup {
  const left = columns.width - columns.words;
  const first = middle - ((row.words.length - 1) * LINE) / 2 + 4.5;
  const names = nameLines(row.label, columns.names);
  const firstName = middle - ((names.length - 1) * NAME_LINE) / 2 + 4.5;
  return html`${names.map((text, index) => label(columns.names, firstName + index * NAME_LINE, text, '', 'end'))}${row.words.map(
    (words, index) => wordsLine(words, left, first + index * LINE, 'start'),
  )}`;
}

/** The name and the first line of words on one line where they fit, the other lines below it. */
function textsAbove(row: Row, width: number, top: number): { drawing: Markup; height: number } {
  const [first, ...rest] = row.words;
  const oneLine = first !== undefined && textWidth(row.label, SIZE) + 12 + lineWidth(first) <= width;
  const below = oneLine ? rest : row.words;
  const names = nameLines(row.label, width);
  const name = names.map((text, index) => label(0, top + 13 + index * LINE, text));
  const beside = oneLine && wordsLine(first, width, top + 13, 'end');
  const lines = below.map((words, index) => {
    const y = top + 13 + (index + names.length) * LINE;
    return oneLine ? wordsLine(words, width, y, 'end') : wordsLine(words, 0, y, 'start');
  });
  return { drawing: html`${name}${beside}${lines}`, height: (below.length + names.length) * LINE + 4 };
}

function wordsLine(
  { strong, soft }: Row['words'][number],
  x: number,
  y: number,
  anchor: 'start' | 'end',
): Markup {
  const softSpan = soft && html`<tspan class="soft small"${strong ? html` dx="6"` : null}>${soft}</tspan>`;
  const strongSpan = strong && html`<tspan class="strong">${strong}</tspan>`;
  return html`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${anchor === 'end' ? html` text-anchor="end"` : null}>${strongSpan}${softSpan}</text>`;
}

function grid(chart: RowChart, scale: Scale, top: number, bottom: number): Markup {
  return html`${chart.ticks.map((tick) => line(scale(tick), top, scale(tick), bottom, tick === 0 ? 'base' : 'grid'))}`;
}

function axis(chart: RowChart, scale: Scale, bottom: number): Markup {
  const centered = (text: string, x: number, y: number) => {
    const half = textWidth(text, SMALL) / 2;
    return label(Math.min(chart.width - half, Math.max(half, x)), y, text, 'soft small', 'middle');
  };
  const texts = chart.ticks.map((tick) => centered(chart.tickText(tick), scale(tick), bottom + 15));
  const [low, high] = chart.domain;
  const title = titleLines(chart).map((text, index) =>
    centered(text, scale((low + high) / 2), bottom + 32 + index * NAME_LINE),
  );
  return html`${texts}${title}`;
}

/** On one line where it fits, else broken at its semicolon first. */
function titleLines({ axisTitle = '', width }: RowChart): string[] {
  if (textWidth(axisTitle, SMALL) <= width) return axisTitle === '' ? [] : [axisTitle];
  return axisTitle.split(/(?<=;) /).flatMap((part) => wrapped(part, width, SMALL, 2));
}

function ends({ ends: words }: RowChart, start: number, end: number): Markup | null {
  if (!words) return null;
  return html`${label(start, 12, words[0], 'soft small')}${label(end, 12, words[1], 'soft small', 'end')}`;
}
