import { percent } from '../format/index.ts';
import { lanDeMets, normalCdf } from '../stats/index.ts';
import type { Contrast, FindingsStage, MeasureFindings } from './findings.ts';
import { verdictInWords } from './words.ts';

/** At which of the looks that were declared findings are made, and the levels that are left for it. */
export interface Look {
  /** From 1; 0: before the first one. */
  readonly number: number;
  /** The parts of the answers after which looks were declared. */
  readonly declared: readonly number[];
  /** The part of the planned answers that is there. */
  readonly answered: number;
  /** In place of 95, 90 and 97.5 %: so that all looks together keep these levels. */
  readonly wide: number;
  readonly narrow: number;
  readonly wider: number;
}

/**
 * The look that findings are made at: the last declared one that the answers have reached, with the levels that Lan and DeMets'
 * O'Brien–Fleming spending leaves for it. Information (1/variance) grows at most as fast as the number of answers, so that looks at
 * parts of the answers spend no more than they may.
 *
 * @param declared parts of the answers, rising, the last one 1
 * @param answered the part of the planned trials that has a record
 */
export function lookAt(declared: readonly number[], answered: number): Look {
  const reached = declared.filter((part) => answered >= part - 1e-9);
  const levelAt = (alpha: number) => {
    if (reached.length === 0) return 1 - 2 * alpha;
    const bound = lanDeMets(reached, alpha).at(-1)!;
    return 2 * normalCdf(bound) - 1;
  };
  return {
    number: reached.length,
    declared,
    answered,
    wide: levelAt(0.025),
    narrow: levelAt(0.05),
    wider: levelAt(0.0125),
  };
}

/** Before the first look nothing is shown: a verdict now would be one more look than was declared. */
export function withLook(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
  look: Look | undefined,
): MeasureFindings[] {
  if (look === undefined || look.number > 0) return [...measures];
  const title = (id: string) => stages.find((stage) => stage.id === id)?.title ?? id;
  const why = `the first look was declared after ${percent(look.declared[0]!)} of the answers, and ${percent(look.answered)} are there`;
  return measures.map((measure) => ({
    ...measure,
    contrasts: measure.contrasts.map((contrast): Contrast => {
      if (contrast.verdict === 'not compared' || contrast.interval === null) return contrast;
      const said: Contrast = {
        ...contrast,
        verdict: 'inconclusive',
        notLessSafe: contrast.notLessSafe === null ? null : false,
        direction: null,
        reason: 'looks',
        why,
      };
      const names = { from: title(contrast.from), to: title(contrast.to) };
      return { ...said, words: verdictInWords(measure, names, said) };
    }),
  }));
}
