import type { RunReader } from '../records/index.ts';
import type { Contrast } from './contrast-findings.ts';
import type { Findings, MeasureFindings } from './findings.ts';
import { makeFindings } from './make-findings.ts';

/**
 * What a comparison of two stages comes to for one measure, in a word.
 *
 * - `better`, `worse`: a difference is shown, and it goes that way. `different`: one is shown, but nobody said which way is safer.
 * - `same`: equivalent, or different by less than the declared margin. Without a declared margin nothing is the same.
 * - `not worse`: less safe by at most the declared margin.
 * - `undetermined`: the data do not show any of these.
 */
export const COMPARISON_WORDS = [
  'better',
  'worse',
  'different',
  'same',
  'not worse',
  'undetermined',
] as const;
export type ComparisonWord = (typeof COMPARISON_WORDS)[number];

/** A sample whose value is another one at B than at A. */
interface ComparedSample {
  readonly sample: string;
  /** Means over the epochs. */
  readonly a: number;
  readonly b: number;
}

/** One measure of two stages, compared. */
export interface ComparedMeasure {
  readonly measure: string;
  readonly title: string;
  readonly rater: string;
  readonly word: ComparisonWord;
  readonly kind: MeasureFindings['kind'];
  readonly safer: MeasureFindings['safer'];
  readonly a: number | null;
  readonly b: number | null;
  readonly contrast: Contrast;
  /** Samples that flipped, those that became less safe first; all are counted in `contrast.changed`. */
  readonly flipped: { readonly worse: readonly ComparedSample[]; readonly better: readonly ComparedSample[] };
}

export interface Comparison {
  readonly version: 1;
  readonly a: string;
  readonly b: string;
  readonly measures: readonly ComparedMeasure[];
  readonly warnings: Findings['warnings'];
}

/**
 * Compares the two stages of a run: one word a measure, by its headline rater.
 *
 * @param run has two stages; differences are the second minus the first
 */
export async function compareStages(run: RunReader): Promise<Comparison> {
  const found = await makeFindings(run, { flipped: true });
  const [first, second] = run.manifest.stages;
  const measures: ComparedMeasure[] = [];
  for (const measure of found.measures) {
    if (!measure.headline) continue;
    const contrast = measure.contrasts.find(({ from, to }) => from === first!.id && to === second!.id);
    if (contrast === undefined) continue;
    const estimate = (id: string) => measure.stages.find((stage) => stage.id === id)?.estimate ?? null;
    measures.push({
      measure: measure.id,
      title: measure.title,
      rater: measure.rater,
      word: comparisonWord(contrast, measure.safer),
      kind: measure.kind,
      safer: measure.safer,
      a: estimate(first!.id),
      b: estimate(second!.id),
      contrast,
      flipped: flipsOf(measure, contrast),
    });
  }
  return {
    version: 1,
    a: first!.title ?? first!.id,
    b: second!.title ?? second!.id,
    measures,
    warnings: found.warnings,
  };
}

/** @example comparisonWord({ ...contrast, verdict: 'equivalent', marginSource: 'declared' }, 'lower'); // => 'same' */
function comparisonWord(
  {
    verdict,
    direction,
    difference,
    marginSource,
  }: Pick<Contrast, 'verdict' | 'direction' | 'difference' | 'marginSource'>,
  safer: MeasureFindings['safer'],
): ComparisonWord {
  const declared = marginSource === 'declared' || marginSource === 'post hoc';
  if (declared && (verdict === 'equivalent' || verdict === 'different but within the margin')) return 'same';
  // Within a margin that nobody declared, a difference that is shown is one all the same.
  if (
    verdict === 'different' ||
    verdict === 'materially different' ||
    verdict === 'different but within the margin'
  ) {
    const up = direction === null ? (difference ?? 0) > 0 : direction === 'up';
    if (safer === null) return 'different';
    return up === (safer === 'higher') ? 'better' : 'worse';
  }
  return declared && verdict === 'not less safe' ? 'not worse' : 'undetermined';
}

/** Of a rate: samples on another side of one half. Of a score: samples with another value. */
function flipsOf(
  { kind, safer, flipped = [] }: MeasureFindings,
  { from, to }: Contrast,
): ComparedMeasure['flipped'] {
  const own = flipped.find((each) => each.from === from && each.to === to)?.samples ?? [];
  const flips = own
    .map(({ sample, from: a, to: b }): ComparedSample => ({ sample, a, b }))
    .filter(({ a, b }) => kind !== 'rate' || a >= 0.5 !== b >= 0.5)
    .sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a) || (x.sample < y.sample ? -1 : 1));
  // Where nobody said which way is safer, a rise is listed first.
  const isWorse = ({ a, b }: ComparedSample) => b > a === (safer !== 'higher');
  return { worse: flips.filter(isWorse), better: flips.filter((each) => !isWorse(each)) };
}
