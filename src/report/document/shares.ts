import type { ShareFindings } from '../../findings/contrast-findings.ts';
import type { Interval } from '../../findings/findings.ts';
import type { CorrectedFindings } from '../../findings/label-findings.ts';
import { branchesOf } from '../../findings/lineage.ts';
import {
  counted,
  inSentence,
  listed,
  type Notation,
  percent,
  percentInterval,
  pValue,
} from '../../format/index.ts';
import {
  type Block,
  heading,
  numbers,
  paragraph,
  strong,
  type Table,
  type Text,
  text,
  words,
} from './block.ts';
import type { ChartRow, RowChart } from './chart.ts';
import type { MeasureScope } from './scope.ts';

type SharePart = ShareFindings['parts'][number];

/** Which stage carried the change from first to last, as rated: along every chain. */
export function shares(scope: MeasureScope): Block[] {
  return branchesOf(scope.measure).flatMap((found, branch) => {
    const along: Along = { found, corrected: scope.measure.corrected, what: 'shares', branch };
    const table = stepsTable(scope, along);
    return [
      heading(4, `Which stage carried the change${ofChain(scope, found)}`),
      paragraph(wholeChange(scope, along)),
      ...(table === null ? [] : [drawn(scope, along, table)]),
    ];
  });
}

/** The same by the corrected changes, beside the shares as rated. */
export function correctedShares(scope: MeasureScope, corrected: CorrectedFindings): Block[] {
  return branchesOf(corrected).flatMap((found, branch) => {
    const along: Along = { found, corrected, what: 'corrected-shares', branch };
    // Where they lead they stand above, with the shares as rated beside them.
    const leads = branchesOf(scope.measure)[branch]?.raw !== undefined;
    const table = stepsTable(scope, along);
    return [
      ...(leads ? [] : [paragraph(wholeChange(scope, along)), ...(table === null ? [] : [table])]),
      ...(found.remark === undefined ? [] : [paragraph(`Shares: ${found.remark}.`, { tone: 'soft' })]),
    ];
  });
}

/** The shares along one of the chains, as rated or corrected. */
interface Along {
  readonly found: ShareFindings;
  readonly corrected: CorrectedFindings | undefined;
  readonly what: 'shares' | 'corrected-shares';
  /** Which of the chains that have shares it is. */
  readonly branch: number;
}

/** ` from Base to RL-A`, where there are several chains; else nothing. */
export function ofChain({ findings, name }: MeasureScope, { from, to }: ShareFindings): string {
  return findings.chains.length > 1 ? ` from ${name(from)} to ${name(to)}` : '';
}

/** How large the whole change is, and why it cannot be divided, where it cannot. */
function wholeChange(scope: MeasureScope, { found, what, branch }: Along): Text {
  const { notation, name, number } = scope;
  const corrected = what === 'corrected-shares' || found.raw !== undefined;
  const refused = text`${strong(`${corrected ? 'Corrected share' : 'Share'} not identified`)}: ${found.why}.`;
  if (found.total === null) return refused;
  return text`${corrected ? 'Corrected, the' : 'The'} whole change from ${name(found.from)} to ${name(found.to)} is ${number(what, notation.changeInWords(found.total), branch)} ${number(what, notation.changeInterval(found.totalInterval), branch)}${samplesOfShares(scope.measure, found)}.${
    found.identified ? null : text` ${refused} What each stage changed is below instead.`
  }`;
}

/**
 * ` on the 161 samples with a value in every stage`, where the comparisons of the same stages are on others: their
 * differences are then not those that shares are made of. Else nothing.
 */
export function samplesOfShares({ contrasts }: MeasureScope['measure'], found: ShareFindings): string {
  const differ = contrasts.some(
    ({ from, to, n }) =>
      n !== found.n && [found, ...found.parts].some((part) => part.from === from && part.to === to),
  );
  return differ ? ` on the ${counted(found.n, 'sample')} with a value in every stage` : '';
}

function stepsTable(
  { measure, notation, unit, pair, number }: MeasureScope,
  { found, what, branch }: Along,
): Table | null {
  if (found.parts.length === 0) return null;
  const corrected = what === 'corrected-shares';
  const rated = corrected ? branchesOf(measure)[branch] : found.raw;
  const beside = found.identified && rated?.identified ? rated.parts : null;
  const least = [...new Set(found.parts.map(({ carried }) => percent(carried.atLeast)))];
  const named = (head: string) => (corrected ? `Corrected ${head.toLowerCase()}` : head);
  const to = (written: string) => [number(what, written, branch)];
  return {
    kind: 'table',
    caption: `What each stage carried of the change in ${inSentence(measure.title)}${corrected || found.raw ? ', corrected by labels' : ''}`,
    columns: [
      words('Step'),
      numbers(`${named('Change')}${unit}`),
      numbers('95% interval'),
      ...(beside ? [numbers('Share as rated', { on: 'wide' })] : []),
      ...(found.identified ? [numbers(named('Share'), { strong: true }), numbers('95% interval')] : []),
      numbers(`p, carried less than ${listed(least)}`, { on: 'page' }),
    ],
    rows: found.parts.map((part, step) => ({
      about: { from: part.from, to: part.to },
      cells: [
        pair(part),
        to(notation.change(part.change)),
        to(notation.changeInterval(part.changeInterval)),
        ...(beside ? [[number('shares', percent(beside[step]!.share), branch)]] : []),
        ...(found.identified
          ? [
              to(percent(part.share)),
              part.interval === null ? 'unbounded' : to(percentInterval(part.interval)),
            ]
          : []),
        to(pValue(part.carried.p)),
      ],
    })),
  };
}

function drawn(scope: MeasureScope, along: Along, table: Table): Block {
  const { measure, name, long } = scope;
  const { found } = along;
  const beside = found.raw ?? branchesOf(along.corrected ?? {})[along.branch];
  const [bars, open] =
    found.raw === undefined ? ['as rated', 'corrected by labels'] : ['corrected by labels', 'as rated'];
  const diamonds =
    beside?.identified || (!found.identified && beside?.parts.length)
      ? ` Bars: ${bars}; open diamonds: ${open}.`
      : '';
  const caption = found.identified
    ? `Share of the whole change from ${name(found.from)} to ${name(found.to)} that each stage carried, with 95% intervals (Fieller). Shares keep their sign and sum to 100%.`
    : `Change in ${inSentence(measure.title)} that each stage brought, with 95% intervals.`;
  const chart = sharesChart(scope, found, beside);
  const parts = chart.rows.map(
    (row) =>
      `${row.label} ${row.words.map((line) => [line.strong, line.soft].filter(Boolean).join(' ')).join(', ')}`,
  );
  const what = found.identified
    ? 'Share of the whole change that each stage carried'
    : 'Change that each stage brought';
  return {
    kind: 'figure',
    chart,
    alternative: `${what} in ${measure.title}, with 95% intervals: ${parts.join('; ')}.`,
    caption: `${caption}${diamonds}`,
    ...(long ? { fold: 'Table of steps, with shares and p values' } : {}),
    table,
  };
}

/** What each stage carried, with its sign: as a share of the total where that is identified, else as the change itself. */
function sharesChart(
  { measure, notation, stageOf }: MeasureScope,
  found: ShareFindings,
  beside: ShareFindings | undefined,
): RowChart {
  const { identified } = found;
  const span = measure.range[1] - measure.range[0];
  const rows = found.parts.map((part, step): ChartRow => {
    const { title, role } = stageOf(part.to);
    const [own, fellow] = [amountOf(part, identified, notation), beside?.parts[step]];
    const other = fellow === undefined ? null : amountOf(fellow, identified, notation);
    const known = other !== null && other.value !== null;
    const what = found.raw === undefined ? 'corrected' : 'as rated';
    return {
      label: title,
      shape: { bar: role },
      value: own.value,
      interval: own.interval,
      words: [own.words, ...(known ? [{ soft: `${what} ${other.words.strong} ${other.words.soft}` }] : [])],
      ...(known ? { beside: { value: other.value!, interval: other.interval } } : {}),
    };
  });
  const reach = rows
    .flatMap((row) => [row, ...(row.beside ? [row.beside] : [])])
    .flatMap(({ value, interval }) => [...(interval ?? []), ...(value === null ? [] : [value])]);
  return {
    kind: 'rows',
    scale: {
      holds: [0, ...(identified ? [1] : []), ...reach],
      bounds: identified ? [-10, 10] : [-span, span],
      ticks: identified
        ? { factor: 100, suffix: '%', signed: false }
        : { factor: notation.unit === null ? 1 : 100, suffix: '', signed: true },
      title: identified
        ? 'share of the whole change'
        : `change${notation.unit === null ? '' : ', percentage points'}`,
    },
    rows,
  };
}

interface Amount {
  readonly value: number | null;
  readonly interval: Interval | null;
  readonly words: { readonly strong: string; readonly soft: string };
}

function amountOf(part: SharePart, asShare: boolean, notation: Notation): Amount {
  return asShare
    ? {
        value: part.share,
        interval: part.interval,
        words: { strong: percent(part.share), soft: percentInterval(part.interval) },
      }
    : {
        value: part.change,
        interval: part.changeInterval,
        words: { strong: notation.change(part.change), soft: notation.changeInterval(part.changeInterval) },
      };
}
