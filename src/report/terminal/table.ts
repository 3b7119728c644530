import { cells, left, type Paint, right, terminalLine, wrapped } from '../../format/index.ts';
import { type Column, type Table, textOfCell } from '../document/block.ts';
import type { Chart, RowChart } from '../document/chart.ts';
import { niceDomain, tickText } from '../figure/axis.ts';
import { drawBar } from './bar.ts';
import { plainText } from './text.ts';

/** A page with its styles: what is drawn on it is no wider. */
export interface PaintedPage {
  readonly paint: Paint;
  readonly width: number;
}

/** From this width on tables show the columns that narrow terminals have no room for. */
const WIDE = 110;
const INDENT = 2;
const GAP = 2;
/** A column of names gives way to the numbers, but not below this. */
const SHORTEST_NAME = 12;
/** A head may be this wide, though the cells below it are narrower. */
const WIDEST_HEAD = 12;

/**
 * A table as aligned lines, with bars at the right where a chart belongs to it and there is room. A table that is wider than
 * the page becomes a list: each row's name, and below it its cells with their heads.
 */
export function tableLines({ columns, rows }: Table, page: PaintedPage, chart?: Chart): string[] {
  const shown = columns.flatMap((column, index) => (isShown(column, page.width) ? [{ column, index }] : []));
  const body = rows.map((row) =>
    shown.map(({ index }) => plainText(textOfCell(row.cells[index] ?? '')).split('\n')),
  );
  const widths = shown.map(({ column }, at) => {
    const widest = Math.max(0, ...body.flatMap((row) => row[at]!.map(cells)));
    const words = terminalLine(column.head).split(' ').map(cells);
    return Math.max(widest, Math.min(cells(terminalLine(column.head)), Math.max(WIDEST_HEAD, ...words)));
  });
  const numbers = widths.slice(1).reduce((sum, width) => sum + width + GAP, 0);
  const names = Math.min(widths[0]!, page.width - INDENT - numbers);
  if (names < Math.min(widths[0]!, SHORTEST_NAME)) return listed(shown, body, page);
  widths[0] = names;
  for (const row of body)
    row[0] = row[0]!.flatMap((line) => wrapped(line, { width: names, breakWords: true }));
  const heads = shown.map(({ column }, at) => wrapped(terminalLine(column.head), { width: widths[at]! }));
  const pad = (text: string, at: number) => (shown[at]!.column.numeric ? right : left)(text, widths[at]!);
  const line = (texts: readonly (readonly string[])[], height: number, row: number, bottom: boolean) =>
    texts.map((cell, at) => pad(cell[bottom ? row - height + cell.length : row] ?? '', at));
  const depth = Math.max(...heads.map((head) => head.length));
  const bars = barsOf(chart, page, INDENT + names + numbers + GAP);
  const drawn = [
    ...Array.from({ length: depth }, (_, row) => {
      const scale = row === depth - 1 && bars ? ' '.repeat(GAP) + bars.scale : '';
      return page.paint('dim', (indented(line(heads, depth, row, true)) + scale).trimEnd());
    }),
    ...body.flatMap((row, index) => {
      const height = Math.max(...row.map((cell) => cell.length));
      return Array.from({ length: height }, (_, at) => {
        const texts = line(row, height, at, false).map((text, column) =>
          shown[column]!.column.strong && text.trim() !== '' ? page.paint('bold', text) : text,
        );
        return indented(texts) + (at === 0 && bars ? ' '.repeat(GAP) + bars.rows[index]! : '');
      });
    }),
  ];
  return drawn.map((text) => text.trimEnd());
}

function isShown({ on }: Column, width: number): boolean {
  return on === undefined || (on === 'wide' && width >= WIDE);
}

function indented(texts: readonly string[]): string {
  return ' '.repeat(INDENT) + texts.join(' '.repeat(GAP));
}

function listed(
  shown: readonly { readonly column: Column }[],
  body: readonly (readonly (readonly string[])[])[],
  { width }: PaintedPage,
): string[] {
  return body.flatMap(([name = [''], ...others]) => {
    const told = others.flatMap((cell, index) => {
      const text = cell.join(' ');
      return text === '' ? [] : [`${terminalLine(shown[index + 1]!.column.head)} ${text}`];
    });
    const room = { width, breakWords: true };
    return [
      ...wrapped(name.join(' '), { ...room, indent: INDENT, hanging: 2 * INDENT }),
      ...wrapped(told.join(' · '), { ...room, indent: 2 * INDENT }),
    ];
  });
}

const SHORTEST_BAR = 12;
const LONGEST_BAR = 60;
const COLORS = { 'first-trained': 'blue', last: 'yellow', other: 'gray' } as const;

/** A bar for each row, and the two ends of their scale; nothing where there is no room, or the chart has no bars. */
function barsOf(
  chart: Chart | undefined,
  { paint, width }: PaintedPage,
  start: number,
): { readonly scale: string; readonly rows: readonly string[] } | null {
  const room = Math.min(LONGEST_BAR, width - start);
  if (chart?.kind !== 'rows' || room < SHORTEST_BAR || !chart.rows.some(({ shape }) => 'bar' in shape))
    return null;
  const { domain } = niceDomain(chart.scale.holds, chart.scale.bounds, 5);
  const [low, high] = domain.map((end) => tickText(chart.scale, end)) as [string, string];
  const rows = chart.rows.map(({ value, interval, shape }: RowChart['rows'][number]) => {
    if (value === null) return '';
    const bar = drawBar(value, interval, domain, room);
    const color = COLORS['bar' in shape ? shape.bar : 'other'];
    return paint(color, bar.solid) + bar.interval;
  });
  return { scale: low + right(high, room - cells(low)), rows };
}
