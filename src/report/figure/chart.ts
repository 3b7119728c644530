import { html } from '../../format/index.ts';
import type { Chart, ColumnChart } from '../document/chart.ts';
import { columnsPanel, namesFit } from './columns.ts';
import { label, type Panel, stacked } from './draw.ts';
import { rowsPanel } from './rows.ts';
import { wrapped } from './text-width.ts';
import { treePanel } from './tree.ts';

/**
 * A chart as a drawing of this width.
 *
 * @param id unique in the page: patterns of the drawing are named by it
 */
export function chartPanel(chart: Chart, width: number, id: string): Panel {
  if (chart.kind === 'tree') return treePanel(chart, width, id);
  return chart.kind === 'rows' ? rowsPanel(chart, width, id) : panelsOf(chart, width, id);
}

/** Columns beside each other; as rows under each other where names are too long for columns. */
function panelsOf(chart: ColumnChart, width: number, id: string): Panel {
  const { panels, note } = chart;
  const drawn = namesFit(chart)
    ? panels.length === 0
      ? []
      : [columnsPanel(panels, width, id)]
    : panels.flatMap(({ title, scale, columns }) => [
        headingPanel(title, width),
        rowsPanel({ kind: 'rows', scale, rows: columns }, width, id),
      ]);
  return stacked([...drawn, ...(note === undefined ? [] : [notePanel(note, width)])], 8);
}

export function headingPanel(text: string, width: number): Panel {
  return linesPanel(wrapped(text, width, 13, 2), width, 'strong');
}

export function notePanel(text: string, width: number): Panel {
  return linesPanel(wrapped(text, width, 11.5, 6), width, 'soft small');
}

function linesPanel(lines: readonly string[], width: number, style: string): Panel {
  return {
    width,
    height: 17 * lines.length + 3,
    drawing: html`${lines.map((words, index) => label(0, 13 + 17 * index, words, style))}`,
  };
}
