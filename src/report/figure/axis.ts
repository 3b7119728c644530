import type { Interval } from '../../findings/findings.ts';
import { trimmed } from '../../format/index.ts';
import type { ChartScale } from '../document/chart.ts';

/** A value to a position in pixels, linearly. */
export type Scale = (value: number) => number;

export function linearScale([low, high]: Interval, [start, end]: Interval): Scale {
  const span = high - low || 1;
  return (value) => start + ((value - low) / span) * (end - start);
}

/** A step of 1, 2, 2.5 or 5 times a power of ten, about `span / wanted` long. */
export function niceStep(span: number, wanted: number): number {
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, 2.5, 5, 10].map((factor) => factor * power);
  return steps.find((step) => step >= rough * 0.999) ?? 10 * power;
}

/** The multiples of the step from low to high, both included where they are multiples. */
export function ticksBetween([low, high]: Interval, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => cleaned((first + index) * step));
}

/**
 * The smallest stretch from tick to tick that holds all the values, kept inside `bounds`; and its ticks.
 * A stretch of no length is widened to the bounds, so that zero of everything still has an axis.
 */
export function niceDomain(
  values: readonly number[],
  bounds: Interval,
  wanted: number,
): { readonly domain: Interval; readonly ticks: readonly number[] } {
  const low = Math.max(bounds[0], Math.min(...values));
  const high = Math.min(bounds[1], Math.max(...values));
  // Also where they differ by next to nothing, of which steps can't be told.
  if (!(high - low > 1e-9 * (bounds[1] - bounds[0])))
    return { domain: bounds, ticks: ticksBetween(bounds, niceStep(bounds[1] - bounds[0], wanted)) };
  const step = niceStep(high - low, wanted);
  const domain: Interval = [
    Math.max(bounds[0], cleaned(Math.floor(low / step + 1e-9) * step)),
    Math.min(bounds[1], cleaned(Math.ceil(high / step - 1e-9) * step)),
  ];
  return { domain, ticks: ticksBetween(domain, step) };
}

/** Without the tail that binary fractions leave: 0.30000000000000004 is 0.3. */
function cleaned(x: number): number {
  return Number(x.toPrecision(12));
}

/** A value at an axis. */
export function tickText({ ticks: { factor, suffix, signed } }: ChartScale, value: number): string {
  return `${signed && value > 0 ? '+' : ''}${trimmed(value * factor, 3)}${suffix}`;
}
