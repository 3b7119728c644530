import type { CorrectedFindings, Interval, MeasureFindings } from '../../findings/findings.ts';
import { count, inSentence, NONE, type Notation } from '../../format/index.ts';
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
  const diamonds = measure.corrected ? ' Open diamonds: the estimates corrected by human labels.' : '';
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
    ...labelCounts(scope),
  ];
}

/** Of trials, not of samples: `67 of 336`. */
function lostOf(lost: number, rated: number): string {
  return lost === 0 ? '0' : `${count(lost)} of ${count(rated + lost)}`;
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

/** A bar for each stage with its 95% interval; beneath it, where there is one, the estimate corrected by human labels. */
export function estimatesChart(scope: Scope, measure: MeasureFindings, notation: Notation): RowChart {
  return {
    kind: 'rows',
    scale: estimatesScale(measure),
    rows: measure.stages.map((stage): ChartRow => {
      const { title, role } = scope.stageOf(stage.id);
      const corrected = correctedAt(measure.corrected, stage.id);
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
        words: corrected
          ? [
              own,
              {
                soft: `corrected ${notation.value(corrected.value)} ${notation.interval(corrected.interval)}`,
              },
            ]
          : [own],
        ...(corrected ? { corrected } : {}),
      };
    }),
  };
}

/** From the natural zero (or the lowest value possible) to a little above the highest interval. */
export function estimatesScale({ range, kind, stages, corrected }: MeasureFindings): ChartScale {
  const [lowest, highest] = range;
  const reach = [...stages, ...(corrected?.stages ?? [])].flatMap(({ interval, estimate }) => [
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

function correctedAt(
  found: CorrectedFindings | undefined,
  id: string,
): { readonly value: number; readonly interval: Interval } | undefined {
  const stage = found?.stages.find((one) => one.id === id);
  return stage?.estimate != null && stage.interval !== null
    ? { value: stage.estimate, interval: stage.interval }
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
