import type {
  CorrectedShareFindings,
  FindingsStage,
  Interval,
  MeasureFindings,
  ShareFindings,
} from '../../findings/findings.ts';
import { html, type Markup, type Notation, percent, percentInterval } from '../../format/index.ts';
import { niceDomain, type Scale } from './axis.ts';
import { bar, diamond, type Panel, whisker } from './draw.ts';
import { type Row, rowChart } from './row-chart.ts';

export interface SharesChart {
  readonly measure: MeasureFindings;
  readonly shares: ShareFindings;
  /** Drawn beneath each bar. */
  readonly corrected?: CorrectedShareFindings | undefined;
  readonly stageOf: (id: string) => FindingsStage;
  readonly notation: Notation;
  readonly width: number;
  readonly id: string;
}

/** A number with its interval, and both in words. */
interface Amount {
  readonly length: number | null;
  readonly interval: Interval | null;
  readonly strong: string;
  readonly soft: string;
}

/**
 * What each stage carried of the change from first to last, with its sign: as a share of the total where that is
 * identified, else as the change itself. Beneath it, where there is one, the same corrected by human labels.
 */
export function sharesPanel({
  measure,
  shares,
  corrected,
  stageOf,
  notation,
  width,
  id,
}: SharesChart): Panel {
  const { identified } = shares;
  const span = measure.range[1] - measure.range[0];
  const amounts = shares.parts.map((part, step) => {
    const fixed = corrected?.parts[step];
    const known = fixed !== undefined && (!identified || fixed.share !== null);
    return {
      part,
      own: amountOf(part, identified, notation),
      fixed: known ? amountOf(fixed, identified, notation) : null,
    };
  });
  const reach = amounts
    .flatMap(({ own, fixed }) => (fixed === null ? [own] : [own, fixed]))
    .flatMap(({ length, interval }) => [...(interval ?? []), ...(length === null ? [] : [length])]);
  const bounds = identified ? ([-10, 10] as const) : ([-span, span] as const);
  const { domain, ticks } = niceDomain(
    [0, ...(identified ? [1] : []), ...reach],
    bounds,
    width < 520 ? 4 : 6,
  );
  const anyFixed = amounts.some(({ fixed }) => fixed !== null);
  const rows = amounts.map(({ part, own, fixed }): Row => {
    const { title, role } = stageOf(part.to);
    return {
      label: title,
      words: [
        { strong: own.strong, soft: own.soft },
        ...(fixed === null ? [] : [{ soft: `corrected ${fixed.strong} ${fixed.soft}` }]),
      ],
      mark: (scale, y) =>
        html`${markOwn(own, scale, anyFixed ? y - 9 : y, role, id)}${fixed && markFixed(fixed, scale, y + 14)}`,
    };
  });
  return rowChart({
    width,
    rows,
    rowHeight: anyFixed ? 48 : 30,
    domain,
    ticks,
    tickText: (x) => (identified ? percent(x) : notation.changeTick(x)),
    axisTitle: identified
      ? 'share of the whole change'
      : `change${notation.unit ? `, percentage ${notation.unit}` : ''}`,
  });
}

function amountOf(part: ShareFindings['parts'][number], asShare: boolean, notation: Notation): Amount {
  return asShare
    ? {
        length: part.share,
        interval: part.interval,
        strong: percent(part.share),
        soft: percentInterval(part.interval),
      }
    : {
        length: part.change,
        interval: part.changeInterval,
        strong: notation.change(part.change),
        soft: notation.changeInterval(part.changeInterval),
      };
}

function markOwn(
  { length, interval }: Amount,
  scale: Scale,
  y: number,
  role: FindingsStage['role'],
  id: string,
): Markup | null {
  if (length === null) return null;
  const [a, b] = [scale(0), scale(length)];
  const body = bar(Math.min(a, b), y - 9, Math.max(1.5, Math.abs(b - a)), 18, role, id);
  if (interval === null) return body;
  return html`${body}${whisker(interval, scale, y, 5, 'halo')}${whisker(interval, scale, y, 5, 'whisker')}`;
}

function markFixed({ length, interval }: Amount, scale: Scale, y: number): Markup | null {
  if (length === null) return null;
  return html`${interval && whisker(interval, scale, y, 3, 'faint')}${diamond(scale(length), y, 5, 'hollow-soft')}`;
}

export function sharesInWords({
  measure,
  shares,
  corrected,
  stageOf,
  notation,
}: Omit<SharesChart, 'width' | 'id'>): string {
  const { identified } = shares;
  const parts = shares.parts.map((part, step) => {
    const { strong, soft } = amountOf(part, identified, notation);
    const fixed = corrected?.parts[step];
    const own = `${stageOf(part.to).title} ${identified ? strong : notation.changeInWords(part.change)} ${soft}`;
    if (fixed === undefined || (identified && fixed.share === null)) return own;
    const after = amountOf(fixed, identified, notation);
    return `${own}, corrected ${after.strong} ${after.soft}`;
  });
  const what = identified
    ? 'Share of the whole change that each stage carried'
    : 'Change that each stage brought';
  return `${what} in ${measure.title}, with 95% intervals: ${parts.join('; ')}.`;
}
