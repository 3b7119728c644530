import type {
  CorrectedFindings,
  FindingsStage,
  Interval,
  MeasureFindings,
  StageEstimate,
} from '../../findings/findings.ts';
import type { Notation } from '../../format/index.ts';
import { html, type Markup } from '../../format/index.ts';
import { niceDomain, type Scale } from './axis.ts';
import { bar, diamond, label, type Panel, whisker } from './draw.ts';
import { type Row, rowChart } from './row-chart.ts';
import { fitted } from './text-width.ts';

export interface EstimatesChart {
  readonly measure: MeasureFindings;
  readonly stageOf: (id: string) => FindingsStage;
  readonly notation: Notation;
  readonly width: number;
  /** Unique in the document: what the hatch is called. */
  readonly id: string;
}

/** A bar for each stage with its 95 % interval; beneath it, where there is one, the estimate corrected by human labels. */
export function estimatesPanel(chart: EstimatesChart): Panel {
  const { measure, stageOf, notation, width, id } = chart;
  const { domain, ticks } = estimatesDomain(measure, width < 520 ? 4 : 6);
  const base = domain[0] <= 0 && domain[1] >= 0 ? 0 : domain[0];
  const correctedOf = correctedFinder(measure.corrected);
  const anyCorrected = measure.stages.some((stage) => correctedOf(stage.id));
  const rows = measure.stages.map((stage): Row => {
    const corrected = correctedOf(stage.id);
    const offset = anyCorrected ? -9 : 0;
    return {
      label: stageOf(stage.id).title,
      words: wordsOf(stage, corrected, notation),
      mark: (scale, y, start) => {
        const place = { scale, y: y + offset, base, start, end: scale(domain[1]), id };
        return html`${markStage(stage, stageOf(stage.id).role, place)}${corrected && markCorrected(corrected, scale, y + 14)}`;
      },
    };
  });
  return rowChart({
    width,
    rows,
    rowHeight: anyCorrected ? 48 : 30,
    domain,
    ticks,
    tickText: notation.tick,
  });
}

/** From the natural zero (or the lowest value possible) to a little above the highest interval. */
export function estimatesDomain(
  measure: MeasureFindings,
  wanted: number,
): { readonly domain: Interval; readonly ticks: readonly number[] } {
  const [lowest, highest] = measure.range;
  const base = lowest <= 0 && highest >= 0 ? 0 : lowest;
  const intervals = [...measure.stages, ...(measure.corrected?.stages ?? [])].flatMap(
    ({ interval, estimate }) => [...(interval ?? []), ...(estimate === null ? [] : [estimate])],
  );
  return niceDomain([base, ...intervals], measure.range, wanted);
}

interface Corrected {
  readonly estimate: number;
  readonly interval: Interval;
}

function correctedFinder(corrected: CorrectedFindings | undefined): (id: string) => Corrected | undefined {
  return (id) => {
    const found = corrected?.stages.find((stage) => stage.id === id);
    return found && found.estimate !== null && found.interval !== null
      ? { estimate: found.estimate, interval: found.interval }
      : undefined;
  };
}

function wordsOf(stage: StageEstimate, corrected: Corrected | undefined, notation: Notation): Row['words'] {
  const own =
    stage.estimate === null
      ? { soft: 'not measured' }
      : { strong: notation.value(stage.estimate), soft: notation.interval(stage.interval) };
  if (!corrected) return [own];
  return [
    own,
    { soft: `corrected ${notation.value(corrected.estimate)} ${notation.interval(corrected.interval)}` },
  ];
}

interface Place {
  readonly scale: Scale;
  readonly y: number;
  readonly base: number;
  readonly start: number;
  readonly end: number;
  readonly id: string;
}

const HALF_BAR = 9;

function markStage(
  stage: StageEstimate,
  role: FindingsStage['role'],
  { scale, y, base, start, end, id }: Place,
): Markup {
  if (stage.estimate === null)
    return label(start + 8, y + 4, fitted(stage.why ?? 'not measured', end - start - 16, 11.5), 'soft small');
  const [a, b] = [scale(base), scale(stage.estimate)];
  // A bar of no length still shows as a line: zero is a result, not a gap.
  const drawn = bar(Math.min(a, b), y - HALF_BAR, Math.max(1.5, Math.abs(b - a)), 2 * HALF_BAR, role, id);
  if (stage.interval === null) return drawn;
  return html`${drawn}${whisker(stage.interval, scale, y, 5, 'halo')}${whisker(stage.interval, scale, y, 5, 'whisker')}`;
}

function markCorrected({ estimate, interval }: Corrected, scale: Scale, y: number): Markup {
  return html`${whisker(interval, scale, y, 3, 'faint')}${diamond(scale(estimate), y, 5, 'hollow-soft')}`;
}

/** The figure in a sentence a stage, for those who can't see it. */
export function estimatesInWords({
  measure,
  stageOf,
  notation,
}: Omit<EstimatesChart, 'width' | 'id'>): string {
  const stages = measure.stages.map((stage) => {
    const { title } = stageOf(stage.id);
    if (stage.estimate === null) return `${title} was not measured`;
    return `${title} ${notation.value(stage.estimate)} ${notation.interval(stage.interval)}`;
  });
  return `Bars of ${measure.title} by stage with 95% intervals: ${stages.join('; ')}.`;
}
