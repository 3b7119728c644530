import type { FindingsStage, Interval } from '../../findings/findings.ts';
import { html, type Markup, NONE } from '../../format/index.ts';
import type { ChartRow, ColumnChart } from '../document/chart.ts';
import { linearScale, niceDomain, type Scale, tickText } from './axis.ts';
import { at, bar, label, line, moved, type Panel } from './draw.ts';
import { textWidth, wrapped } from './text-width.ts';

type ChartPanel = ColumnChart['panels'][number];

const PLOT = 190;
const AXIS = 40;
const GAP = 24;
const SMALL = 11;
/** Longer names are better drawn as rows. */
const WIDEST_SLOT = 110;
const NAME_LINES = 3;
/** Enough for the end of a title, which often is what tells it from another one. */
const TITLE_LINES = 4;

/** Whether the names are short enough to be beside each other under columns. */
export function namesFit({ panels }: ColumnChart): boolean {
  return panels.every((panel) => slotWidth(panel) <= WIDEST_SLOT);
}

/** A panel for each measure, in it a column for every stage with its 95% interval. */
export function columnsPanel(panels: ColumnChart['panels'], width: number, id: string): Panel {
  const slot = slotFor(panels, width);
  // Panels are on one line, however long their titles are.
  const titleLines = Math.max(1, ...panels.map((panel) => titleOf(panel, slot).length));
  return flowed(
    panels.map((panel) => columnsOf(panel, { slot, titleLines, id })),
    width,
  );
}

function titleOf({ title, columns }: ChartPanel, slot: number): string[] {
  return wrapped(title, AXIS + slot * columns.length, 13, TITLE_LINES);
}

/** As little room as a column's name and value need. */
function slotWidth({ columns }: ChartPanel): number {
  const words = columns.flatMap((column) => column.label.split(/\s+/));
  return Math.max(42, ...words.map((word) => textWidth(word, SMALL) + 2));
}

/** The room a column gets when as many panels are in a line as can, and the line is filled. */
function slotFor(panels: ColumnChart['panels'], width: number): number {
  const columns = Math.max(1, ...panels.map((panel) => panel.columns.length));
  const least = Math.max(...panels.map(slotWidth));
  const inLine = Math.max(
    1,
    Math.min(panels.length, Math.floor((width + GAP) / (AXIS + least * columns + GAP))),
  );
  const filled = ((width + GAP) / inLine - GAP - AXIS) / columns;
  return Math.min(filled, WIDEST_SLOT);
}

function columnsOf(
  panel: ChartPanel,
  { slot, titleLines, id }: { readonly slot: number; readonly titleLines: number; readonly id: string },
): Panel {
  const { columns, scale } = panel;
  const panelWidth = AXIS + slot * columns.length;
  const title = titleOf(panel, slot);
  const top = 17 * titleLines + 24;
  const { domain, ticks } = niceDomain(scale.holds, scale.bounds, 5);
  const place = linearScale(domain, [top + PLOT, top]);
  const nameLines = Math.max(
    1,
    ...columns.map((column) => wrapped(column.label, slot - 1, SMALL, NAME_LINES).length),
  );
  const heading = title.map((text, index) =>
    label(0, 13 + 17 * (titleLines - title.length + index), text, 'strong'),
  );
  const axis = ticks.map((tick) => {
    const y = place(tick);
    return html`${line(AXIS - 4, y, panelWidth, y, tick === 0 ? 'base' : 'grid')}${label(AXIS - 8, y + 4, tickText(scale, tick), 'soft small', 'end')}`;
  });
  const drawn = columns.map((column, index) =>
    columnOf(column, { place, id, center: AXIS + slot * (index + 0.5), slot, foot: top + PLOT }),
  );
  const drawing = html`${heading}${axis}${drawn}`;
  return { width: panelWidth, height: top + PLOT + 8 + 14 * nameLines, drawing };
}

interface Slot {
  readonly place: Scale;
  readonly id: string;
  readonly center: number;
  readonly slot: number;
  readonly foot: number;
}

function columnOf({ label: name, value, interval, shape, words }: ChartRow, at: Slot): Markup {
  const { place, id, center, slot, foot } = at;
  const names = wrapped(name, slot - 1, SMALL, NAME_LINES).map((text, index) =>
    label(center, foot + 17 + 14 * index, text, 'tiny', 'middle'),
  );
  if (value === null) return html`${names}${label(center, foot - 7, NONE, 'soft tiny', 'middle')}`;
  const base = Math.min(foot, place(0));
  const y = place(value);
  const half = Math.min(20, slot * 0.34);
  // A column of no height still shows as a line: zero is a result, not a gap.
  const top = Math.min(y, base - 1.5);
  const role: FindingsStage['role'] = 'bar' in shape ? shape.bar : 'other';
  const body = bar(center - half, top, 2 * half, Math.max(y, base) - top, role, id);
  const written = label(
    center,
    place(interval?.[1] ?? value) - 7,
    words[0]?.strong ?? '',
    'tiny strong',
    'middle',
  );
  return html`${names}${body}${interval && html`${upright(interval, place, center, 'halo')}${upright(interval, place, center, 'whisker')}`}${written}`;
}

function upright([lower, upper]: Interval, scale: Scale, x: number, style: string): Markup {
  const [low, high] = [scale(lower), scale(upper)];
  const path = `M${at(x - 5)} ${at(low)}H${at(x + 5)}M${at(x)} ${at(low)}V${at(high)}M${at(x - 5)} ${at(high)}H${at(x + 5)}`;
  return html`<path class="${style}" d="${path}"/>`;
}

/** Panels beside each other, and in as many lines as the width asks for. */
function flowed(panels: readonly Panel[], width: number): Panel {
  let [x, y, lineHeight] = [0, 0, 0];
  const drawing = panels.map((panel) => {
    if (x > 0 && x + panel.width > width + 0.5) {
      x = 0;
      y += lineHeight + GAP;
      lineHeight = 0;
    }
    const placed = moved(x, y, panel.drawing);
    x += panel.width + GAP;
    lineHeight = Math.max(lineHeight, panel.height);
    return placed;
  });
  return { width, height: y + lineHeight, drawing: html`${drawing}` };
}
