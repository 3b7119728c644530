import { html, type Markup } from '../../format/index.ts';
import type { ChartRow, ChartScale, RowChart } from '../document/chart.ts';
import { linearScale, niceDomain, type Scale, tickText } from './axis.ts';
import { box, label, line, type Panel } from './draw.ts';
import { markRow } from './marks.ts';
import { textWidth, wrapped } from './text-width.ts';

/** A chart on paper: its rows with the room that their marks need, on a scale with ticks. */
interface Laid {
  readonly width: number;
  readonly rows: readonly ChartRow[];
  readonly rowHeight: number;
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly scale: ChartScale;
  readonly id: string;
}

/** Below this width a row's texts are above its marks instead of beside them. */
const BESIDE = 520;

const SIZE = 13;
const SMALL = 11.5;
const LINE = 17;
const NAME_LINE = 15;
/** A chart of rows on one horizontal scale: names at the left, words at the right, the axis below. */
export function rowsPanel({ scale, rows }: RowChart, width: number, id: string): Panel {
  const wide = width >= BESIDE;
  const chart: Laid = {
    width,
    // Two lines of words would stand apart on a narrow figure; where each is one part and both fit, they go on one line.
    rows: wide ? rows : rows.map((row) => ({ ...row, words: joinedWords(row.words, width) })),
    rowHeight: heightOf(rows, wide),
    ...niceDomain(scale.holds, scale.bounds, wide ? 6 : 4),
    scale,
    id,
  };
  const laid = wide ? rowsBeside(chart) : rowsBelowTexts(chart);
  return {
    width,
    height: laid.bottom + 22 + titleLines(chart).length * NAME_LINE + (scale.title ? 1 : 0),
    drawing: html`${laid.drawing}${axis(chart, laid.place, laid.bottom)}`,
  };
}

function heightOf(rows: readonly ChartRow[], wide: boolean): number {
  if (rows.some(({ beside }) => beside)) return 48;
  if (rows.some(({ shape }) => 'bar' in shape)) return 30;
  return wide ? 40 : 24;
}

function joinedWords(words: ChartRow['words'], width: number): ChartRow['words'] {
  const [first, second] = words;
  const mergeable = words.length === 2 && first?.soft === undefined && second?.strong === undefined;
  const joined = { ...first, ...second };
  return mergeable && lineWidth(joined) <= width ? [joined] : words;
}

interface Rows {
  readonly drawing: Markup;
  readonly bottom: number;
  readonly place: Scale;
}

/** For wide figures: a row is one line, its name at the left of the plot and its words at the right. */
function rowsBeside(chart: Laid): Rows {
  const columns = columnsBeside(chart);
  const [start, end] = [columns.names + 14, chart.width - columns.words - 16];
  const place = linearScale(chart.domain, [start, end]);
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
    return html`${textsBeside(row, { ...columns, width: chart.width }, middle)}${markRow(row, { place, y: middle, start, domain: chart.domain, id: chart.id, paired: anyBeside(chart) })}`;
  });
  const drawing = html`${band(chart, place, top, bottom)}${grid(chart, place, top, bottom)}${rows}${ends(chart, start, end)}`;
  return { drawing, bottom, place };
}

/** For narrow figures: a row's texts are above its marks, and band and grid stay clear of the texts. */
function rowsBelowTexts(chart: Laid): Rows {
  const [start, end] = [8, chart.width - 8];
  const place = linearScale(chart.domain, [start, end]);
  let y = topOf(chart);
  const rows = chart.rows.map((row) => {
    const texts = textsAbove(row, chart.width, y);
    const top = y + texts.height;
    const bottom = top + chart.rowHeight;
    y = bottom + 8;
    const mark = markRow(row, {
      place,
      y: (top + bottom) / 2,
      start,
      domain: chart.domain,
      id: chart.id,
      paired: anyBeside(chart),
    });
    return html`${texts.drawing}${band(chart, place, top, bottom)}${grid(chart, place, top, bottom)}${mark}`;
  });
  return { drawing: html`${rows}${ends(chart, 0, chart.width)}`, bottom: y - 8, place };
}

function topOf(chart: Laid): number {
  return chart.scale.ends ? 22 : 4;
}

function columnsBeside({ rows, width }: Laid): { names: number; words: number } {
  const names = Math.min(0.3 * width, Math.max(...rows.map((row) => textWidth(row.label, SIZE))));
  const words = Math.max(...rows.flatMap((row) => row.words.map(lineWidth)), 0);
  return { names, words: Math.min(words, 0.42 * width) };
}

function nameLines(name: string, room: number): string[] {
  return wrapped(name, room, SIZE, 2);
}

function lineWidth({ strong, soft }: ChartRow['words'][number]): number {
  const gap = strong && soft ? 6 : 0;
  return (strong ? textWidth(strong, SIZE) * 1.14 : 0) + gap + (soft ? textWidth(soft, SMALL) : 0);
}

function textsBeside(
  row: ChartRow,
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
function textsAbove(row: ChartRow, width: number, top: number): { drawing: Markup; height: number } {
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
  { strong, soft }: ChartRow['words'][number],
  x: number,
  y: number,
  anchor: 'start' | 'end',
): Markup {
  const softSpan = soft && html`<tspan class="soft small"${strong ? html` dx="6"` : null}>${soft}</tspan>`;
  const strongSpan = strong && html`<tspan class="strong">${strong}</tspan>`;
  return html`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${anchor === 'end' ? html` text-anchor="end"` : null}>${strongSpan}${softSpan}</text>`;
}

function grid(chart: Laid, place: Scale, top: number, bottom: number): Markup {
  return html`${chart.ticks.map((tick) => line(place(tick), top, place(tick), bottom, tick === 0 ? 'base' : 'grid'))}`;
}

function axis(chart: Laid, place: Scale, bottom: number): Markup {
  const centered = (text: string, x: number, y: number) => {
    const half = textWidth(text, SMALL) / 2;
    return label(Math.min(chart.width - half, Math.max(half, x)), y, text, 'soft small', 'middle');
  };
  const texts = chart.ticks.map((tick) => centered(tickText(chart.scale, tick), place(tick), bottom + 15));
  const [low, high] = chart.domain;
  const title = titleLines(chart).map((text, index) =>
    centered(text, place((low + high) / 2), bottom + 32 + index * NAME_LINE),
  );
  return html`${texts}${title}`;
}

/** On one line where it fits, else broken at its semicolon first. */
function titleLines({ scale: { title: axisTitle = '' }, width }: Laid): string[] {
  if (textWidth(axisTitle, SMALL) <= width) return axisTitle === '' ? [] : [axisTitle];
  return axisTitle.split(/(?<=;) /).flatMap((part) => wrapped(part, width, SMALL, 2));
}

function ends({ scale: { ends: words } }: Laid, start: number, end: number): Markup | null {
  if (!words) return null;
  return html`${label(start, 12, words[0], 'soft small')}${label(end, 12, words[1], 'soft small', 'end')}`;
}

/** The shaded stretch behind the rows. */
function band({ scale: { band: stretch } }: Laid, place: Scale, top: number, bottom: number): Markup | null {
  if (stretch === undefined) return null;
  const [low, high] = [place(stretch[0]), place(stretch[1])];
  return html`${box(low, top, high - low, bottom - top, 'band')}${line(low, top, low, bottom, 'band-edge')}${line(high, top, high, bottom, 'band-edge')}`;
}

function anyBeside({ rows }: Laid): boolean {
  return rows.some(({ beside }) => beside);
}
