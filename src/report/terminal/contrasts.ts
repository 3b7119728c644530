import type { Contrast, MeasureFindings } from '../../findings/findings.ts';
import { cells, left, notationOf, pValue, right, terminalLine } from '../../format/index.ts';
import { areFew, reasonsBehind, tally, VERDICT_SHAPES } from '../outline.ts';
import { hanging, type Page } from './page.ts';

/** From this width on comparisons show their p values and smallest margins too. */
const ROOMY = 110;

/** The paired differences with their verdicts; of many only how often each verdict was reached. */
export function contrastRows(measure: MeasureFindings, page: Page): string[] {
  const { contrasts } = measure;
  if (contrasts.length === 0) return [];
  if (!areFew(contrasts, measure.stages)) return manyContrasts(measure, page);
  const notation = notationOf(measure);
  const roomy = page.width >= ROOMY;
  const unit = notation.unit ? `, ${notation.unit}` : '';
  const heads = [`difference${unit}`, '95% interval', ...(roomy ? ['p equivalence', 'smallest margin'] : [])];
  const rows = contrasts.map((contrast) => ({
    contrast,
    cells: [
      notation.change(contrast.difference),
      notation.changeInterval(contrast.interval),
      ...(roomy ? [pValue(contrast.pEquivalence), notation.within(contrast.smallestMargin)] : []),
    ],
  }));
  const verdicts = Math.max(...contrasts.map(({ verdict }) => verdict.length + 2));
  const widths = heads.map((head, column) =>
    Math.max(roomy || column > 0 ? cells(head) : 0, ...rows.map((row) => cells(row.cells[column]!))),
  );
  const fixedPart = 2 + widths.reduce((sum, one) => sum + one + 2, 0) + 2 + verdicts;
  const { nameOf, room: names } = pairNames(contrasts, Math.max(16, page.width - fixedPart), page);
  // Where the column is too narrow for its heading, the heading leans into the room of the names.
  const first = right(heads[0]!, names + 2 + widths[0]!);
  const head = `  ${first}${heads
    .slice(1)
    .map((text, index) => `  ${right(text, widths[index + 1]!)}`)
    .join('')}  margin ±${notation.size(contrasts[0]!.margin)}`;
  return [
    '',
    page.soft(head),
    ...rows.map(({ contrast, cells: texts }) => {
      const said = `${VERDICT_SHAPES[contrast.verdict]} ${contrast.verdict}`;
      const verdict =
        contrast.verdict === 'inconclusive' || contrast.verdict === 'not compared'
          ? page.soft(said)
          : page.strong(said);
      const numbers = texts.map((text, column) => `  ${right(text, widths[column]!)}`).join('');
      return `  ${left(`${nameOf(contrast.from)} → ${nameOf(contrast.to)}`, names)}${numbers}  ${verdict}`;
    }),
    ...reasonsBehind(contrasts, page.name).flatMap((reason) => hanging(reason, '  ', page)),
  ];
}

/** Stages by their titles where all pairs fit, else by their ids, which are shorter. */
function pairNames(
  contrasts: readonly Contrast[],
  most: number,
  page: Page,
): { nameOf: (id: string) => string; room: number } {
  const widest = (nameOf: (id: string) => string) =>
    Math.max(...contrasts.map(({ from, to }) => cells(`${nameOf(from)} → ${nameOf(to)}`)));
  const nameOf = widest(page.name) <= most ? page.name : terminalLine;
  return { nameOf, room: Math.min(most, widest(nameOf)) };
}

/** Too many pairs to list: how often each verdict was reached, and how to see some of them. */
function manyContrasts({ contrasts }: MeasureFindings, page: Page): string[] {
  const times = tally(contrasts).map(({ verdict, times: n }) => `${n} ${verdict}`);
  const { from, to } = contrasts[0]!;
  return [
    '',
    ...hanging(`${contrasts.length} pairs: ${times.join(', ')}.`, '  ', page),
    ...hanging(`Compare some of them by their ids: --stages ${from},${to}`, '  ', page),
  ];
}
