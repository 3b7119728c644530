import type { Findings, MeasureFindings } from '../findings/findings.ts';
import type { Chart } from './document/chart.ts';
import { differencesChart, differencesInWords } from './document/differences.ts';
import { estimatesChart, estimatesInWords } from './document/estimates.ts';
import { familyTree } from './document/family-tree.ts';
import { measureScope, type Scope, scopeOf } from './document/scope.ts';
import { overviewChart } from './document/summary.ts';
import { chartPanel, headingPanel, notePanel } from './figure/chart.ts';
import { type Panel, stacked } from './figure/draw.ts';
import { standalone } from './figure/standalone.ts';
import { areFew, isCompared, isMeasured, overviewOf } from './outline.ts';

interface SvgOptions {
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
  const scope = scopeOf(findings);
  const draw = (chart: Chart) => chartPanel(chart, width, 'figure');
  const { panel, description } = measure
    ? measureFigure(scope, measure, draw, width)
    : overviewFigure(scope, draw);
  const title = measure ? `${measure.title}, rated by ${measure.rater}: ${findings.run}` : findings.run;
  return standalone(panel, { title, description, id: 'figure', background }).text;
}

/** The family tree of the checkpoints as an SVG document; `null` where the report has none. */
export function renderTreeSvg(findings: Findings): string | null {
  const tree = familyTree(findings);
  if (tree === null) return null;
  const panel = chartPanel(tree.chart, 720, 'figure');
  return standalone(panel, {
    title: `The family tree of the checkpoints: ${findings.run}`,
    description: tree.alternative,
    id: 'figure',
    background: 'white',
  }).text;
}

interface DrawnPanel {
  readonly panel: Panel;
  readonly description: string;
}

function overviewFigure(scope: Scope, draw: (chart: Chart) => Panel): DrawnPanel {
  const measures = overviewOf(scope.findings);
  const said = measures.map((measure) =>
    estimatesInWords(scope, measure, measureScope(scope, measure).notation),
  );
  return { panel: draw(overviewChart(scope, measures)), description: said.join(' ') };
}

function measureFigure(
  scope: Scope,
  measure: MeasureFindings,
  draw: (chart: Chart) => Panel,
  width: number,
): DrawnPanel {
  const { notation } = measureScope(scope, measure);
  const estimates = isMeasured(measure)
    ? draw(estimatesChart(scope, measure, notation))
    : notePanel('Not measured at any stage.', width);
  const panels = [headingPanel(measure.title, width), estimates];
  const said = [estimatesInWords(scope, measure, notation)];
  // A matrix of pairs is a table, not a picture; a report holds it.
  if (isCompared(measure) && areFew(measure.contrasts, measure.stages)) {
    panels.push(headingPanel('Paired differences', width), draw(differencesChart(scope, measure, notation)));
    said.push(differencesInWords(scope, measure, notation));
  }
  return { panel: stacked(panels, 10), description: said.join(' ') };
}
