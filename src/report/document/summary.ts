import type { Contrast, ShareFindings } from '../../findings/contrast-findings.ts';
import type { AgainFindings, FindingsStage, MeasureFindings } from '../../findings/findings.ts';
import { branchesOf } from '../../findings/lineage.ts';
import { count, counted, NONE, percent, percentInterval, pInWords } from '../../format/index.ts';
import { MINIMUM_CLUSTERS } from '../../stats/index.ts';
import {
  areFew,
  groupsOf,
  isMeasured,
  mainContrasts,
  overviewOf,
  VERDICT_ORDER,
  verdictCounts,
} from '../outline.ts';
import { isLed, levelAsRated, verdictAsRated } from './as-rated.ts';
import {
  type Block,
  BREAK,
  type Cell,
  heading,
  joinTexts,
  link,
  numbers,
  paragraph,
  soft,
  type Text,
  text,
  words,
} from './block.ts';
import type { ColumnChart } from './chart.ts';
import { estimatesChart, estimatesInWords, estimatesScale } from './estimates.ts';
import { type MeasureScope, measureScope, type Scope } from './scope.ts';
import { signs } from './signs.ts';

/** With more stages than these, the first table has no column for each. */
const MOST_STAGES = 6;
/** With more pairs than these beside each other, the first table counts their verdicts. */
const MOST_PAIRS = 3;
/** Fewer samples than these are said beside the measure. */
const FEW_SAMPLES = 100;
/** A rate that is so many times smaller than the largest has a scale of its own. */
const SMALL_RATE = 5;

/** For a reader with ten seconds: every measure at every stage, with its changes and verdicts, what is decided first. */
export function matrix(scope: Scope): Block[] {
  const { findings, name, pair } = scope;
  const headlines = headlinesOf(scope);
  if (headlines.length === 0) return [paragraph('No measure was rated in this run.')];
  const stages = findings.stages.length <= MOST_STAGES ? findings.stages : [];
  const anyShares = headlines.some(({ measure }) => measure.shares !== undefined);
  const pairs = pairsBeside(headlines[0]!, stages);
  const verdicts = pairs.length === 0 ? [words('Verdict')] : pairs.map((one) => words(pair(one)));
  return [
    {
      kind: 'table',
      form: 'stacked',
      caption: `${captionOf(stages, pairs.map(pair))}${headlines.some(({ measure }) => isLed(measure)) ? '; corrected by labels where the value as rated is beside it' : ''}`,
      columns: [
        words('Measure'),
        ...stages.map(({ id }) => numbers(name(id))),
        ...verdicts,
        ...(anyShares ? [words('Carried most of the change', { on: 'wide' })] : []),
      ],
      rows: headlines.map((own) => ({
        about: { measure: own.measure.id, rater: own.measure.rater },
        cells: [
          nameOf(own),
          ...stages.map((stage) => stageCell(own, stage)),
          ...(pairs.length === 0 ? [countsCell(own)] : pairs.map((one) => verdictCell(own, one))),
          ...(anyShares ? [carrier(own)] : []),
        ],
      })),
    },
    ...marks(headlines),
  ];
}

/** Every measure as the headline rater sees it, what is decided first. */
function headlinesOf(scope: Scope): MeasureScope[] {
  return groupsOf(scope.findings)
    .map(({ headline }) => measureScope(scope, headline))
    .toSorted((a, b) => urgency(a) - urgency(b));
}

/**
 * The pairs of stages that have a column of their own: the one that answers the question or, of several, those whose
 * change does not stand in the column of a stage already. None where they are too many.
 */
function pairsBeside(
  { findings, measure }: MeasureScope,
  stages: readonly FindingsStage[],
): readonly Pick<Contrast, 'from' | 'to'>[] {
  const main = mainContrasts(findings, measure);
  const beyond = main.filter(
    ({ from, to }) => !stages.some((stage) => stage.id === to && stage.from === from),
  );
  const shown = main.length > 1 && beyond.length > 0 ? beyond : main;
  return shown.length > MOST_PAIRS ? [] : shown;
}

function captionOf(stages: readonly FindingsStage[], pairs: readonly string[]): string {
  if (stages.length === 0) return 'The verdict on each measure';
  const changes = stages.some(({ from }) => from !== null)
    ? ', with the change from the stage that it was trained from'
    : '';
  const verdict = pairs.length === 1 ? `; at the right the verdict on ${pairs[0]}` : '';
  return `Every measure at every stage${changes}${verdict}`;
}

/** What is decided comes first, then what is open; controls, which only qualify the others, come last. */
function urgency({ findings, measure }: MeasureScope): number {
  const decided: readonly Contrast['verdict'][] = [
    'materially different',
    'different',
    'different but within the margin',
    'equivalent',
    'not less safe',
    'inconclusive',
    'not compared',
  ];
  const contrasts = mainContrasts(findings, measure);
  const ranks = (contrasts.length > 0 ? contrasts : measure.contrasts).map(({ verdict }) =>
    decided.indexOf(verdict),
  );
  return Math.min(decided.length, ...ranks) + (measure.control ? 100 : 0);
}

/** The measure's title, which leads to its section; with its samples or clusters where they are few. */
function nameOf({ measure, anchorOf }: MeasureScope): Text {
  const measured = measure.stages.filter(({ estimate }) => estimate !== null);
  const n = Math.min(...measured.map((stage) => stage.n));
  const clusters = Math.min(...measured.map((stage) => stage.clusters));
  const few = [
    ...(n < FEW_SAMPLES ? [`n = ${n}`] : []),
    ...(clusters < MINIMUM_CLUSTERS ? [counted(clusters, 'cluster')] : []),
  ];
  const beside = measured.length > 0 && few.length > 0 && text`${BREAK}${soft(few.join(', '))}`;
  return text`${{ text: measure.title, to: anchorOf(measure) }}${beside}`;
}

/** How the measure is at a stage; below it the change from the stage that it was trained from, with its mark. */
function stageCell({ measure, notation, number }: MeasureScope, { id, from }: FindingsStage): Cell {
  const index = measure.stages.findIndex((stage) => stage.id === id);
  const estimate = measure.stages[index]?.estimate ?? null;
  const rated = index < 0 ? null : levelAsRated(measure.stages[index]!, notation);
  const level = text`${number('estimate', notation.value(estimate), index)}${rated && text`${BREAK}${soft(rated)}`}`;
  const step = measure.contrasts.findIndex((contrast) => contrast.from === from && contrast.to === id);
  if (step < 0) return level;
  const { verdict, difference } = measure.contrasts[step]!;
  return text`${level}${BREAK}${{ verdict, brief: true }} ${number('difference', notation.change(difference), step)}`;
}

/** The verdict on a pair of stages, with its difference and interval. */
function verdictCell(
  { measure, notation, number }: MeasureScope,
  { from, to }: Pick<Contrast, 'from' | 'to'>,
): Cell {
  const index = measure.contrasts.findIndex((contrast) => contrast.from === from && contrast.to === to);
  const contrast = measure.contrasts[index];
  if (contrast === undefined) return NONE;
  const { verdict, difference, interval } = contrast;
  if (difference === null) return [{ verdict }];
  const rated = verdictAsRated(contrast, notation);
  const within = interval && text` ${number('difference', notation.changeInterval(interval), index)}`;
  return text`${{ verdict }}${BREAK}${number('difference', notation.changeInWords(difference), index)}${within}${rated && text`${BREAK}${soft(rated)}`}`;
}

/** Of many pairs how often each verdict came. */
function countsCell({ measure }: MeasureScope): Cell {
  const compared = measure.contrasts.length;
  if (compared === 0) return 'Nothing was compared.';
  const times = verdictCounts(measure.contrasts).map(
    (one) => text`${{ verdict: one.verdict, brief: true }} ${one.times} ${one.verdict}`,
  );
  return text`${counted(compared, 'pair')} of stages: ${joinTexts(times, ', ')}`;
}

/** The stage that is shown to have carried most along every chain; or that none is, or that it cannot be said. */
function carrier(scope: MeasureScope): Cell {
  const all = branchesOf(scope.measure);
  if (all.length === 0) return NONE;
  const named = all.length > 1;
  return joinTexts(
    all.map(
      (found, branch) =>
        text`${named && `${scope.name(found.to)}: `}${carrierOf(scope, found, branch, named)}`,
    ),
    BREAK,
  );
}

function carrierOf(
  { name, number }: MeasureScope,
  found: ShareFindings,
  branch: number,
  named: boolean,
): Text {
  if (!found.identified) return [number('shares', `${named ? '' : 'share '}not identified`, branch)];
  // The one rule for who carried most; the largest share alone is not enough.
  const carriers = found.parts.filter(({ to }) => found.carriers.includes(to));
  if (carriers.length === 0) {
    return [number('shares', found.opposed ? 'steps in both directions' : 'none shown', branch)];
  }
  const each = carriers.map(({ to, share, interval }) => {
    const within = interval === null ? '' : ` ${percentInterval(interval)}`;
    return text`${name(to)}${named ? ' ' : BREAK}${number('shares', `${percent(share ?? 0)}${within}`, branch)}`;
  });
  return joinTexts(each, BREAK);
}

const MEANINGS: Readonly<Record<Contrast['verdict'], string>> = {
  equivalent: 'shown to differ by less than the margin: the 90% intervals lie inside it',
  'different but within the margin': 'a difference is shown, and shown to be smaller than the margin',
  different: 'a difference is shown; whether it exceeds the margin is open',
  'materially different': 'shown to differ by more than the margin: the 95% interval lies wholly beyond it',
  'not less safe':
    'no difference is shown, but a loss of safety beyond the margin is excluded (one-sided, 95%)',
  inconclusive:
    'neither a difference nor sameness is shown. This is never evidence that two stages are the same',
  'not compared': 'the comparison would not have been fair, or there was nothing to compare',
};

/** The marks of the table above. */
function marks(headlines: readonly MeasureScope[]): Block[] {
  const reached = new Set(
    headlines.flatMap(({ measure }) => measure.contrasts.map(({ verdict }) => verdict)),
  );
  const shown = VERDICT_ORDER.filter((verdict) => reached.has(verdict));
  if (shown.length === 0) return [];
  const each = shown.map((verdict) => ({ verdict }));
  return [paragraph(joinTexts(each, '  '), { tone: 'soft' })];
}

/** What each verdict means, folded away; nothing where there is none. */
export function meanings({ findings }: Scope): Block[] {
  if (findings.measures.every(({ contrasts }) => contrasts.length === 0)) return [];
  return [
    {
      kind: 'fold',
      summary: 'What the verdicts mean',
      blocks: VERDICT_ORDER.map((verdict) => paragraph(MEANINGS[verdict], { term: [{ verdict }] })),
    },
  ];
}

/** One picture of everything, and what holds for all measures at once. */
export function overviewBlocks(scope: Scope): Block[] {
  return [
    heading(2, 'Overview', { id: 'overview', contents: true }),
    ...overview(scope),
    ...together(scope),
    ...again(scope),
    ...signs(scope),
  ];
}

/** One picture of everything, where there is more than one measure and the stages are few. */
function overview(scope: Scope): Block[] {
  const measures = overviewOf(scope.findings);
  if (measures.filter(isMeasured).length < 2 || !fitColumns(measures)) return [];
  return [
    {
      kind: 'figure',
      chart: overviewChart(scope, measures),
      alternative: measures
        .map((measure) => estimatesInWords(scope, measure, measureScope(scope, measure).notation))
        .join(' '),
      caption: `Every measure at every stage, with 95% intervals. Rates share one scale${anySmall(measures) ? ', but for small ones, which have their own' : ''}.`,
    },
  ];
}

/** Whether the stages are few enough to be beside each other as columns. */
function fitColumns(measures: readonly MeasureFindings[]): boolean {
  return measures.every(({ stages }) => stages.length <= MOST_STAGES);
}

/** A panel for each measure, in it a column for every stage. Rates share one scale. */
export function overviewChart(scope: Scope, measures: readonly MeasureFindings[]): ColumnChart {
  const drawn = measures.filter(isMeasured);
  const never = measures.filter((measure) => !isMeasured(measure)).map(({ title }) => title);
  const rates = drawn.filter(({ kind }) => kind === 'rate');
  const highest = Math.max(0, ...rates.map(highestOf));
  const gaps = drawn.some(({ stages }) => stages.some(({ estimate }) => estimate === null));
  const notes = [
    ...(gaps ? [`${NONE} not measured`] : []),
    ...(never.length > 0 ? [`Not measured at any stage: ${never.join(', ')}.`] : []),
  ];
  return {
    kind: 'columns',
    panels: drawn.map((measure) => {
      const own = estimatesScale(measure);
      return {
        title: measure.title,
        scale: sharesScale(measure, highest) ? { ...own, holds: [0, highest], bounds: [0, 1] } : own,
        columns: estimatesChart(scope, measure, measureScope(scope, measure).notation).rows,
      };
    }),
    ...(notes.length > 0 ? { note: notes.join(' ') } : {}),
  };
}

/** A rate much smaller than the largest would be a line at the foot of its panel: it has a scale of its own. */
function sharesScale(measure: MeasureFindings, highest: number): boolean {
  return measure.kind === 'rate' && highestOf(measure) >= highest / SMALL_RATE;
}

/** Whether the picture has panels of small rates. */
function anySmall(measures: readonly MeasureFindings[]): boolean {
  const rates = measures.filter(({ kind }) => kind === 'rate');
  const highest = Math.max(0, ...rates.map(highestOf));
  return rates.some((measure) => !sharesScale(measure, highest));
}

function highestOf({ stages }: MeasureFindings): number {
  return Math.max(0, ...stages.map(({ interval, estimate }) => interval?.[1] ?? estimate ?? 0));
}

/** "The same on everything", a sentence a pair; of many pairs only those that are. */
function together({ findings }: Scope): Block[] {
  const { together: all, stages } = findings;
  if (all.length === 0) return [];
  const same = all.filter(({ equivalent }) => equivalent);
  const many = !areFew(all, stages);
  const shown = many ? same : all;
  const items = shown.map(
    ({ words: said, p, equivalent }) =>
      text`${said}${equivalent && p !== null && text` ${link('method-together', pInWords(p))}`}`,
  );
  const rest = `${same.length === 0 ? 'None' : count(same.length)} of the ${counted(all.length, 'pair')} of stages ${same.length < 2 ? 'is' : 'are'} shown to be the same on every headline measure at once.`;
  return [
    heading(3, 'All measures at once'),
    ...(many ? [paragraph(rest)] : []),
    ...(items.length > 0 ? [{ kind: 'list' as const, items }] : []),
  ];
}

/** What sets an arm under another load apart from one from other seeds. */
function loadInWords({ arms }: AgainFindings, arm: string): string {
  const atOnce = arms.find(({ again }) => again === arm)?.atOnce;
  return atOnce === undefined ? '' : `, ${atOnce} at once`;
}

/** What comparing a checkpoint with itself came to: how far the method can be trusted on these very data. */
function again(scope: Scope): Block[] {
  const { again: found } = scope.findings;
  if (found === undefined) return [];
  const rows = groupsOf(scope.findings).flatMap(({ headline }) => {
    const { notation } = measureScope(scope, headline);
    return (headline.again ?? []).map(({ from, to, verdict, difference, interval }) => ({
      about: { measure: headline.id, rater: headline.rater, from, to },
      cells: [
        headline.title,
        `${scope.name(from)}${loadInWords(found, to)}`,
        [{ verdict }],
        notation.changeInWords(difference),
        notation.changeInterval(interval),
      ],
    }));
  });
  const p = found.p !== null && found.different > 0 ? pInWords(found.p) : null;
  return [
    heading(3, 'The same checkpoint twice'),
    paragraph(text`${found.words}${p !== null && text` ${link('method-again', p)}`}`),
    {
      kind: 'table',
      page: true,
      caption: 'Each checkpoint against itself',
      columns: [
        words('Measure'),
        words('Checkpoint'),
        words('Verdict'),
        numbers('Difference'),
        numbers('95% interval'),
      ],
      rows,
    },
  ];
}
