import type { Measure } from '../src/core/index.ts';
import { branchesOf, type Findings, makeFindings } from '../src/findings/index.ts';
import { type PlantedTrial, plantedRun, rate } from '../src/findings/testing/planted-run.ts';
import { type RandomSource, randomSource } from '../src/stats/index.ts';

/** A planted run whose findings may claim something that is not true. */
export interface WholeDesign {
  readonly name: string;
  /** What is counted. */
  readonly error: string;
  /** The most of it that is wanted. */
  readonly target: number;
  /** Whether the findings of one replication make the error. */
  errs(random: RandomSource): Promise<boolean>;
}

export interface WholeRow {
  readonly design: string;
  readonly error: string;
  readonly target: number;
  /** Of the replications. */
  readonly share: number;
}

/** Runs one design. */
export async function simulateWhole(
  design: WholeDesign,
  replications: number,
  seed: number,
): Promise<WholeRow> {
  const random = randomSource(seed);
  let errors = 0;
  for (let r = 0; r < replications; r++) errors += Number(await design.errs(random));
  const { name, error, target } = design;
  return { design: name, error, target, share: errors / replications };
}

const SAMPLES = 300;
const CLUSTERS = 50;

type Stage = { readonly id: string; readonly from: string | null; readonly replicateOf?: string };

const chain = (length: number): Stage[] =>
  Array.from({ length }, (_, i) => ({ id: `s${i}`, from: i === 0 ? null : `s${i - 1}` }));

interface Planted {
  readonly stages: readonly Stage[];
  readonly measures?: readonly Measure[];
  /** The rate of a stage, by its place, for a measure. */
  readonly rateOf: (stage: number, measure: number) => number;
  /** Whether an answer is lost, given its value. */
  readonly lost?: (stage: number, value: number) => boolean;
}

/**
 * Findings of a made run. Each sample and each cluster has its own propensity. It is the same at all stages, so the stages are
 * paired. A part of each answer depends on the stage alone.
 */
function found({ stages, measures = [rate], rateOf, lost = () => false }: Planted, random: RandomSource) {
  const numbers = (count: number) => Float64Array.from({ length: count }, () => random.fraction());
  const size = stages.length * measures.length * SAMPLES;
  const [own, common, ofCluster] = [
    numbers(size),
    numbers(measures.length * SAMPLES),
    numbers(measures.length * CLUSTERS),
  ];
  const places = new Map(measures.map(({ id }, place) => [id, place]));
  const value = ({ stage, sample, measure }: PlantedTrial) => {
    const place = places.get(measure)!;
    const kind = own[(place * stages.length + stage) * SAMPLES + sample]!;
    // One third of the samples follow their cluster, one third keep their own value, and one third are drawn again at each stage.
    const part = sample % 3;
    const propensity =
      part === 0
        ? ofCluster[place * CLUSTERS + (sample % CLUSTERS)]!
        : part === 1
          ? common[place * SAMPLES + sample]!
          : kind;
    const answer = Number(propensity < rateOf(stage, place));
    return lost(stage, answer) ? ('unparsed' as const) : answer;
  };
  return makeFindings(plantedRun({ stages, measures, samples: SAMPLES, clusters: CLUSTERS, value }));
}

function claimsDifference({ measures }: Findings): boolean {
  return measures.some(({ contrasts }) => contrasts.some(({ direction }) => direction !== null));
}

/** In these designs no stage carried more than half: whoever is named is named wrongly. */
function names(findings: Findings): boolean {
  return branchesOf(findings.measures[0]!).some(({ carriers }) => carriers.length > 0);
}

const many = (count: number): Measure[] =>
  Array.from({ length: count }, (_, i) => ({ ...rate, id: `many/m${i}`, title: `Measure ${i}` }));

const NO_DIFFERENCE = 'a difference is claimed in any comparison';
const WRONG_CARRIER = 'a stage is named that did not carry most';

/** Designs of whole runs: many claims at once, chains, branches, training runs, answers that are lost. */
export function wholeDesigns(): WholeDesign[] {
  const nothing = (name: string, planted: Omit<Planted, 'rateOf'>): WholeDesign => ({
    ...{ name, error: NO_DIFFERENCE, target: 0.06 },
    errs: async (random) => claimsDifference(await found({ ...planted, rateOf: () => 0.3 }, random)),
  });
  const carriers = [3, 4, 5].flatMap((length): WholeDesign[] => [
    {
      ...{ name: `chain of ${length}, even steps`, error: WRONG_CARRIER, target: 0.06 },
      errs: async (random) => {
        const rateOf = (stage: number) => 0.6 - (0.4 * stage) / (length - 1);
        return names(await found({ stages: chain(length), rateOf }, random));
      },
    },
    {
      ...{ name: `chain of ${length}, first step just half`, error: WRONG_CARRIER, target: 0.06 },
      errs: async (random) => {
        const rateOf = (stage: number) => (stage === 0 ? 0.6 : 0.4 - (0.2 * (stage - 1)) / (length - 2));
        return names(await found({ stages: chain(length), rateOf }, random));
      },
    },
  ]);
  const tree: Stage[] = [...chain(2), { id: 'a', from: 's1' }, { id: 'b', from: 's1' }];
  const branches: WholeDesign[] = [
    nothing('two branches, nothing differs', { stages: tree }),
    {
      ...{ name: 'two branches, steps of half', error: WRONG_CARRIER, target: 0.06 },
      errs: async (random) =>
        names(await found({ stages: tree, rateOf: (stage) => [0.6, 0.4, 0.2, 0.2][stage]! }, random)),
    },
  ];
  const lost = [0, 0.05].map(
    (difference): WholeDesign => ({
      name: `12 % lost where the value is 1, at one stage; true difference ${difference}`,
      error: difference === 0 ? NO_DIFFERENCE : 'sameness is claimed',
      target: 0.06,
      errs: async (random) => {
        const findings = await found(
          {
            stages: chain(2),
            rateOf: (stage) => 0.3 + stage * difference,
            lost: (stage, value) => stage === 1 && value === 1 && random.fraction() < 0.4,
          },
          random,
        );
        const [contrast] = findings.measures[0]!.contrasts;
        return difference === 0
          ? contrast!.direction !== null
          : contrast!.verdict === 'equivalent' || contrast!.verdict === 'different but within the margin';
      },
    }),
  );
  const runs = [1, 3, 5].map((count): WholeDesign => {
    const arms = ['a', 'b'].flatMap((id) =>
      Array.from({ length: count }, (_, run) =>
        run === 0 ? { id, from: null } : { id: `${id}-run-${run + 1}`, from: null, replicateOf: id },
      ),
    );
    return {
      name: `${count} training ${count === 1 ? 'run' : 'runs'} a stage, seed-to-seed sd of 2 points`,
      error: NO_DIFFERENCE,
      target: count === 1 ? 1 : 0.06,
      errs: async (random) => {
        const off = arms.map(() => 0.02 * normal(random));
        return claimsDifference(await found({ stages: arms, rateOf: (stage) => 0.3 + off[stage]! }, random));
      },
    };
  });
  return [
    nothing('25 measures at two stages, nothing differs', { stages: chain(2), measures: many(25) }),
    nothing('5 measures at five stages, nothing differs', { stages: chain(5), measures: many(5) }),
    ...carriers,
    ...branches,
    ...lost,
    ...runs,
  ];
}

function normal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}

/** The rows as a Markdown table; bold where a target is missed by more than three Monte-Carlo errors. */
export function wholeTable(rows: readonly (WholeRow & { readonly replications: number })[]): string {
  const lines = rows.map(({ design, error, target, share, replications }) => {
    const slack = 3 * Math.sqrt((target * (1 - target)) / replications);
    const text = (100 * share).toFixed(1);
    const shown = share > target + slack ? `**${text}**` : text;
    return `| ${design} | ${error} | ${shown} | ${target < 1 ? (100 * target).toFixed(0) : 'none'} | ${replications} |`;
  });
  return ['| planted | error | % | at most | runs |', '| --- | --- | --: | --: | --: |', ...lines].join('\n');
}
