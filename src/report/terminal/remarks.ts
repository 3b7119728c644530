import type { MeasureFindings, ShareFindings } from '../../findings/findings.ts';
import {
  cells,
  clipped,
  coefficient,
  count,
  counted,
  left,
  listed,
  notationOf,
  percent,
  percentInterval,
  pInWords,
  right,
  terminalLine,
} from '../../format/index.ts';
import { hasMissing, REASONS, robustness, samplesOfShares } from '../missingness.ts';
import { areFew, reasonsAt } from '../outline.ts';
import { sensitivityInWords } from '../sensitivity.ts';
import { hanging, type Page } from './page.ts';

/** What else is to be known of a measure, a line each: shares, what is missing, agreement, the correction. */
export function remarks(measure: MeasureFindings, page: Page): string[] {
  const said = [
    shares(measure, page),
    missing(measure, page),
    corrected(measure, page),
    agreement(measure),
    sensitivity(measure),
  ];
  const there = said.filter((remark) => remark !== null);
  return there.length === 0 ? [] : ['', ...there.flatMap((remark) => hanging(remark, '  ', page))];
}

function shares(measure: MeasureFindings, page: Page): string | null {
  const found = measure.shares;
  if (found === undefined) return null;
  if (!found.identified) return `Share of each stage not identified: ${found.why}.`;
  return `Share of the change of ${sharesTold(measure, found, page)}.`;
}

/** `+36.7 points from A to C: B 69% [55, 83]; C 31% [17, 45]`, and on which samples, where the differences are on others. */
function sharesTold(measure: MeasureFindings, found: ShareFindings, page: Page): string {
  const parts = found.parts.map(
    ({ to, share, interval }) =>
      `${page.name(to)} ${percent(share)}${interval === null ? ' (unbounded)' : ` ${percentInterval(interval)}`}`,
  );
  const total = notationOf(measure).changeInWords(found.total);
  return `${total} from ${page.name(found.from)} to ${page.name(found.to)}${samplesOfShares(measure, found)}: ${parts.join('; ')}`;
}

/** The corrected shares; nothing where neither these nor those as rated are known. */
function correctedShares(measure: MeasureFindings, page: Page): string {
  const found = measure.corrected?.shares;
  if (found === undefined || (!found.identified && !measure.shares?.identified)) return '';
  if (!found.identified) return ` Corrected share of each stage not identified: ${found.why}.`;
  const alone = found.lambdas === null ? ` (${found.remark})` : '';
  return ` Share of the corrected change of ${sharesTold(measure, found, page)}${alone}.`;
}

function missing(measure: MeasureFindings, page: Page): string | null {
  if (!hasMissing(measure)) return null;
  const lost = REASONS.map(([reason, words]) => ({
    words,
    times: measure.stages.reduce((sum, stage) => sum + (stage.missing[reason] ?? 0), 0),
  })).filter(({ times }) => times > 0);
  const total = measure.stages.reduce((sum, stage) => sum + stage.missing.trials, 0);
  return `${counted(total, 'trial')} without a value: ${listed(lost.map(({ words, times }) => `${count(times)} ${words}`))}. ${robustness(measure, page.name)}`;
}

function corrected(measure: MeasureFindings, page: Page): string | null {
  const found = measure.corrected;
  if (found === undefined) return null;
  const notation = notationOf(measure);
  const stages = found.stages.map(
    ({ id, estimate, interval, labels, lambda }) =>
      `${page.name(id)} ${notation.value(estimate)} ${notation.interval(interval)} (${counted(labels, 'label')}${lambda === null && estimate !== null ? ' alone' : ''})`,
  );
  const differing = found.contrasts.filter(({ errorP }) => errorP !== null && errorP < 0.05);
  const smallest = Math.min(...differing.map(({ errorP }) => errorP!));
  const mistakes =
    differing.length === 0
      ? ''
      : ` The mistakes of ${measure.rater} differ by stage (${differing.length} of ${counted(found.contrasts.length, 'comparison')}, smallest ${pInWords(smallest)}).`;
  const why = reasonsAt(found.stages, page.name).map((reason) => ` ${reason}`);
  return `Corrected by ${found.human}: ${stages.join('; ')}.${why.join('')}${correctedDifferences(measure, page)}${correctedShares(measure, page)}${mistakes}`;
}

/** The corrected differences with their verdicts, where they are few. */
function correctedDifferences(measure: MeasureFindings, page: Page): string {
  const { contrasts } = measure.corrected!;
  const known = contrasts.filter(({ difference, interval }) => difference !== null && interval !== null);
  if (known.length === 0 || !areFew(contrasts, measure.stages)) return '';
  const notation = notationOf(measure);
  const said = known.map(
    ({ from, to, difference, interval, verdict }) =>
      `${page.name(from)} → ${page.name(to)} ${notation.change(difference)} ${notation.changeInterval(interval)}, ${verdict}`,
  );
  return ` Differences: ${said.join('; ')}.`;
}

function agreement({ agreement: found }: MeasureFindings): string | null {
  if (found === undefined) return null;
  const ac1 = found.ac1 === null ? '' : `, AC1 ${coefficient(found.ac1)}`;
  return `Agreement of ${listed(found.raters)}: alpha ${coefficient(found.alpha)} (${found.level})${ac1}, on ${counted(found.units, 'trial')}.`;
}

function sensitivity({ sensitivity: found }: MeasureFindings): string | null {
  return found === undefined ? null : sensitivityInWords(found);
}

/** What the other raters say: their estimates in a table where it fits, and what human labels make of them. */
export function otherRaters(others: readonly MeasureFindings[], page: Page): string[] {
  if (others.length === 0) return [];
  const fixed = others.map((other) => ({ rater: other.rater, remark: corrected(other, page) }));
  return [
    '',
    ...(raterTable(others, page) ?? others.flatMap((other) => hanging(inOneLine(other, page), '  ', page))),
    ...fixed.flatMap(({ rater, remark }) =>
      remark === null ? [] : hanging(`${rater}: ${remark}`, '  ', page),
    ),
  ];
}

function raterTable(others: readonly MeasureFindings[], page: Page): string[] | null {
  const stages = others[0]!.stages.map(({ id }) => id);
  const columns = others.map((other) => {
    const notation = notationOf(other);
    const texts = stages.map((id) =>
      notation.value(other.stages.find((stage) => stage.id === id)?.estimate ?? null),
    );
    const head = clipped(terminalLine(other.rater), 20);
    return { head, texts, room: Math.max(cells(head), ...texts.map(cells)) };
  });
  const title = 'as rated by';
  const names = Math.max(cells(title), ...stages.map((id) => cells(page.name(id))));
  if (2 + names + columns.reduce((sum, { room }) => sum + room + 2, 0) > page.width) return null;
  const line = (first: string, cellOf: (column: (typeof columns)[number]) => string) =>
    `  ${left(first, names)}${columns.map((column) => `  ${right(cellOf(column), column.room)}`).join('')}`;
  return [
    page.soft(line(title, ({ head }) => head)),
    ...stages.map((id, row) => line(page.name(id), ({ texts }) => texts[row]!)),
  ];
}

function inOneLine(measure: MeasureFindings, page: Page): string {
  const notation = notationOf(measure);
  const stages = measure.stages.map(({ id, estimate }) => `${page.name(id)} ${notation.value(estimate)}`);
  return `As rated by ${measure.rater}: ${stages.join('; ')}.`;
}
