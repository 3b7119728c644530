import { inSentence, percent, percentInterval, pValue } from '../../format/index.ts';
import { type Block, heading, numbers, paragraph, strong, type Table, text, words } from './block.ts';
import type { MeasureScope } from './scope.ts';

/** What each factor does, where the stages are made from factors. */
export function factorial(scope: MeasureScope): Block[] {
  const { measure } = scope;
  const found = measure.factorial;
  if (found === undefined) return [];
  const title = heading(4, 'What each factor does');
  if (found.why !== undefined) return [title, paragraph(`Not known: ${found.why}.`, { tone: 'soft' })];
  return [
    title,
    { kind: 'list', items: found.effects.map(({ words: said }) => `${said}.`) },
    effects(scope),
    ...(found.interactions.length > 0 ? [interactions(scope)] : []),
    ...shapley(scope),
  ];
}

function effects({ measure, notation, unit }: MeasureScope): Table {
  const found = measure.factorial!;
  return {
    kind: 'table',
    caption: `Main effects on ${inSentence(measure.title)}: a level in place of the first one, averaged over the other factors`,
    columns: [
      words('Factor'),
      words('Levels'),
      words('Verdict'),
      numbers(`Effect${unit}`, { strong: true }),
      numbers('95% interval'),
      numbers('p', { on: 'wide' }),
    ],
    rows: found.effects.map((effect) => ({
      cells: [
        effect.factor,
        `${effect.from} → ${effect.to}`,
        [{ verdict: effect.verdict }],
        notation.change(effect.difference),
        notation.changeInterval(effect.interval),
        pValue(effect.p),
      ],
    })),
  };
}

function interactions({ measure, notation, unit }: MeasureScope): Table {
  return {
    kind: 'table',
    page: true,
    caption: `Interactions in ${inSentence(measure.title)}: how much more one factor does where the other is changed too`,
    columns: [
      words('Factors'),
      words('Levels'),
      numbers(`Interaction${unit}`, { strong: true }),
      numbers('95% interval'),
      numbers('p', { on: 'wide' }),
    ],
    rows: measure.factorial!.interactions.map(({ factors, levels, estimate, interval, p }) => ({
      cells: [
        factors.join(' × '),
        levels.join(' × '),
        notation.change(estimate),
        notation.changeInterval(interval),
        pValue(p),
      ],
    })),
  };
}

function shapley({ measure, notation, unit }: MeasureScope): Block[] {
  const found = measure.factorial!.shapley;
  if (found === undefined) return [];
  return [
    paragraph(
      text`From all first levels to all second ones it changes by ${notation.changeInWords(found.total)} ${notation.changeInterval(found.totalInterval)}.${found.identified ? null : text` ${strong('Shares of the factors are not identified')}: ${found.why}.`}`,
    ),
    {
      kind: 'table',
      caption: `What each factor adds to the change in ${inSentence(measure.title)}, averaged over all orders of changing them (Shapley)`,
      columns: [
        words('Factor'),
        numbers(`Change${unit}`),
        numbers('95% interval'),
        ...(found.identified ? [numbers('Share', { strong: true }), numbers('95% interval')] : []),
      ],
      rows: found.parts.map((part) => ({
        cells: [
          part.factor,
          notation.change(part.change),
          notation.changeInterval(part.changeInterval),
          ...(found.identified ? [percent(part.share), percentInterval(part.interval)] : []),
        ],
      })),
    },
  ];
}
