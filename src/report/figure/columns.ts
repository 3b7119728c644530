import type { FindingsStage, Interval, MeasureFindings, StageEstimate } from '../../findings/findings.ts';
import { html, type Markup, NONE, type Notation, notationOf } from '../../format/index.ts';
import { linearScale, niceDomain, type Scale } from './axis.ts';
import { at, bar, label, line, moved, type Panel } from './draw.ts';
import { estimatesDomain } from './estimates.ts';
import { textWidth, wrapped } from './text-width.ts';

export interface ColumnsChart {
  readonly measures: readonly MeasureFindings[];
  readonly stageOf: (id: string) => FindingsStage;
  readonly width: number;
  readonly id: string;
}

const PLOT = 190;
const AXIS = 40;
const GAP = 24;
const SMALL = 11;
/** More columns than this, or longer names, are better drawn as rows. */
const MOST_STAGES = 6;
const WIDEST_SLOT = 110;
const NAME_LINES = 3;

/** Whether the stages are few and short enough in name to stand beside each other as columns. */
export function fitsColumns({ measures, stageOf }: Pick<ColumnsChart, 'measures' | 'stageOf'>): boolean {
  return measures.every(
    ({ stages }) => stages.length <= MOST_STAGES && slotWidth(stages, stageOf) <= WIDEST_SLOT,
  );
}

/**
 * All measures in one picture: a panel for each, in it a column for every stage with its 95 % interval. Rates share one
 * scale, so that columns of different panels can be compared.
 */
export function columnsPanel(chart: ColumnsChart): Panel {
  const shared = sharedRates(chart.measures);
  const slot = slotFor(chart);
  // Panels stand on one line, however long their titles are.
  const titleLines = Math.max(1, ...chart.measures.map((measure) => titleOf(measure, slot).length));
  const panels = chart.measures.map((measure) =>
    columnsOf(
      measure,
      { ...chart, slot, titleLines },
      measure.kind === 'rate' ? shared : estimatesDomain(measure, 5),
    ),
  );
  return flowed(panels, chart.width);
}

function titleOf({ title, stages }: MeasureFindings, slot: number): string[] {
  return wrapped(title, AXIS + slot * stages.length, 13, 2);
}

function sharedRates(measures: readonly MeasureFindings[]) {
  const highest = measures
    .filter(({ kind }) => kind === 'rate')
    .flatMap(({ stages }) => stages.flatMap(({ interval, estimate }) => [interval?.[1] ?? 0, estimate ?? 0]));
  return niceDomain([0, ...highest], [0, 1], 5);
}

/** As little room as a column's name and value need. */
function slotWidth(stages: readonly StageEstimate[], stageOf: ColumnsChart['stageOf']): number {
  const words = stages.flatMap(({ id }) => stageOf(id).title.split(/\s+/));
  return Math.max(42, ...words.map((word) => textWidth(word, SMALL) + 2));
}

/** The room a column gets when as many panels stand in a line as can, and the line is filled. */
function slotFor({ measures, stageOf, width }: ColumnsChart): number {
  const columns = Math.max(1, ...measures.map(({ stages }) => stages.length));
  const least = Math.max(...measures.map(({ stages }) => slotWidth(stages, stageOf)));
  const inLine = Math.max(
    1,
    Math.min(measures.length, Math.floor((width + GAP) / (AXIS + least * columns + GAP))),
  );
  const filled = ((width + GAP) / inLine - GAP - AXIS) / columns;
  return Math.min(filled, WIDEST_SLOT);
}

function columnsOf(
  measure: MeasureFindings,
  { stageOf, slot, titleLines, id }: ColumnsChart & { readonly slot: number; readonly titleLines: number },
  { domain, ticks }: { readonly domain: Interval; readonly ticks: readonly number[] },
): Panel {
  const panelWidth = AXIS + slot * measure.stages.length;
  const title = titleOf(measure, slot);
  const top = 17 * titleLines + 24;
  const scale = linearScale(domain, [top + PLOT, top]);
  const notation = notationOf(measure);
  const nameLines = Math.max(
    1,
    ...measure.stages.map(
      ({ id: stage }) => wrapped(stageOf(stage).title, slot - 1, SMALL, NAME_LINES).length,
    ),
  );
  const columns = measure.stages.map((stage, index) =>
    column(stage, stageOf(stage.id), {
      scale,
      notation,
      id,
      center: AXIS + slot * (index + 0.5),
      slot,
      foot: top + PLOT,
    }),
  );
  const heading = title.map((text, index) =>
    label(0, 13 + 17 * (titleLines - title.length + index), text, 'strong'),
  );
  const drawing = html`${heading}${axis(notation, ticks, scale, panelWidth)}${columns}`;
  return { width: panelWidth, height: top + PLOT + 8 + 14 * nameLines, drawing };
}

function axis(notation: Notation, ticks: readonly number[], scale: Scale, width: number): Markup {
  return html`${ticks.map((tick) => {
    const text = notation.tick(tick);
    const y = scale(tick);
    return html`${line(AXIS - 4, y, width, y, tick === 0 ? 'base' : 'grid')}${label(AXIS - 8, y + 4, text, 'soft small', 'end')}`;
  })}`;
}

interface Slot {
  readonly scale: Scale;
  readonly notation: Notation;
  readonly id: string;
  readonly center: number;
  readonly slot: number;
  readonly foot: number;
}

function column(
  stage: StageEstimate,
  { title, role }: FindingsStage,
  { scale, notation, id, center, slot, foot }: Slot,
): Markup {
  const names = wrapped(title, slot - 1, SMALL, NAME_LINES).map((text, index) =>
    label(center, foot + 17 + 14 * index, text, 'tiny', 'middle'),
  );
  if (stage.estimate === null) return html`${names}${label(center, foot - 7, NONE, 'soft tiny', 'middle')}`;
  const base = Math.min(foot, scale(0));
  const y = scale(stage.estimate);
  const half = Math.min(20, slot * 0.34);
  // A column of no height still shows as a line: zero is a result, not a gap.
  const top = Math.min(y, base - 1.5);
  const body = bar(center - half, top, 2 * half, Math.max(y, base) - top, role, id);
  const value = label(
    center,
    scale(stage.interval?.[1] ?? stage.estimate) - 7,
    notation.value(stage.estimate),
    'tiny strong',
    'middle',
  );
  return html`${names}${body}${stage.interval && html`${upright(stage.interval, scale, center, 'halo')}${upright(stage.interval, scale, center, 'whisker')}`}${value}`;
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
