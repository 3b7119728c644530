import type { FindingsStage, MeasureFindings, ShareFindings } from '../../findings/findings.ts';
import { html } from '../markup.ts';
import { type Notation, percent, percentInterval } from '../notation.ts';
import { niceDomain } from './axis.ts';
import { bar, type Panel, whisker } from './draw.ts';
import { type Row, rowChart } from './row-chart.ts';

export interface SharesChart {
  readonly measure: MeasureFindings;
  readonly shares: ShareFindings;
  readonly stageOf: (id: string) => FindingsStage;
  readonly notation: Notation;
  readonly width: number;
  readonly id: string;
}

/**
 * What each stage carried of the change from first to last, with its sign: as a share of the total where that is
 * identified, else as the change itself.
 */
export function sharesPanel({ measure, shares, stageOf, notation, width, id }: SharesChart): Panel {
  const { identified } = shares;
  const span = measure.range[1] - measure.range[0];
  const drawn = shares.parts.map((part) => ({
    part,
    length: identified ? part.share : part.change,
    interval: identified ? part.interval : part.changeInterval,
  }));
  const reach = drawn.flatMap(({ length, interval }) => [
    ...(interval ?? []),
    ...(length === null ? [] : [length]),
  ]);
  const bounds = identified ? ([-10, 10] as const) : ([-span, span] as const);
  const { domain, ticks } = niceDomain(
    [0, ...(identified ? [1] : []), ...reach],
    bounds,
    width < 520 ? 4 : 6,
  );
  const rows = drawn.map(({ part, length, interval }): Row => {
    const words = identified
      ? { strong: percent(part.share), soft: percentInterval(part.interval) }
      : { strong: notation.change(part.change), soft: notation.changeInterval(part.changeInterval) };
    return {
      label: stageOf(part.to).title,
      words: [words],
      mark: (scale, y) => {
        if (length === null) return html``;
        const [a, b] = [scale(0), scale(length)];
        const body = bar(
          Math.min(a, b),
          y - 9,
          Math.max(1.5, Math.abs(b - a)),
          18,
          stageOf(part.to).role,
          id,
        );
        if (interval === null) return body;
        return html`${body}${whisker(interval, scale, y, 5, 'halo')}${whisker(interval, scale, y, 5, 'whisker')}`;
      },
    };
  });
  return rowChart({
    width,
    rows,
    rowHeight: 30,
    domain,
    ticks,
    tickText: (x) => (identified ? percent(x) : notation.changeTick(x)),
    axisTitle: identified
      ? 'share of the whole change'
      : `change${notation.unit ? `, percentage ${notation.unit}` : ''}`,
  });
}

export function sharesInWords({
  measure,
  shares,
  stageOf,
  notation,
}: Omit<SharesChart, 'width' | 'id'>): string {
  const parts = shares.parts.map((part) => {
    const { title } = stageOf(part.to);
    if (!shares.identified)
      return `${title} ${notation.changeInWords(part.change)} ${notation.changeInterval(part.changeInterval)}`;
    return `${title} ${percent(part.share)} ${percentInterval(part.interval)}`;
  });
  const what = shares.identified
    ? 'Share of the whole change that each stage carried'
    : 'Change that each stage brought';
  return `${what} in ${measure.title}, with 95% intervals: ${parts.join('; ')}.`;
}
