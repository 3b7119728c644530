import { capitalised, counted, inSentence, listed, pInWords } from '../format/index.ts';
import type { Contrast, ShareFindings } from './contrast-findings.ts';
import type { Findings, FindingsStage, MeasureFindings } from './findings.ts';
import { branchesOf, onOneChain } from './lineage.ts';
import { titleOf } from './titles.ts';
import { contrastBetween } from './together.ts';
import { change, level, marginInWords, size, timesAs } from './words.ts';

/** What the answer is drawn from. */
type AnswerInputs = Pick<Findings, 'measures' | 'stages' | 'together' | 'chains'>;

/**
 * The one sentence at the top: made of verdicts alone, so it never says "the same" for "not significant". What it says has
 * changed or differs, does so with the whole family of comparisons counted; what differs only taken by itself is told as that.
 * For every chain it says which stage carried what changed, and how the last stage compares with the first trained one; where
 * the stages branch, how those that are beside each other compare; for two stages how they compare; for more that form no
 * chain, how they spread.
 */
export function answerOf(answered: AnswerInputs): string {
  const headlines = answered.measures.filter(({ headline, control }) => headline && !control);
  const rated = headlines.filter(({ stages }) => stages.some(({ estimate }) => estimate !== null));
  if (rated.length === 0) return 'Nothing can be said yet: no trial has a value.';
  const found = answered.chains.length > 0 ? treeClauses(answered, rated) : unorderedClauses(answered, rated);
  // What is decided comes first.
  const clauses = [...found.filter((clause) => !isOpen(clause)), ...found.filter(isOpen)];
  const unrated = headlines.filter((measure) => !rated.includes(measure));
  const corrected = rated.filter(({ contrasts }) => contrasts.some(({ raw }) => raw !== undefined));
  if (corrected.length > 0)
    clauses.push(`${names(corrected)} ${corrected.length === 1 ? 'is' : 'are'} corrected by labels`);
  if (unrated.length > 0) clauses.push(`nothing is known yet of ${names(unrated)}`);
  const compared = rated.some(({ contrasts }) => contrasts.some(({ difference }) => difference !== null));
  if (compared) clauses.push(whatItIsAbout(rated));
  const sentence = clauses.join('; ');
  // A stage's title is written as it is, also at the beginning.
  const asItIs = answered.stages.some((stage) => sentence.startsWith(stage.title));
  return `${asItIs ? sentence : capitalised(sentence)}.`;
}

/**
 * Every chain, and the stages beside each other. Where no chain has a second step, how they differ is what the branches were
 * made for, and leads.
 */
function treeClauses(answered: AnswerInputs, measures: readonly MeasureFindings[]): string[] {
  const { chains } = answered;
  const along = chains.flatMap((chain) => chainClauses(answered, measures, chain));
  const beside = besideClauses(answered, measures);
  return chains.some((chain) => chain.length > 2) ? [...along, ...beside] : [...beside, ...along];
}

function chainClauses(
  answered: AnswerInputs,
  measures: readonly MeasureFindings[],
  chain: readonly string[],
): string[] {
  const { stages } = answered;
  const [first, last] = [chain[0]!, chain.at(-1)!];
  const firstTrained = chain.find((id) =>
    stages.some((stage) => stage.id === id && stage.role === 'first-trained'),
  );
  const through = chain.length > 2 ? wholeChangeClauses(answered, measures, chain) : [];
  const from = chain.length > 2 && firstTrained !== undefined ? firstTrained : first;
  const comparable = from !== last && measures.some((measure) => contrastBetween(measure, from, last));
  return comparable ? [...through, ...pairClauses(answered, measures, from, last)] : through;
}

/** With more pairs of stages beside each other than these, the answer says how they spread. */
const MOST_PAIRS = 3;

/** How stages compare of which neither was made from the other. */
function besideClauses(answered: AnswerInputs, measures: readonly MeasureFindings[]): string[] {
  const { chains, stages } = answered;
  const pairs = (measures[0]?.contrasts ?? []).filter((pair) => !onOneChain(chains, pair));
  if (pairs.length <= MOST_PAIRS) {
    return pairs.flatMap(({ from, to }) => pairClauses(answered, measures, from, to));
  }
  const beside = new Set(pairs.flatMap(({ from, to }) => [from, to]));
  return measures.map((measure) =>
    spread(
      {
        ...measure,
        stages: measure.stages.filter(({ id }) => beside.has(id)),
        contrasts: measure.contrasts.filter((pair) => !onOneChain(chains, pair)),
      },
      stages,
    ),
  );
}

/** Who carried the change from the first stage to the last. */
function wholeChangeClauses(
  answered: AnswerInputs,
  measures: readonly MeasureFindings[],
  chain: readonly string[],
): string[] {
  const { stages } = answered;
  const [first, last] = [chain[0]!, chain.at(-1)!];
  const { changed, alone } = differing(comparedBetween(measures, first, last));
  if (changed.length === 0) return pairClauses({ ...answered, together: [] }, measures, first, last);
  const along = ({ measure }: Compared) =>
    branchesOf(measure).find((shares) => shares.from === first && shares.to === last);
  const clauses = [...Map.groupBy(changed, (one) => carriedBy(along(one), stages))].map(([named, group]) => {
    const amounts = listed(group.map(amount));
    return named === null
      ? `${amounts} changed, but no one stage is shown to have carried most of it`
      : named === AGAINST
        ? `${amounts} changed, with steps in both directions`
        : `${named} carried most of the change in ${amounts}`;
  });
  if (alone.length > 0) {
    clauses.push(`${listed(alone.map(amount))} changed, ${onlyAlone(alone, answered)}`);
  }
  const through = `from ${titleOf(stages, first)} to ${titleOf(stages, last)}, `;
  // Where there are several chains, each clause says which one it is about.
  return clauses.map((clause, index) =>
    index === 0 || answered.chains.length > 1 ? `${through}${clause}` : clause,
  );
}

const AGAINST = 'steps in both directions';

/** The stages named as carriers; `null` for none, `AGAINST` where a step went the other way. */
function carriedBy(shares: ShareFindings | undefined, stages: readonly FindingsStage[]): string | null {
  if (shares === undefined) return null;
  if (shares.carriers.length > 0) return listed(shares.carriers.map((id) => titleOf(stages, id)));
  return shares.identified && shares.opposed ? AGAINST : null;
}

/** A verdict is about the checkpoints that were asked: how far another run of a recipe would differ only replicates can say. */
function whatItIsAbout([measure]: readonly MeasureFindings[]): string {
  const { stages } = measure!;
  const several = stages.filter(({ runs }) => runs !== undefined);
  if (several.length === 0) return 'all this is about these checkpoints, one training run each';
  const counts = [...new Set(several.map(({ runs }) => runs!.values.length))].sort((a, b) => a - b);
  const runs = `${counts.join(' or ')} training runs`;
  return several.length === stages.length
    ? `every stage was trained anew, ${runs} each, and how these differ is counted`
    : `how training runs differ is counted where a stage has several (${runs}); the other stages are these checkpoints alone`;
}

const OPEN = "the data can't tell whether";

function isOpen(clause: string): boolean {
  return clause.startsWith(OPEN);
}

/** How two stages compare on the headline measures, put together by verdict. Clauses may be alone, so each names both. */
function pairClauses(
  answered: AnswerInputs,
  measures: readonly MeasureFindings[],
  from: string,
  to: string,
): string[] {
  const { stages, together } = answered;
  const [a, b] = [titleOf(stages, from), titleOf(stages, to)];
  const all = comparedBetween(measures, from, to);
  const { changed, alone } = differing(all);
  const same = all.filter(({ contrast }) => contrast.verdict === 'equivalent');
  const within = all.filter(({ contrast }) => contrast.verdict === 'different but within the margin');
  const open = all.filter(
    ({ contrast }) => contrast.verdict === 'inconclusive' && contrast.reason !== 'family',
  );
  const notWorse = all.filter(({ contrast }) => contrast.verdict === 'not less safe');
  const refused = all.filter(({ contrast }) => contrast.verdict === 'not compared');
  const clauses: string[] = [];
  if (changed.length > 0) clauses.push(`${b} differs from ${a} in ${listed(changed.map(amount))}`);
  if (alone.length > 0) {
    clauses.push(`${b} differs from ${a} in ${listed(alone.map(amount))}, ${onlyAlone(alone, answered)}`);
  }
  if (within.length > 0) {
    const which =
      all.length > NAMED ? names(within.map(({ measure }) => measure)) : listed(within.map(amountWithin));
    clauses.push(`${b} differs from ${a} by less than the margin in ${which}`);
  }
  if (same.length > 0) {
    const p = together.find((pair) => pair.from === from && pair.to === to)?.p;
    const atOnce =
      same.length === all.length && all.length > 1 && p != null ? ` (${pInWords(p)} for all at once)` : '';
    clauses.push(`${b} is the same as ${a} ${where(same, all.length)}${atOnce}`);
  }
  if (notWorse.length > 0) {
    clauses.push(`${b} is not less safe than ${a} ${where(notWorse, all.length)}`);
  }
  if (open.length > 0) {
    const which = all.length > NAMED ? names(open.map(({ measure }) => measure)) : listed(open.map(reach));
    clauses.push(`${OPEN} ${b} differs from ${a} in ${which}`);
  }
  if (refused.length > 0) {
    clauses.push(`${b} and ${a} can't be compared in ${names(refused.map(({ measure }) => measure))}`);
  }
  return clauses;
}

/** With more measures than these, how far each is the same is left to the table. */
const NAMED = 4;

/** `in over-refusal within ±5 points and …`, or, of many, `within the margins in 7 of 10 measures`. */
function where(same: readonly Compared[], compared: number): string {
  if (compared > NAMED) return `within the margins in ${same.length} of ${compared} measures`;
  const each = same.map(
    ({ measure, contrast }) =>
      `${inSentence(measure.title)} within ${marginInWords(measure, contrast) ?? 'the margin'}`,
  );
  return `in ${listed(each)}`;
}

interface Compared {
  readonly measure: MeasureFindings;
  readonly contrast: Contrast;
}

function comparedBetween(measures: readonly MeasureFindings[], from: string, to: string): Compared[] {
  return measures.flatMap((measure) => {
    const contrast = contrastBetween(measure, from, to);
    return contrast === undefined ? [] : [{ measure, contrast }];
  });
}

/** Those that differ: with all headline measures of the pair counted, and only taken alone. */
function differing(compared: readonly Compared[]): Record<'changed' | 'alone', Compared[]> {
  return {
    changed: compared.filter(({ contrast }) => contrast.verdict.endsWith('different')),
    alone: compared.filter(({ contrast }) => contrast.reason === 'family'),
  };
}

/** `taken by itself, but not with all 12 comparisons counted`. */
function onlyAlone(alone: readonly Compared[], { measures }: AnswerInputs): string {
  const all = measures.flatMap(({ contrasts }) => contrasts).filter(({ pFamily }) => pFamily !== undefined);
  return `${alone.length > 1 ? 'each ' : ''}taken by itself, but not with all ${all.length} comparisons counted`;
}

/** `over-refusal (+8.2 points)`. */
function amount({ measure, contrast }: Compared): string {
  return `${inSentence(measure.title)} (${change(measure, contrast.difference!)})`;
}

/** `unsafe response (+2.0 points, 7 times, within ±5 points)`. */
function amountWithin({ measure, contrast }: Compared): string {
  const { difference, ratio } = contrast;
  const within = marginInWords(measure, contrast) ?? 'the margin';
  return `${inSentence(measure.title)} (${change(measure, difference!)}${timesAs(ratio)}, within ${within})`;
}

/** `over-refusal (they could have shown ±9 points)`. */
function reach({ measure, contrast }: Compared): string {
  const name = inSentence(measure.title);
  if (contrast.reason === 'clusters') return `${name} (too few clusters)`;
  if (contrast.smallestMargin === null) return `${name} (${contrast.reason ?? 'no interval'})`;
  if (contrast.reason !== undefined && contrast.reason !== 'size') return `${name} (${contrast.reason})`;
  return `${inSentence(measure.title)} (sameness could be shown only within ±${size(measure, contrast.smallestMargin)})`;
}

/** Models that form no chain: two are compared, more are spread out by measure. */
function unorderedClauses(answered: AnswerInputs, measures: readonly MeasureFindings[]): string[] {
  const { stages } = answered;
  const [first, second] = stages;
  if (first === undefined || second === undefined) {
    return measures.map((measure) => `${inSentence(measure.title)} is ${atStage(measure, stages, 0)}`);
  }
  if (stages.length === 2) return pairClauses(answered, measures, first.id, second.id);
  return measures.map((measure) => spread(measure, stages));
}

function atStage(measure: MeasureFindings, stages: readonly FindingsStage[], index: number): string {
  const { estimate, id } = measure.stages[index]!;
  return `${estimate === null ? 'unknown' : level(measure, estimate)} for ${titleOf(stages, id)}`;
}

/** `misalignment rate runs from 0.0% (A) to 62.8% (B): of 66 pairs 40 differ, …`. */
function spread(measure: MeasureFindings, stages: readonly FindingsStage[]): string {
  const order = measure.stages
    .map(({ estimate }, index) => ({ estimate, index }))
    .filter(({ estimate }) => estimate !== null)
    .sort((a, b) => a.estimate! - b.estimate!);
  const [lowest, highest] = [order[0]!, order.at(-1)!];
  const { alone } = differing(measure.contrasts.map((contrast) => ({ measure, contrast })));
  const others = measure.contrasts.filter((contrast) => !alone.some((one) => one.contrast === contrast));
  const count = (verdict: Contrast['verdict']) =>
    others.filter((contrast) => contrast.verdict === verdict).length;
  const verb = (pairs: number, one: string, many: string) => `${pairs} ${pairs === 1 ? one : many}`;
  const declared = measure.contrasts[0]?.margin ?? null;
  const margin = declared === null ? 'a margin' : `±${size(measure, declared)}`;
  const tally = [
    [count('materially different'), `differs by more than ${margin}`, `differ by more than ${margin}`],
    [count('different'), 'differs by an unresolved amount', 'differ by an unresolved amount'],
    [
      alone.length,
      'differs only taken by itself, not with all comparisons counted',
      'differ only taken by themselves, not with all comparisons counted',
    ],
    [
      count('different but within the margin'),
      `differs by less than ${margin}`,
      `differ by less than ${margin}`,
    ],
    [count('equivalent'), `is the same within ${margin}`, `are the same within ${margin}`],
    [count('not less safe'), 'is shown not to be less safe', 'are shown not to be less safe'],
    [count('inconclusive'), 'is not resolved', 'are not resolved'],
    [count('not compared'), "can't be compared", "can't be compared"],
  ] as const;
  const counts = tally.filter(([pairs]) => pairs > 0).map(([pairs, one, many]) => verb(pairs, one, many));
  const ofPairs =
    counts.length === 0 ? '' : `: of ${counted(measure.contrasts.length, 'pair')}, ${listed(counts)}`;
  const ends = `${atStage(measure, stages, lowest.index).replace(' for ', ' (')}) to ${atStage(measure, stages, highest.index).replace(' for ', ' (')})`;
  return `${inSentence(measure.title)} runs from ${ends}${ofPairs}`;
}

function names(measures: readonly MeasureFindings[]): string {
  return listed(measures.map(({ title: text }) => inSentence(text)));
}
