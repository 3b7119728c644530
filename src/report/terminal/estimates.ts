import type { MeasureFindings, StageEstimate } from '../../findings/findings.ts';
import { cells, count, left, type Notation, notationOf, right } from '../../format/index.ts';
import { estimatesDomain } from '../figure/estimates.ts';
import { hasMissing } from '../missingness.ts';
import { drawBar } from './bar.ts';
import type { Page } from './page.ts';

const SHORTEST_BAR = 12;
const LONGEST_BAR = 60;

/** Every stage with its estimate, interval and a bar. */
export function estimateRows(measure: MeasureFindings, page: Page): string[] {
  const notation = notationOf(measure);
  const anyMissing = hasMissing(measure);
  const rows = measure.stages.map((stage) => ({
    stage,
    cells: [
      notation.value(stage.estimate),
      stage.estimate === null ? 'not measured' : notation.interval(stage.interval),
      count(stage.n),
      ...(anyMissing ? [lost(stage)] : []),
    ],
  }));
  const heads = ['', '95% interval', 'samples', ...(anyMissing ? ['missing trials'] : [])];
  const widths = heads.map((head, column) =>
    Math.max(cells(head), ...rows.map((row) => cells(row.cells[column]!))),
  );
  const numbers = widths.reduce((sum, one) => sum + one + 2, 0);
  const names = Math.min(
    Math.max(...measure.stages.map(({ id }) => cells(page.name(id)))),
    Math.max(12, page.width - 2 - numbers),
  );
  const room = Math.min(LONGEST_BAR, page.width - 2 - names - numbers - 2);
  const { domain } = estimatesDomain(measure, 5);
  const scale = room >= SHORTEST_BAR ? `  ${scaleLine(domain, notation, room)}` : '';
  const head = `  ${' '.repeat(names)}${heads.map((text, column) => `  ${right(text, widths[column]!)}`).join('')}`;
  return [
    page.soft(head + scale),
    ...rows.map(({ stage, cells: texts }) => {
      const numbersText = texts.map((text, column) => `  ${right(text, widths[column]!)}`);
      const line = `  ${left(page.name(stage.id), names)}${page.strong(numbersText[0]!)}${numbersText.slice(1).join('')}`;
      if (stage.estimate === null || room < SHORTEST_BAR) return line;
      const bar = drawBar(stage.estimate, stage.interval, domain, room);
      return `${line}  ${page.stage(page.stageOf(stage.id).role, bar.solid)}${bar.interval}`;
    }),
  ];
}

/** Of trials, not of samples: `67 of 336`. */
function lost({ trials, missing }: StageEstimate): string {
  return missing.trials === 0 ? '0' : `${count(missing.trials)} of ${count(trials + missing.trials)}`;
}

/** The two ends of the scale above the bars. */
function scaleLine([low, high]: readonly [number, number], notation: Notation, room: number): string {
  const [a, b] = [notation.tick(low), notation.tick(high)];
  return a + right(b, room - cells(a));
}
