import type { Interval, MeasureFindings } from '../../findings/findings.ts';
import type { CorrectedFindings } from '../../findings/label-findings.ts';
import { count, counted, inSentence, listed, NONE, type Notation } from '../../format/index.ts';
import { reasonsAt } from '../outline.ts';
import { type Block, heading, numbers, paragraph, type Table, words } from './block.ts';
import type { ChartRow, ChartScale, RowChart } from './chart.ts';
import { hasMissing } from './missing.ts';
import type { MeasureScope, Scope } from './scope.ts';

/** Every stage with its estimate and interval. */
export function estimates(scope: MeasureScope): Block[] {
  const { measure, notation, name, number, long } = scope;
  const lacking = hasMissing(measure);
  const rows = measure.stages.map((stage, index) => {
    const to = (written: string) => number('estimate', written, index);
    const { trials, missing } = stage;
    return {
      about: { stage: stage.id },
      cells: [
        name(stage.id),
        [to(notation.value(stage.estimate))],
        [stage.estimate === null ? 'not measured' : to(notation.interval(stage.interval))],
        [to(count(stage.n))],
        [to(count(stage.clusters))],
        [to(count(trials))],
        ...(lacking ? [[number('missing', lostOf(missing.trials, trials))]] : []),
      ],
    };
  });
  const diamonds = diamondsOf(measure);
  return [
    heading(4, 'By stage'),
    {
      kind: 'figure',
      chart: estimatesChart(scope, measure, notation),
      alternative: estimatesInWords(scope, measure, notation),
      caption: `${measure.title} at each stage, with 95% intervals that count clusters of alike samples.${diamonds}`,
      ...(long ? { fold: 'Table by stage, with samples, clusters and trials' } : {}),
      table: {
        kind: 'table',
        caption: `${measure.title} by stage`,
        columns: [
          words('Stage'),
          numbers('Estimate', { strong: true }),
          numbers('95% interval'),
          numbers('Samples'),
          numbers('Clusters', { on: 'wide' }),
          numbers('Trials', { on: 'page' }),
          ...(lacking ? [numbers('Missing trials')] : []),
        ],
        rows,
      },
    },
    ...reasonsAt(measure.stages, name).map((reason) => paragraph(reason, { tone: 'soft' })),
    ...runSpread(scope),
    ...labelCounts(scope),
  ];
}

/** Of trials, not of samples: `67 of 336`. */
function lostOf(lost: number, rated: number): string {
  return lost === 0 ? '0' : `${count(lost)} of ${count(rated + lost)}`;
}

/** What each training run came to, where a stage has several. */
function runSpread({ measure, notation, name }: MeasureScope): Block[] {
  return measure.stages.flatMap(({ id, runs }) => {
    if (runs === undefined) return [];
    const each = listed(runs.values.map((value) => notation.value(value)));
    return [
      paragraph(
        `${counted(runs.values.length, 'training run')} of ${name(id)}: ${each}; standard deviation ${notation.exactly.size(runs.standardDeviation)}.`,
        { tone: 'soft' },
      ),
    ];
  });
}

/** How often each label was given, where the rater gives labels. */
function labelCounts({ measure, name }: MeasureScope): Block[] {
  const labels = [...new Set(measure.stages.flatMap((stage) => Object.keys(stage.labels ?? {})))].sort();
  if (labels.length === 0) return [];
  const table: Table = {
    kind: 'table',
    caption: `How often ${inSentence(measure.title)} was given each label`,
    columns: [words('Stage'), ...labels.map((label) => numbers(label))],
    rows: measure.stages.map((stage) => ({
      about: { stage: stage.id },
      cells: [
        name(stage.id),
        ...labels.map((label) => (stage.labels === undefined ? NONE : count(stage.labels[label] ?? 0))),
      ],
    })),
  };
  return [{ kind: 'fold', summary: 'Labels that were given', blocks: [table] }];
}

/** What the open diamonds are; nothing where there are none. */
function diamondsOf({ stages, corrected }: MeasureFindings): string {
  if (stages.some(({ raw }) => raw !== undefined))
    return ' Bars: corrected by labels; open diamonds: as rated.';
  return corrected ? ' Open diamonds: the estimates corrected by labels.' : '';
}

/** A bar for each stage with its 95% interval; beneath it, where labels correct it, the estimate as rated. */
export function estimatesChart(scope: Scope, measure: MeasureFindings, notation: Notation): RowChart {
  return {
    kind: 'rows',
    scale: estimatesScale(measure),
    rows: measure.stages.map((stage): ChartRow => {
      const { title, role } = scope.stageOf(stage.id);
      const beside = besideOf(stage, measure.corrected);
      const own =
        stage.estimate === null
          ? { soft: 'not measured' }
          : { strong: notation.value(stage.estimate), soft: notation.interval(stage.interval) };
      return {
        label: title,
        shape: { bar: role },
        value: stage.estimate,
        interval: stage.interval,
        ...(stage.why === undefined ? {} : { why: stage.why }),
        words: beside
          ? [
              own,
              {
                soft: `${beside.what} ${notation.value(beside.value)} ${notation.interval(beside.interval)}`,
              },
            ]
          : [own],
        ...(beside ? { beside: { value: beside.value, interval: beside.interval } } : {}),
      };
    }),
  };
}

/** From the natural zero (or the lowest value possible) to a little above the highest interval. */
export function estimatesScale({ range, kind, stages, corrected }: MeasureFindings): ChartScale {
  const [lowest, highest] = range;
  const rated = stages.flatMap(({ raw }) => raw ?? []);
  const reach = [...stages, ...rated, ...(corrected?.stages ?? [])].flatMap(({ interval, estimate }) => [
    ...(interval ?? []),
    ...(estimate === null ? [] : [estimate]),
  ]);
  return {
    holds: [lowest <= 0 && highest >= 0 ? 0 : lowest, ...reach],
    bounds: range,
    ticks:
      kind === 'rate'
        ? { factor: 100, suffix: '%', signed: false }
        : { factor: 1, suffix: '', signed: false },
  };
}

/** What stands beneath an estimate: as rated, where it is corrected; else what labels that do not lead correct it to. */
function besideOf(
  { id, raw }: MeasureFindings['stages'][number],
  found: CorrectedFindings | undefined,
): { readonly what: string; readonly value: number; readonly interval: Interval | null } | undefined {
  if (raw !== undefined)
    return raw.estimate === null
      ? undefined
      : { what: 'as rated', value: raw.estimate, interval: raw.interval };
  const stage = found?.stages.find((one) => one.id === id);
  return stage?.estimate != null && stage.interval !== null
    ? { what: 'corrected', value: stage.estimate, interval: stage.interval }
    : undefined;
}

/** The figure in a sentence, for those who cannot see it. */
export function estimatesInWords({ name }: Scope, measure: MeasureFindings, notation: Notation): string {
  const stages = measure.stages.map(({ id, estimate, interval }) =>
    estimate === null
      ? `${name(id)} was not measured`
      : `${name(id)} ${notation.value(estimate)} ${notation.interval(interval)}`,
  );
  return `Bars of ${measure.title} by stage with 95% intervals: ${stages.join('; ')}.`;
}
