import type { Findings, FindingsStage, MeasureFindings } from '../findings/findings.ts';
import { html, listed, NONE, notationOf } from '../format/index.ts';
import { type ColumnsChart, columnsPanel, fitsColumns } from './figure/columns.ts';
import { differencesInWords, differencesPanel } from './figure/differences.ts';
import { label, type Panel, stacked } from './figure/draw.ts';
import { estimatesInWords, estimatesPanel } from './figure/estimates.ts';
import { standalone } from './figure/standalone.ts';
import { wrapped } from './figure/text-width.ts';
import { areFew, isCompared, isMeasured, overviewOf, stageFinder } from './outline.ts';

export interface SvgOptions {
  /** Default: white, so that the figure can be read on any page. */
  readonly background?: 'white' | 'none';
  /** Width of the drawing in pixels, without its edge of 20 on each side. Default: 720. */
  readonly width?: number;
}

/**
 * A figure as an SVG document for a paper or a README: of one measure its stages and, below, its paired differences; without
 * a measure, all headline measures but controls beside each other.
 */
export function renderSvg(findings: Findings, measure?: MeasureFindings, options: SvgOptions = {}): string {
  const { background = 'white', width = 720 } = options;
  const stageOf = stageFinder(findings);
  const drawn = measure
    ? measureFigure(measure, stageOf, width)
    : overviewFigure(overviewOf(findings), stageOf, width);
  const title = measure ? `${measure.title}, rated by ${measure.rater}: ${findings.run}` : findings.run;
  return standalone(drawn.panel, { title, description: drawn.description, id: 'figure', background }).text;
}

interface Drawn {
  readonly panel: Panel;
  readonly description: string;
}

/** All measures: as columns where the stages are few, else as rows. */
export function overviewFigure(
  measures: readonly MeasureFindings[],
  stageOf: (id: string) => FindingsStage,
  width: number,
  id = 'figure',
): Drawn {
  const description = measures
    .map((measure) => estimatesInWords({ measure, stageOf, notation: notationOf(measure) }))
    .join(' ');
  const drawn = measures.filter(isMeasured);
  const panels = fitsColumns({ measures: drawn, stageOf })
    ? columns({ measures: drawn, stageOf, width, id })
    : drawn.flatMap((measure) => [
        heading(measure.title, width),
        estimatesPanel({ measure, stageOf, notation: notationOf(measure), width, id }),
      ]);
  const never = measures.filter((measure) => !isMeasured(measure)).map(({ title }) => title);
  if (never.length > 0) panels.push(note(`Not measured at any stage: ${listed(never)}.`, width));
  return { panel: stacked(panels, 8), description };
}

function columns(chart: ColumnsChart): Panel[] {
  if (chart.measures.length === 0) return [];
  const gaps = chart.measures.some(({ stages }) => stages.some(({ estimate }) => estimate === null));
  return [columnsPanel(chart), ...(gaps ? [note(`${NONE} not measured`, chart.width)] : [])];
}

function measureFigure(
  measure: MeasureFindings,
  stageOf: (id: string) => FindingsStage,
  width: number,
): Drawn {
  const notation = notationOf(measure);
  const { contrasts } = measure;
  const chart = { measure, stageOf, notation, width, id: 'figure' };
  const estimates = isMeasured(measure) ? estimatesPanel(chart) : note('Not measured at any stage.', width);
  const panels = [heading(measure.title, width), estimates];
  let description = estimatesInWords(chart);
  // A matrix of pairs is a table, not a picture; a report holds it.
  if (isCompared(measure) && areFew(contrasts, measure.stages)) {
    panels.push(heading('Paired differences', width), differencesPanel({ ...chart, contrasts }));
    description += ` ${differencesInWords({ ...chart, contrasts })}`;
  }
  return { panel: stacked(panels, 10), description };
}

function heading(text: string, width: number): Panel {
  return paragraph(wrapped(text, width, 13, 2), width, 'strong');
}

function note(text: string, width: number): Panel {
  return paragraph(wrapped(text, width, 11.5, 6), width, 'soft small');
}

function paragraph(lines: readonly string[], width: number, style: string): Panel {
  return {
    width,
    height: 17 * lines.length + 3,
    drawing: html`${lines.map((words, index) => label(0, 13 + 17 * index, words, style))}`,
  };
}
