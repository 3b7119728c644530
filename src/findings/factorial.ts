import type { StageInfo } from '../core/index.ts';
import { listed } from '../format/index.ts';
import {
  clusteredCovariance,
  type RunVariance,
  runVariance,
  type StageChanges,
  shapley,
  sharesOf,
} from '../stats/index.ts';
import { withRunCovariance } from './chain-shares.ts';
import { interactionIn, trainingRuns } from './factorial-runs.ts';
import { judge, type Margin, type SharedValues } from './judge.ts';
import type { FactorialEffect, FactorialFindings, FactorialInteraction } from './part-findings.ts';
import { differenceRange, possible, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';
import type { Steps } from './steps.ts';
import { change, range, size } from './words.ts';

/** A total less sure than this (t²·Var(total)/total²) is not divided. */
const LARGEST_G = 0.2;

/** A measure at stages that are made from factors. */
interface Factorial extends Omit<Steps, 'margin'> {
  readonly margin: Margin;
  readonly seed: number;
}

interface Factor {
  readonly name: string;
  /** The first listed is what the others are compared with. */
  readonly levels: readonly string[];
}

/**
 * What each factor does over stages that are made from all combinations of some factors: main effects (a level in place of the
 * first one, averaged over all settings of the other factors), interactions of pairs, and, where every factor has two levels, the
 * Shapley shares of the change from all first levels to all second ones. All on the samples that have a value in every such stage,
 * so paired, with clusters counted, and training runs where stages have several; main effects have verdicts by the rules of
 * contrasts.
 *
 * @returns `undefined` where fewer than two stages have factors
 * @see Box, Hunter & Hunter (2005), ch. 5; Shapley (1953)
 */
export function factorialOf(of: Factorial): FactorialFindings | undefined {
  const members = of.shown.filter((stage) => {
    const { factors, replicateOf } = of.stages[stage]!;
    return factors !== undefined && replicateOf === undefined;
  });
  if (members.length < 2) return undefined;
  const factors = factorsOf(members.map((stage) => of.stages[stage]!));
  if (factors.length === 0) return undefined;
  const refused = (why: string): FactorialFindings => ({
    ...{ factors, n: 0, clusters: 0, effects: [], interactions: [], why },
  });
  const cells = new Map<string, number>();
  for (const stage of members) {
    const key = keyOf(factors, of.stages[stage]!.factors!);
    if (cells.has(key)) return refused(`two stages have the same levels: ${key}`);
    cells.set(key, stage);
  }
  const lacking = settings(factors).filter((setting) => !cells.has(keyOf(factors, setting)));
  if (lacking.length > 0) {
    const named = lacking.slice(0, 3).map((setting) => keyOf(factors, setting));
    const rest = lacking.length > 3 ? ` and ${lacking.length - 3} more` : '';
    return refused(`no stage has the levels ${listed(named)}${rest}, so effects can't be told apart`);
  }
  return effectsOf(of, factors, (setting) => cells.get(keyOf(factors, setting))!);
}

type FactorSetting = Readonly<Record<string, string>>;

/** The factors that vary, with their levels in the order in which they are listed. */
function factorsOf(stages: readonly StageInfo[]): Factor[] {
  const names = [...new Set(stages.flatMap(({ factors }) => Object.keys(factors!)))];
  return names
    .map((name) => ({ name, levels: [...new Set(stages.map(({ factors }) => factors![name] ?? '—'))] }))
    .filter(({ levels }) => levels.length > 1);
}

function keyOf(factors: readonly Factor[], setting: FactorSetting): string {
  return factors.map(({ name }) => `${name}=${setting[name] ?? '—'}`).join(', ');
}

/** All combinations of levels. */
function settings(factors: readonly Factor[], fixed: FactorSetting = {}): FactorSetting[] {
  return factors.reduce<FactorSetting[]>(
    (all, { name, levels }) =>
      all.flatMap((setting) =>
        (fixed[name] === undefined ? levels : [fixed[name]]).map((level) => ({ ...setting, [name]: level })),
      ),
    [{}],
  );
}

function effectsOf(
  { column, values, margin, seed }: Factorial,
  factors: readonly Factor[],
  stageOf: (setting: FactorSetting) => number,
): FactorialFindings {
  const { table, measure } = column;
  const members = settings(factors).map(stageOf);
  const shared = table.samples
    .map((_, sample) => sample)
    .filter((sample) => members.every((stage) => !Number.isNaN(values[stage]!.means[sample]!)));
  const clusters = Int32Array.from(shared, (sample) => table.clusters[sample]!);
  const facts = { factors, n: shared.length, clusters: new Set(clusters).size };
  const refused = (why: string): FactorialFindings => ({ ...facts, effects: [], interactions: [], why });
  if (shared.length === 0) return refused('no sample has a value in every stage with factors');
  const counted = trainingRuns(column, members);
  if (typeof counted === 'string') return refused(counted);
  const runs = counted;
  /** Of every shared sample, the sum over settings of its value times the setting's weight. */
  const combined = (weighted: Weighted) => {
    const sum = new Float64Array(shared.length);
    for (const [setting, weight] of weighted) {
      const { means } = values[stageOf(setting)]!;
      shared.forEach((sample, i) => {
        sum[i]! += weight * means[sample]!;
      });
    }
    return sum;
  };
  const average = (fixed: FactorSetting): Weighted => {
    const all = settings(factors, fixed);
    return all.map((setting) => [setting, 1 / all.length]);
  };
  const averaged = (fixed: FactorSetting) => combined(average(fixed));
  /** The same of each training run, on the samples that all runs have a value for. */
  const byRun = (weighted: Weighted) =>
    runs?.combined(weighted.map(([setting, weight]) => [stageOf(setting), weight]));
  const spreadOf = (weighted: Weighted): RunVariance[] =>
    runs === undefined || runs.clusters.count < 2 ? [] : [runVariance(byRun(weighted)!, runs.clusters)];
  const trials = members.reduce((sum, stage) => sum + values[stage]!.trials, 0);
  const effects = factors.flatMap(({ name, levels: [first, ...others] }) =>
    others.map((level): FactorialEffect => {
      const arms: SharedValues = {
        from: averaged({ [name]: first! }),
        to: averaged({ [name]: level }),
        clusters,
        // Trials of a sample in one arm: those of all settings that it is the mean of.
        epochs: Math.max(1, trials / shared.length / (others.length + 1)),
        runs: spreadOf([...average({ [name]: level }), ...negative(average({ [name]: first! }))]),
      };
      const { difference, interval, interval90, pDifference, verdict, reason, why } = judge(
        measure,
        arms,
        margin,
        seed,
      );
      const found = {
        factor: name,
        from: first!,
        to: level,
        difference,
        interval,
        interval90,
        p: pDifference,
        verdict,
      };
      return {
        ...found,
        ...(reason === undefined ? {} : { reason }),
        ...(why === undefined ? {} : { why }),
        words: inWords(column, found, margin),
      };
    }),
  );
  return {
    ...facts,
    effects,
    interactions: interactionsOf(
      column,
      factors,
      clusters,
      (weighted) => ({ d: combined(weighted), runs: spreadOf(weighted) }),
      average,
    ),
    ...divided(),
  };

  function divided(): Pick<FactorialFindings, 'shapley'> {
    if (factors.length < 2 || factors.some(({ levels }) => levels.length !== 2)) return {};
    const all = Array.from(
      { length: 2 ** factors.length },
      (_, subset): FactorSetting =>
        Object.fromEntries(factors.map(({ name, levels }, bit) => [name, levels[(subset >> bit) & 1]!])),
    );
    // What a factor is given is linear in the outcomes: these are its weights.
    const weights = all.map((_, subset) => shapley(all.map((_one, other) => Number(other === subset))));
    const weighted = [
      ...factors.map(
        (_, factor): Weighted => all.map((setting, subset) => [setting, weights[subset]![factor]!]),
      ),
      [[all.at(-1)!, 1] as const, [all[0]!, -1] as const],
    ];
    const changes = clusteredCovariance(weighted.map(combined), clusters);
    const withRuns =
      runs === undefined
        ? changes
        : withRunCovariance(
            changes,
            weighted.map((one) => byRun(one)!),
            runs.clusters,
          );
    return { shapley: sharesOfFactors(column, factors, withRuns, margin) };
  }
}

type Weighted = readonly (readonly [FactorSetting, number])[];

function negative(weighted: Weighted): Weighted {
  return weighted.map(([setting, weight]) => [setting, -weight]);
}

function interactionsOf(
  { measure }: RatingColumn,
  factors: readonly Factor[],
  clusters: Int32Array,
  differenceOf: (weighted: Weighted) => {
    readonly d: Float64Array;
    readonly runs: readonly RunVariance[];
  },
  average: (fixed: FactorSetting) => Weighted,
): FactorialInteraction[] {
  const width = measure.range[1] - measure.range[0];
  return factors.flatMap((a, i) =>
    factors.slice(i + 1).flatMap((b) =>
      a.levels.slice(1).flatMap((one) =>
        b.levels.slice(1).map((other): FactorialInteraction => {
          const at = (x: string, y: string) => average({ [a.name]: x, [b.name]: y });
          const [first, start] = [a.levels[0]!, b.levels[0]!];
          const { d, runs } = differenceOf([
            ...at(one, other),
            ...negative(at(one, start)),
            ...negative(at(first, other)),
            ...at(first, start),
          ]);
          const { interval, estimate, p } = interactionIn(d, clusters, runs, 2 * width);
          return {
            factors: [a.name, b.name],
            levels: [one, other],
            estimate,
            interval: interval && possibleInterval(interval, [-2 * width, 2 * width]),
            p,
          };
        }),
      ),
    ),
  );
}

function sharesOfFactors(
  { measure }: RatingColumn,
  factors: readonly Factor[],
  changes: StageChanges,
  margin: Margin,
): NonNullable<FactorialFindings['shapley']> {
  const { total, steps, g } = sharesOf(changes);
  const limits = differenceRange(measure);
  const small = margin.points !== null && Math.abs(total.change) <= margin.points;
  const why = small
    ? `the whole change is within the margin of ±${size(measure, margin.points!)}, so there is hardly anything to share`
    : g === null || g > LARGEST_G
      ? 'the whole change is too uncertain to be divided among the factors'
      : null;
  return {
    total: possible(total.change, limits),
    totalInterval: total.interval && possibleInterval(total.interval, limits),
    identified: why === null,
    ...(why === null ? {} : { why }),
    parts: steps.map(({ change: amount, interval, share, fieller }, factor) => ({
      factor: factors[factor]!.name,
      change: amount,
      changeInterval: interval,
      share: why === null ? share : null,
      interval: why === null && fieller?.kind === 'bounded' ? fieller.interval : null,
    })),
  };
}

/** `prompts: swapped in place of original moves it by +12.0 points [+8.0, +16.0]`. */
function inWords(
  { measure }: RatingColumn,
  {
    factor,
    from,
    to,
    difference,
    interval,
    verdict,
  }: Pick<FactorialEffect, 'factor' | 'from' | 'to' | 'difference' | 'interval' | 'verdict'>,
  margin: Margin,
): string {
  const what = `${factor}: ${to} in place of ${from}`;
  const within = margin.points === null ? '' : ` by more than ±${size(measure, margin.points)}`;
  const amount = `${change(measure, difference ?? 0)}${interval === null ? '' : ` ${range(measure, interval)}`}`;
  switch (verdict) {
    case 'equivalent':
      return `${what} does not move it${within}: ${amount}`;
    case 'different but within the margin':
      return `${what} moves it, but by less than the margin: ${amount}`;
    case 'different':
    case 'materially different':
      return `${what} moves it by ${amount}`;
    default:
      return `whether ${what} moves it is open: ${amount}`;
  }
}
