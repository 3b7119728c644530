import type { Measure } from '../src/core/index.ts';
import { branchesOf, type MeasureFindings } from '../src/findings/index.ts';
import { type ChosenLabels, chosenLabels, TRUE_RATE } from '../src/findings/testing/chosen-labels.ts';
import { rate } from '../src/findings/testing/planted-run.ts';
import type { Interval, RandomSource } from '../src/stats/index.ts';
import { LABELS_CHOSEN } from './chosen-labels.ts';
import { LOOKS, looksClaim } from './looks-design.ts';
import { findingsOfPlanted } from './planted-columns.ts';
import { normal } from './planted-pairs.ts';

/** A planted run whose findings may claim something that is not true. */
export interface WholeDesign {
  readonly name: string;
  readonly errors: readonly PlantedError[];
  /** Of one run, whether each error is made; `null` where nothing is said that could be one. */
  errs(random: RandomSource): Promise<readonly (boolean | null)[]>;
}

interface PlantedError {
  /** What is counted. */
  readonly error: string;
  /** The most of it that is wanted. */
  readonly target: number;
}

/** How often each error was made, of the runs that said something. */
export interface WholeCounts {
  readonly kind: 'whole';
  readonly runs: number;
  readonly errors: readonly { readonly made: number; readonly of: number }[];
}

/** Runs one design. */
export async function simulateWhole(
  design: WholeDesign,
  runs: number,
  random: RandomSource,
): Promise<WholeCounts> {
  const errors = design.errors.map(() => ({ made: 0, of: 0 }));
  for (let run = 0; run < runs; run++) {
    (await design.errs(random)).forEach((made, place) => {
      if (made === null) return;
      errors[place]!.of++;
      errors[place]!.made += Number(made);
    });
  }
  return { kind: 'whole', runs, errors };
}

const SAMPLES = 300;
const CLUSTERS = 50;

type Stage = { readonly id: string; readonly from: string | null; readonly replicateOf?: string };

const chain = (length: number): Stage[] =>
  Array.from({ length }, (_, i) => ({ id: `s${i}`, from: i === 0 ? null : `s${i - 1}` }));

interface Planted {
  readonly stages: readonly Stage[];
  readonly measures?: readonly Measure[];
}

/** What is true in one run. */
interface Truth {
  /** The rate of a stage, by its place. */
  readonly rateOf: (stage: number) => number;
  /** Whether an answer is lost, given its value. */
  readonly lost?: (stage: number, value: number) => boolean;
}

/**
 * Findings of made runs. Each sample and each cluster has its own propensity. It is the same at all stages, so the stages are
 * paired. A part of each answer depends on the stage alone.
 */
function runsOf({ stages, measures = [rate] }: Planted) {
  const made = findingsOfPlanted({ stages, measures, samples: SAMPLES, clusters: CLUSTERS });
  const own = new Float64Array(stages.length * measures.length * SAMPLES);
  const common = new Float64Array(measures.length * SAMPLES);
  const ofCluster = new Float64Array(measures.length * CLUSTERS);
  return ({ rateOf, lost = () => false }: Truth, random: RandomSource): MeasureFindings[] => {
    for (const numbers of [own, common, ofCluster])
      for (let i = 0; i < numbers.length; i++) numbers[i] = random.fraction();
    return made((stage, sample, measure) => {
      // One third of the samples follow their cluster, one third keep their own value, and one third are drawn again at each stage.
      const part = sample % 3;
      const propensity =
        part === 0
          ? ofCluster[measure * CLUSTERS + (sample % CLUSTERS)]!
          : part === 1
            ? common[measure * SAMPLES + sample]!
            : own[(measure * stages.length + stage) * SAMPLES + sample]!;
      const answer = Number(propensity < rateOf(stage));
      return lost(stage, answer) ? Number.NaN : answer;
    });
  };
}

function claimsDifference(measures: readonly MeasureFindings[]): boolean {
  return measures.some(({ contrasts }) => contrasts.some(({ direction }) => direction !== null));
}

function claimsSameness([measure]: readonly MeasureFindings[]): boolean {
  return ['equivalent', 'different but within the margin'].includes(measure!.contrasts[0]!.verdict);
}

/** In these designs no stage carried more than half: whoever is named is named wrongly. */
function names([measure]: readonly MeasureFindings[]): boolean {
  return branchesOf(measure!).some(({ carriers }) => carriers.length > 0);
}

const many = (count: number): Measure[] =>
  Array.from({ length: count }, (_, i) => ({ ...rate, id: `many/m${i}`, title: `Measure ${i}` }));

const NO_DIFFERENCE: PlantedError = { error: 'a difference is claimed in any comparison', target: 0.06 };
const WRONG_CARRIER: PlantedError = { error: 'a stage is named that did not carry most', target: 0.06 };
const FALSE_SAME: PlantedError = { error: 'sameness is claimed', target: 0.06 };

/** Designs of whole runs: many claims at once, chains, branches, training runs, answers that are lost, labels that were chosen. */
export function wholeDesigns(): WholeDesign[] {
  const planted = (
    name: string,
    error: PlantedError,
    shape: Planted,
    truth: (random: RandomSource) => Truth,
    errs: (found: readonly MeasureFindings[]) => boolean,
  ): WholeDesign => {
    let run: ReturnType<typeof runsOf> | undefined;
    return {
      ...{ name, errors: [error] },
      errs: async (random) => {
        run ??= runsOf(shape);
        return [errs(run(truth(random), random))];
      },
    };
  };
  const nothing = (name: string, shape: Planted) =>
    planted(name, NO_DIFFERENCE, shape, () => ({ rateOf: () => 0.3 }), claimsDifference);
  const carriers = (name: string, stages: readonly Stage[], rateOf: Truth['rateOf']) =>
    planted(name, WRONG_CARRIER, { stages }, () => ({ rateOf }), names);
  const tree: Stage[] = [...chain(2), { id: 'a', from: 's1' }, { id: 'b', from: 's1' }];
  return [
    nothing('25 measures at two stages, nothing differs', { stages: chain(2), measures: many(25) }),
    nothing('5 measures at five stages, nothing differs', { stages: chain(5), measures: many(5) }),
    ...[3, 4, 5].flatMap((length) => [
      carriers(
        `chain of ${length}, even steps`,
        chain(length),
        (stage) => 0.6 - (0.4 * stage) / (length - 1),
      ),
      carriers(`chain of ${length}, first step just half`, chain(length), (stage) =>
        stage === 0 ? 0.6 : 0.4 - (0.2 * (stage - 1)) / (length - 2),
      ),
    ]),
    nothing('two branches, nothing differs', { stages: tree }),
    carriers('two branches, steps of half', tree, (stage) => [0.6, 0.4, 0.2, 0.2][stage]!),
    ...[0.1, 0.4, 0.5].flatMap((part) =>
      [0, 0.05].map((difference) =>
        planted(
          `${Math.round(30 * part)} % lost where the value is 1, at one stage; true difference ${difference}`,
          difference === 0 ? NO_DIFFERENCE : FALSE_SAME,
          { stages: chain(2) },
          (random) => ({
            rateOf: (stage) => 0.3 + stage * difference,
            lost: (stage, value) => stage === 1 && value === 1 && random.fraction() < part,
          }),
          difference === 0 ? claimsDifference : claimsSameness,
        ),
      ),
    ),
    ...[1, 3, 5].flatMap((count) => {
      const arms = ['a', 'b'].flatMap((id) =>
        Array.from({ length: count }, (_, run) =>
          run === 0 ? { id, from: null } : { id: `${id}-run-${run + 1}`, from: null, replicateOf: id },
        ),
      );
      const name = `${count} training ${count === 1 ? 'run' : 'runs'} a stage, seed-to-seed sd of 2 points`;
      return [0, 0.05].map((difference) =>
        planted(
          difference === 0 ? name : `${name}; true difference ${difference}`,
          { ...(difference === 0 ? NO_DIFFERENCE : FALSE_SAME), ...(count === 1 ? { target: 1 } : {}) },
          { stages: arms },
          (random) => {
            const off = arms.map(() => 0.02 * normal(random));
            const rateOf = (stage: number) => 0.3 + off[stage]! + (stage < count ? 0 : difference);
            return { rateOf };
          },
          difference === 0 ? claimsDifference : claimsSameness,
        ),
      );
    }),
    ...LOOKS.map(
      ([name, looks]): WholeDesign => ({
        name: `looks at 20, 40, 60, 80 and 100 % of the answers, ${name}`,
        errors: [{ error: 'a difference is claimed at any look', target: 0.06 }],
        errs: async (random) => [looksClaim(looks, random)],
      }),
    ),
    ...LABELS_CHOSEN.map(([name, labels]) => labelled(name, labels)),
  ];
}

/** Two stages of 600 samples with a true rate of 30 % at both. */
function labelled(name: string, labels: Omit<ChosenLabels, 'seed'>): WholeDesign {
  const misses = (interval: Interval | null, truth: number) =>
    interval === null ? null : !(interval[0] <= truth && truth <= interval[1]);
  return {
    name: `labels chosen by what the judge says, ${name}`,
    errors: [
      { error: 'the corrected rate misses', target: 0.07 },
      { error: 'the corrected difference misses', target: 0.07 },
      { error: 'a difference is claimed', target: 0.06 },
    ],
    errs: async (random) => {
      const { judge } = await chosenLabels({ ...labels, seed: random.below(2 ** 21) });
      const [contrast] = judge.contrasts;
      return [
        misses(judge.corrected!.stages[0]!.interval, TRUE_RATE),
        misses(judge.corrected!.contrasts[0]!.interval, 0),
        contrast!.direction !== null,
      ];
    },
  };
}

/** The rows as a Markdown table; bold where a target is missed by more than three Monte-Carlo errors. */
export function wholeTable(
  rows: readonly { readonly design: WholeDesign; readonly counts: WholeCounts }[],
): string {
  const lines = rows.flatMap(({ design, counts }) =>
    design.errors.map(({ error, target }, place) => {
      const { made, of } = counts.errors[place]!;
      const slack = 3 * Math.sqrt((target * (1 - target)) / of);
      const text = of === 0 ? '—' : ((100 * made) / of).toFixed(1);
      const shown = of > 0 && made / of > target + slack ? `**${text}**` : text;
      return `| ${design.name} | ${error} | ${shown} | ${target < 1 ? (100 * target).toFixed(0) : 'none'} | ${of} |`;
    }),
  );
  return ['| planted | error | % | at most | runs |', '| --- | --- | --: | --: | --: |', ...lines].join('\n');
}
