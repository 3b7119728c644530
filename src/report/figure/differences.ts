import type { Contrast, FindingsStage, Interval, MeasureFindings, Verdict } from '../../findings/findings.ts';
import type { Notation } from '../../format/index.ts';
import { html, type Markup } from '../../format/index.ts';
import { niceDomain, type Scale } from './axis.ts';
import { box, circle, diamond, label, line, type Panel, square, whisker } from './draw.ts';
import { type Row, rowChart } from './row-chart.ts';
import { fitted } from './text-width.ts';

export interface DifferencesChart {
  readonly measure: MeasureFindings;
  readonly contrasts: readonly Contrast[];
  readonly stageOf: (id: string) => FindingsStage;
  readonly notation: Notation;
  readonly width: number;
}

/** Each paired difference with its 95 % (thin) and 90 % (thick) interval against the band of differences that count as none. */
export function differencesPanel({ measure, contrasts, stageOf, notation, width }: DifferencesChart): Panel {
  const narrow = width < 520;
  const span = measure.range[1] - measure.range[0];
  const reach = contrasts.flatMap(({ interval, interval90, margin }) => [
    ...(interval ?? []),
    ...(interval90 ?? []),
    -margin,
    margin,
  ]);
  const { domain, ticks } = niceDomain([0, ...reach.map((x) => x * 1.04)], [-span, span], narrow ? 4 : 6);
  const rows = contrasts.map((contrast): Row => {
    const compared = contrast.difference !== null;
    const numbers = `${notation.change(contrast.difference)} ${notation.changeInterval(contrast.interval)}`;
    return {
      label: `${stageOf(contrast.from).title} → ${stageOf(contrast.to).title}`,
      words:
        narrow || !compared
          ? [{ strong: contrast.verdict, ...(compared ? { soft: numbers } : {}) }]
          : [{ strong: contrast.verdict }, { soft: numbers }],
      mark: (scale, y, start) =>
        compared ? markContrast(contrast, scale, y) : notCompared(contrast, [start, scale(domain[1])], y),
    };
  });
  const margin = contrasts[0]?.margin ?? 0;
  return rowChart({
    width,
    rows,
    rowHeight: narrow ? 24 : 40,
    domain,
    ticks,
    tickText: notation.changeTick,
    axisTitle: `difference${notation.unit ? `, percentage ${notation.unit}` : ''}; shaded: within ±${notation.size(margin)}`,
    ends: measure.safer === 'lower' ? ['← safer', 'less safe →'] : ['← less safe', 'safer →'],
    behind: (scale, top, bottom) => band([-margin, margin], scale, top, bottom),
  });
}

function band([low, high]: Interval, scale: Scale, top: number, bottom: number): Markup {
  return html`${box(scale(low), top, scale(high) - scale(low), bottom - top, 'band')}${line(scale(low), top, scale(low), bottom, 'band-edge')}${line(scale(high), top, scale(high), bottom, 'band-edge')}`;
}

function markContrast(
  { difference, interval, interval90, verdict }: Contrast,
  scale: Scale,
  y: number,
): Markup {
  return html`${interval && whisker(interval, scale, y, 5, 'whisker')}${
    interval90 && line(scale(interval90[0]), y, scale(interval90[1]), y, 'inner')
  }${point(verdict, scale(difference!), y)}`;
}

/** A shape for each verdict, so that it is seen without colour: a filled disc is the same, a square is another. */
export function point(verdict: Verdict, x: number, y: number): Markup {
  switch (verdict) {
    case 'equivalent':
      return circle(x, y, 5, 'point');
    case 'different but within the margin':
      return circle(x, y, 5, 'hollow');
    case 'materially different':
      return square(x, y, 5, 'point');
    case 'different':
      return square(x, y, 5, 'hollow');
    case 'inconclusive':
    case 'not compared':
      return diamond(x, y, 6, 'hollow');
  }
}

function notCompared({ why }: Contrast, [start, end]: Interval, y: number): Markup {
  return label(start + 8, y + 4, fitted(why ?? 'not compared', end - start - 16, 11.5), 'soft small');
}

/** The figure in a sentence a contrast. */
export function differencesInWords({
  measure,
  contrasts,
  stageOf,
  notation,
}: Omit<DifferencesChart, 'width'>): string {
  const sentences = contrasts.map((contrast) => {
    const pair = `${stageOf(contrast.from).title} to ${stageOf(contrast.to).title}`;
    if (contrast.difference === null) return `${pair} not compared`;
    return `${pair} ${notation.changeInWords(contrast.difference)} ${notation.changeInterval(contrast.interval)}, ${contrast.verdict}`;
  });
  return `Paired differences in ${measure.title} with 95% intervals: ${sentences.join('; ')}.`;
}
