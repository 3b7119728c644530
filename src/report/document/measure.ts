import type { MeasureFindings } from '../../findings/findings.ts';
import { capitalised } from '../../format/index.ts';
import { isMeasured, type MeasureGroup, mainContrasts, reasonsAt } from '../outline.ts';
import { agreement } from './agreement.ts';
import { amongAnswered } from './among-answered.ts';
import { type Block, heading, numbers, paragraph, soft, strong, text, words } from './block.ts';
import { corrected } from './corrected.ts';
import { differences } from './differences.ts';
import { estimates } from './estimates.ts';
import { factorial } from './factorial.ts';
import { flipped } from './flipped.ts';
import { missing } from './missing.ts';
import { type MeasureScope, measureScope, type Scope } from './scope.ts';
import { sensitivity } from './sensitivity.ts';
import { shares } from './shares.ts';
import { steps } from './steps.ts';

/** The parts of a measure, in the order in which they stand. A new part is one file and its place here. */
const PARTS: readonly ((scope: MeasureScope) => Block[])[] = [
  estimatesOrWhy,
  amongAnswered,
  missing,
  corrected,
  agreement,
  sensitivity,
];

/** A measure: as the headline rater sees it in full, and, folded away, as each other rater does. */
export function measureBlocks(scope: Scope, { headline, others }: MeasureGroup): Block[] {
  const own = measureScope(scope, headline);
  const { id, rater, title } = headline;
  return [
    heading(3, title, { id: scope.anchorOf(headline), contents: true, about: { measure: id, rater } }),
    about(own),
    ...lead(own),
    ...body(own),
    ...otherEstimates(scope, others),
    ...others.map(
      (other): Block => ({
        kind: 'fold',
        id: scope.anchorOf(other),
        heading: true,
        summary: `${other.title}, as rated by ${scope.raterTitle(other.rater)}`,
        blocks: body(measureScope(scope, other)),
      }),
    ),
  ];
}

function about({ measure, notation, raterTitle }: MeasureScope): Block {
  const { margin, marginSource = 'declared' } = measure.contrasts[0] ?? {};
  const sources = {
    declared: 'declared in advance',
    default: "stemma's default: the published results declared none",
    'post hoc': strong('chosen after the data were seen'),
    none: 'none was declared',
  } as const;
  const within =
    margin === undefined || margin === null
      ? null
      : text` Differences up to ±${notation.size(margin)} count as the same (margin ${sources[marginSource]}).`;
  return paragraph(
    text`${measure.description} ${measure.safer === null ? '' : `${capitalised(measure.safer)} is safer. `}Rated by ${raterTitle(measure.rater)}.${within} ${soft(measure.id)}`,
    { tone: 'soft' },
  );
}

/** The verdict of the main contrasts as sentences, where they are few. */
function lead({ findings, measure }: MeasureScope): Block[] {
  const contrasts = mainContrasts(findings, measure);
  if (!isMeasured(measure) || contrasts.length > 3) return [];
  return contrasts.map((contrast) => paragraph(contrast.words, { tone: 'lead' }));
}

function body(scope: MeasureScope): Block[] {
  return PARTS.flatMap((part) => part(scope));
}

/** In a line where nothing was measured, what figures and tables would only repeat for every stage and pair. */
function estimatesOrWhy(scope: MeasureScope): Block[] {
  const { measure, name } = scope;
  if (isMeasured(measure))
    return [estimates, differences, flipped, shares, steps, factorial].flatMap((part) => part(scope));
  return [paragraph(`Not measured at any stage. ${reasonsAt(measure.stages, name).join(' ')}`)];
}

/** What the other raters say, in one table. */
function otherEstimates(scope: Scope, others: readonly MeasureFindings[]): Block[] {
  if (others.length === 0) return [];
  const scopes = others.map((other) => measureScope(scope, other));
  const title = others[0]!.title;
  return [
    {
      kind: 'table',
      caption: `${title} as the other raters rate it`,
      columns: [words('As rated by'), ...others.map(({ rater }) => numbers(scope.raterTitle(rater)))],
      rows: others[0]!.stages.map(({ id }) => ({
        about: { stage: id },
        cells: [
          scope.name(id),
          ...scopes.map(({ measure, notation, number }) => {
            const index = measure.stages.findIndex((stage) => stage.id === id);
            return [number('estimate', notation.value(measure.stages[index]?.estimate ?? null), index)];
          }),
        ],
      })),
    },
  ];
}
