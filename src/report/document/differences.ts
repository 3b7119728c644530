import type { Contrast } from '../../findings/contrast-findings.ts';
import type { MeasureFindings } from '../../findings/findings.ts';
import { onOneChain } from '../../findings/lineage.ts';
import { capitalised, equivalenceP, inSentence, NONE, type Notation } from '../../format/index.ts';
import { areFew, isCompared, reasonsBehind, VERDICT_ORDER, verdictCounts } from '../outline.ts';
import { verdictAsRated } from './as-rated.ts';
import { type Block, type Cell, heading, joinTexts, numbers, paragraph, type Table, words } from './block.ts';
import type { RowChart } from './chart.ts';
import { detail, type MeasureScope, type Scope } from './scope.ts';

const TABLE = 'Table of differences, with p values and the smallest margins shown';

/** The paired differences: as an interval plot and a table where they are few, as a matrix where they are many. */
export function differences(scope: MeasureScope): Block[] {
  const { measure, pair } = scope;
  const { contrasts, stages } = measure;
  if (contrasts.length === 0) return [];
  if (!areFew(contrasts, stages)) return [heading(4, 'Paired differences'), ...manyDifferences(scope)];
  return [
    heading(4, 'Paired differences'),
    isCompared(measure) ? drawn(scope) : detail(scope, TABLE, listing(scope)),
    ...reasonsBehind(contrasts, pair).map((reason) => paragraph(reason, { tone: 'soft' })),
  ];
}

function drawn(scope: MeasureScope): Block {
  const { measure, notation, long } = scope;
  return {
    kind: 'figure',
    chart: differencesChart(scope, measure, notation),
    alternative: differencesInWords(scope, measure, notation),
    caption: `${whatMinusWhat(scope)} on the same samples: 95% (thin) and 90% (thick) intervals. The shaded band holds the differences that count as the same.`,
    ...(long ? { fold: TABLE } : {}),
    table: listing(scope),
  };
}

/** Which way the differences of a measure are taken. */
function whatMinusWhat({ findings, measure }: MeasureScope): string {
  const along = measure.contrasts.filter((contrast) => onOneChain(findings.chains, contrast)).length;
  if (along === measure.contrasts.length) return 'Later minus earlier stage';
  const beside = 'of “A against B” A minus B';
  return along === 0 ? capitalised(beside) : `Later minus earlier stage, and ${beside},`;
}

function listing({ measure, notation, unit, pair, number }: MeasureScope): Table {
  const { margin } = measure.contrasts[0]!;
  const ratios = measure.contrasts.some(({ ratio }) => ratio !== undefined);
  const led = measure.contrasts.some(({ raw }) => raw !== undefined);
  return {
    kind: 'table',
    caption: `Differences in ${inSentence(measure.title)} between stages`,
    columns: [
      words('Comparison'),
      words(margin === null ? 'Verdict' : `Verdict at ±${notation.size(margin)}`),
      numbers(`Difference${unit}`, { strong: true }),
      numbers('95% interval'),
      ...(led ? [words('As rated', { on: 'wide' })] : []),
      ...(ratios ? [numbers('Times as often', { on: 'wide' })] : []),
      numbers('p of equivalence', { on: 'wide' }),
      numbers(`Smallest margin shown${unit}`, { on: 'wide' }),
    ],
    rows: measure.contrasts.map((contrast, index) => {
      const to = (written: string) => [number('difference', written, index)];
      return {
        about: { from: contrast.from, to: contrast.to },
        cells: [
          pair(contrast),
          [{ verdict: contrast.verdict }],
          to(notation.change(contrast.difference)),
          to(notation.changeInterval(contrast.interval)),
          ...(led ? [verdictAsRated(contrast, notation)?.replace('as rated ', '') ?? NONE] : []),
          ...(ratios ? [to(timesAsOften(contrast))] : []),
          to(equivalenceP(contrast.pEquivalence)),
          to(notation.within(contrast.smallestMargin)),
        ],
      };
    }),
  };
}

/** `4.2 [1.5, 12]`: how many times as often as in the stage that it is compared with, with its 95% interval. */
function timesAsOften({ ratio }: Contrast): string {
  if (ratio === undefined || ratio.estimate === null) return NONE;
  const [low, high] = ratio.interval;
  const times = (x: number) => String(Number(x.toPrecision(2)));
  return `${times(ratio.estimate)} [${times(low)}, ${high === null ? '∞' : times(high)}]`;
}

/** How often each verdict was reached, and every pair of stages in one table: column minus row. */
function manyDifferences({ measure, notation, unit, name, number }: MeasureScope): Block[] {
  const { contrasts, stages } = measure;
  const times = verdictCounts(contrasts).map(({ verdict, times: n }) => `${n} ${verdict}`);
  const { from, to } = contrasts[0]!;
  const places = new Map(contrasts.map((contrast, index) => [`${contrast.from} ${contrast.to}`, index]));
  const rows = stages.filter(({ id }) => contrasts.some((contrast) => contrast.from === id));
  const columns = stages.filter(({ id }) => contrasts.some((contrast) => contrast.to === id));
  const cell = (row: string, column: string): Cell => {
    const index = places.get(`${row} ${column}`);
    if (index === undefined) return { text: '', shade: 'none' };
    const { verdict, difference } = contrasts[index]!;
    return {
      text: [{ verdict, brief: true }, ' ', number('difference', notation.change(difference), index)],
      shade: SHADES[verdict],
    };
  };
  const marks = VERDICT_ORDER.filter((verdict) => contrasts.some((contrast) => contrast.verdict === verdict));
  return [
    paragraph(`${contrasts.length} pairs: ${times.join(', ')}.`),
    paragraph(`Compare some of them by their ids: --stages ${from},${to}`, { tone: 'soft' }),
    {
      kind: 'table',
      form: 'matrix',
      page: true,
      caption: `Differences in ${inSentence(measure.title)}${unit && `, in${unit.slice(1)}`}: column minus row`,
      columns: [words('Minus'), ...columns.map(({ id }) => numbers(name(id)))],
      rows: rows.map((row) => ({
        about: { stage: row.id },
        cells: [name(row.id), ...columns.map((column) => cell(row.id, column.id))],
      })),
    },
    paragraph(
      joinTexts(
        marks.map((verdict) => ({ verdict })),
        '  ',
      ),
      { tone: 'soft', page: true },
    ),
  ];
}

const ENDS = {
  lower: ['← safer', 'less safe →'],
  higher: ['← less safe', 'safer →'],
  unknown: ['← lower', 'higher →'],
} as const;

const SHADES = {
  equivalent: 'same',
  'different but within the margin': 'same',
  different: 'some',
  'materially different': 'material',
  'not less safe': 'open',
  inconclusive: 'open',
  'not compared': 'open',
} as const;

/** Each paired difference with its intervals against the band of differences that count as none. */
export function differencesChart({ pair }: Scope, measure: MeasureFindings, notation: Notation): RowChart {
  const { contrasts, range, safer } = measure;
  const span = range[1] - range[0];
  const margin = contrasts[0]?.margin ?? null;
  const reach = contrasts.flatMap((contrast) => [
    ...(contrast.interval ?? []),
    ...(contrast.interval90 ?? []),
    ...(contrast.margin === null ? [] : [-contrast.margin, contrast.margin]),
  ]);
  const rate = notation.unit !== null;
  return {
    kind: 'rows',
    scale: {
      holds: [0, ...reach.map((x) => x * 1.04)],
      bounds: [-span, span],
      ticks: { factor: rate ? 100 : 1, suffix: '', signed: true },
      title: `difference${rate ? ', percentage points' : ''}${margin === null ? '' : `; shaded: within ±${notation.size(margin)}`}`,
      ends: ENDS[safer ?? 'unknown'],
      ...(margin === null ? {} : { band: [-margin, margin] as const }),
    },
    rows: contrasts.map((contrast) => ({
      label: pair(contrast),
      shape: { verdict: contrast.verdict },
      value: contrast.difference,
      interval: contrast.interval,
      inner: contrast.interval90,
      why: contrast.why ?? 'not compared',
      words: [
        { strong: contrast.verdict },
        ...(contrast.difference === null ? [] : [{ soft: withInterval(contrast, notation) }]),
        ...[verdictAsRated(contrast, notation)].flatMap((rated) => (rated === null ? [] : [{ soft: rated }])),
      ],
    })),
  };
}

function withInterval({ difference, interval }: Contrast, notation: Notation): string {
  return `${notation.change(difference)} ${notation.changeInterval(interval)}`;
}

/** The figure in words: a clause for each difference. */
export function differencesInWords({ pair }: Scope, measure: MeasureFindings, notation: Notation): string {
  const clauses = measure.contrasts.map((contrast) =>
    contrast.difference === null
      ? `${pair(contrast)} not compared`
      : `${pair(contrast)} ${notation.changeInWords(contrast.difference)} ${notation.changeInterval(contrast.interval)}, ${contrast.verdict}`,
  );
  return `Paired differences in ${measure.title} with 95% intervals: ${clauses.join('; ')}.`;
}
