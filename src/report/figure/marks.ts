import type { Verdict } from '../../findings/contrast-findings.ts';
import type { FindingsStage, Interval } from '../../findings/findings.ts';
import { html, type Markup } from '../../format/index.ts';
import type { ChartRow } from '../document/chart.ts';
import type { Scale } from './axis.ts';
import { bar, circle, diamond, label, line, square, triangle, whisker } from './draw.ts';
import { fitted } from './text-width.ts';

/** Where a row's marks go. */
interface MarkPlace {
  readonly place: Scale;
  /** The vertical middle. */
  readonly y: number;
  readonly start: number;
  readonly domain: Interval;
  readonly id: string;
  /** Whether rows of the chart have a second mark beneath the first. */
  readonly paired: boolean;
}

/** What a row shows: a bar or a point with its intervals, beneath it what stands beside it; or why there is nothing. */
export function markRow(row: ChartRow, at: MarkPlace): Markup {
  const { place, start, domain, y } = at;
  if (row.value === null) {
    const room = place(domain[1]) - start - 16;
    return label(start + 8, y + 4, fitted(row.why ?? 'not measured', room, 11.5), 'soft small');
  }
  const own = at.paired ? { ...at, y: y - 9 } : at;
  const mark = 'bar' in row.shape ? markBar(row, row.shape.bar, own) : markPoint(row, row.shape.verdict, own);
  const { beside } = row;
  if (beside === undefined) return mark;
  return html`${mark}${beside.interval && whisker(beside.interval, place, y + 14, 3, 'faint')}${diamond(place(beside.value), y + 14, 5, 'hollow-soft')}`;
}

const HALF_BAR = 9;

function markBar({ value, interval }: ChartRow, role: FindingsStage['role'], at: MarkPlace): Markup {
  const { place, y, domain, id } = at;
  const base = domain[0] <= 0 && domain[1] >= 0 ? 0 : domain[0];
  const [a, b] = [place(base), place(value!)];
  // A bar of no length still shows as a line: zero is a result, not a gap.
  const drawn = bar(Math.min(a, b), y - HALF_BAR, Math.max(1.5, Math.abs(b - a)), 2 * HALF_BAR, role, id);
  if (interval === null) return drawn;
  return html`${drawn}${whisker(interval, place, y, 5, 'halo')}${whisker(interval, place, y, 5, 'whisker')}`;
}

function markPoint({ value, interval, inner }: ChartRow, verdict: Verdict, { place, y }: MarkPlace): Markup {
  return html`${interval && whisker(interval, place, y, 5, 'whisker')}${
    inner && line(place(inner[0]), y, place(inner[1]), y, 'inner')
  }${POINTS[verdict](place(value!), y)}`;
}

/** A shape for each verdict, so that it is seen without colour: as `VERDICT_SHAPES` has them. */
const POINTS: Readonly<Record<Verdict, (x: number, y: number) => Markup>> = {
  equivalent: (x, y) => circle(x, y, 5, 'point'),
  'different but within the margin': (x, y) => circle(x, y, 5, 'hollow'),
  'materially different': (x, y) => square(x, y, 5, 'point'),
  different: (x, y) => square(x, y, 5, 'hollow'),
  'not less safe': (x, y) => triangle(x, y, 6, 'hollow'),
  inconclusive: (x, y) => diamond(x, y, 6, 'hollow'),
  'not compared': (x, y) => diamond(x, y, 6, 'hollow'),
};
