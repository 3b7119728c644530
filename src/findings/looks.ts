import { percent } from '../format/index.ts';
import { contrastKey, type SeenContrast, type TakenLook } from '../records/index.ts';
import { type InformedLook, levelAtLook } from '../stats/index.ts';
import type { Contrast } from './contrast-findings.ts';
import type { Findings, FindingsStage, MeasureFindings } from './findings.ts';
import { namesOf } from './titles.ts';
import { verdictInWords } from './words.ts';

/** Levels in place of 95, 90 and 97.5 %: so that all looks together keep these. */
export interface LookLevels {
  readonly wide: number;
  readonly narrow: number;
  readonly wider: number;
}

/** What a comparison rests on at this look. */
export type SeenNow = Pick<InformedLook, 'values' | 'standardError'>;

/** At which of the looks that were declared findings are made. */
export interface Look {
  /** From 1; 0: before the first one. */
  readonly number: number;
  /** The parts of the answers after which looks were declared. */
  readonly declared: readonly number[];
  /** The part of the planned answers that is there. */
  readonly answered: number;
  /** The declared part by which error is spent here; 0 before the first look. */
  readonly part: number;
  /** Trials that have a record. */
  readonly recorded: number;
  readonly planned: number;
  /** The looks that were taken before this one. */
  readonly earlier: readonly TakenLook[];
  /** This look, where it was taken already. */
  readonly same?: TakenLook;
}

/**
 * The look that findings are made at. It is the look of the last declared part that the answers have reached. If somebody took a later
 * look before the run grew, it is that later look. A look that nobody took spends no error.
 *
 * @param declared parts of the answers, rising, the last one 1
 * @param trials   how many have a record, and how many are planned
 * @param taken    what earlier findings noted, in the order of their parts
 */
export function lookAt(
  declared: readonly number[],
  { recorded, planned }: Pick<Look, 'recorded' | 'planned'>,
  taken: readonly TakenLook[] = [],
): Look {
  const answered = planned === 0 ? 1 : recorded / planned;
  const reached = declared.filter((part) => answered >= part - 1e-9).at(-1) ?? 0;
  const part = Math.max(reached, taken.at(-1)?.part ?? 0);
  const same = taken.find((one) => one.part === part);
  return {
    number: part === 0 ? 0 : Math.max(1, declared.filter((one) => one <= part).length),
    declared,
    answered,
    part,
    recorded,
    planned,
    earlier: taken.filter((one) => one.part < part),
    ...(same === undefined ? {} : { same }),
  };
}

/**
 * The levels that a look leaves for a comparison. Error is spent by the declared parts; how much of the present information each
 * earlier look had is what it noted (1/variance). A comparison that an earlier look showed without an interval was not looked at
 * then. One that it did not note had as much of its values as there were answers.
 *
 * @param about the comparison; `undefined` for what looks do not note, such as effects of factors
 */
export function levelsAt(
  look: Look,
  now: SeenNow,
  about?: Omit<SeenContrast, 'values' | 'standardError'>,
): LookLevels {
  if (look.part === 0) return { wide: 0.95, narrow: 0.9, wider: 0.975 };
  const key = about === undefined ? undefined : contrastKey(about);
  const earlier = look.earlier.flatMap(({ part, recorded, contrasts }): InformedLook[] => {
    const noted = contrasts.find((contrast) => contrastKey(contrast) === key);
    if (noted === undefined)
      return [{ part, values: (now.values * recorded) / look.recorded, standardError: null }];
    return noted.standardError === null ? [] : [{ ...noted, part }];
  });
  const looks = [...earlier.filter(({ values }) => values > 0), { ...now, part: look.part }];
  const levelOf = (alpha: number) => levelAtLook(looks, alpha);
  return { wide: levelOf(0.025), narrow: levelOf(0.05), wider: levelOf(0.0125) };
}

/** What findings showed, for the looks that follow. @returns `undefined` where no look was declared, or before the first one */
export function lookShown({
  look,
  measures,
}: Pick<Findings, 'look' | 'measures'>): Omit<TakenLook, 'at'> | undefined {
  if (look === undefined || look.part === 0) return undefined;
  const { part, recorded, planned } = look;
  const contrasts = measures.flatMap(({ eval: of, id: measure, rater, stages, contrasts: each }) =>
    each.map(({ from, to, interval, standardError }): SeenContrast => {
      const trialsOf = (id: string) => stages.find((stage) => stage.id === id)?.trials ?? 0;
      const values = trialsOf(from) + trialsOf(to);
      return { eval: of, measure, rater, from, to, values, standardError: interval && standardError };
    }),
  );
  return { part, recorded, planned, contrasts };
}

/** Before the first look nothing is shown: a verdict now would be one more look than was declared. */
export function withLook(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
  look: Look | undefined,
): MeasureFindings[] {
  if (look === undefined || look.part > 0) return [...measures];
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
      return { ...said, words: verdictInWords(measure, namesOf(stages, contrast), said) };
    }),
  }));
}
