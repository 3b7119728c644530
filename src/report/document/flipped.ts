import type { FlippedFindings } from '../../findings/part-findings.ts';
import { counted } from '../../format/index.ts';
import { mainContrasts } from '../outline.ts';
import { type Block, heading, numbers, paragraph, type Table, words } from './block.ts';
import type { MeasureScope } from './scope.ts';

/** So many are shown; the rest is folded away. */
const SHOWN = 20;

/** The samples that changed between the stages of the main comparisons, the worst first. */
export function flipped(scope: MeasureScope): Block[] {
  const { findings, measure, pair, long } = scope;
  const main = mainContrasts(findings, measure);
  const found = (measure.flipped ?? []).filter(
    ({ from, to, samples }) =>
      samples.length > 0 && main.some((contrast) => contrast.from === from && contrast.to === to),
  );
  if (found.length === 0) return [];
  const blocks = found.flatMap((one) => {
    const all = one.up + one.down;
    const [shown, rest] = [one.samples.slice(0, SHOWN), one.samples.slice(SHOWN)];
    const notListed =
      all > one.samples.length
        ? ` ${counted(all - one.samples.length, 'more')} are listed by \`stemma findings RUN --flipped ${measure.id}\`.`
        : '';
    return [
      paragraph(`${pair(one)}: ${one.up} rose and ${one.down} fell.${notListed}`, { page: true }),
      tableOf(scope, one, shown),
      ...(rest.length === 0
        ? []
        : [
            {
              kind: 'fold' as const,
              summary: `${counted(rest.length, 'more sample')} that changed, ${pair(one)}`,
              blocks: [tableOf(scope, one, rest)],
            },
          ]),
    ];
  });
  return long
    ? [{ kind: 'fold', summary: 'Samples that changed', heading: true, blocks }]
    : [heading(4, 'Samples that changed'), ...blocks];
}

function tableOf(
  { measure, notation, unit, name, pair }: MeasureScope,
  { from, to }: FlippedFindings,
  samples: FlippedFindings['samples'],
): Table {
  return {
    kind: 'table',
    page: true,
    caption: `Samples whose ${measure.title} changed, ${pair({ from, to })}, the worst first`,
    columns: [
      words('Sample'),
      words('Cluster'),
      numbers(name(from)),
      numbers(name(to)),
      numbers(`Change${unit}`, { strong: true }),
    ],
    rows: samples.map((one) => ({
      about: { measure: measure.id, rater: measure.rater, from, to, sample: one.sample },
      cells: [
        one.sample,
        one.cluster,
        notation.value(one.from),
        notation.value(one.to),
        notation.change(one.change),
      ],
    })),
  };
}
