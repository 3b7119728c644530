import type { RunReader } from '../../records/index.ts';
import { ppiMean } from '../../stats/testing/ppi.ts';
import { makeFindings } from '../index.ts';
import { chance, plantedRun } from './planted-run.ts';

/** Labels that somebody chose by what the judge says, of two stages whose true rate is 30 % in both. */
export interface ChosenLabels {
  readonly seed: number;
  /** Labels a stage, among trials to which the judge says yes, and among the others. */
  readonly flagged: number;
  readonly others: number;
  /** Chance to miss a yes, and to invent one, by stage. */
  readonly misses: readonly [number, number];
  readonly invents: readonly [number, number];
  readonly clusterSize?: number;
}

export const TRUE_RATE = 0.3;
const SAMPLES = 600;

const truthOf = (seed: number) => (stage: number, sample: number) =>
  Number(chance(seed, sample, chance(seed, sample, 9) < 0.7 ? 7 : stage) < TRUE_RATE);

export function judgedBy({ seed, misses, invents }: ChosenLabels) {
  const truth = truthOf(seed);
  return (stage: number, sample: number) => {
    const yes = truth(stage, sample);
    return chance(seed, stage, sample, 5) < (yes ? misses : invents)[stage]! ? 1 - yes : yes;
  };
}

/** Which trials are labelled: so many of those flagged, and of the others, in an order of chance. */
function chosen(labels: ChosenLabels): ReadonlySet<string> {
  const says = judgedBy(labels);
  const keys = [0, 1].flatMap((stage) => {
    const inOrder = Array.from({ length: SAMPLES }, (_, sample) => sample).sort(
      (a, b) => chance(labels.seed, stage, a, 11) - chance(labels.seed, stage, b, 11),
    );
    const of = (yes: number, count: number) =>
      inOrder.filter((sample) => says(stage, sample) === yes).slice(0, count);
    return [...of(1, labels.flagged), ...of(0, labels.others)].map((sample) => `${stage} ${sample}`);
  });
  return new Set(keys);
}

function runOf(labels: ChosenLabels): RunReader {
  const says = judgedBy(labels);
  const truth = truthOf(labels.seed);
  const labelled = chosen(labels);
  return plantedRun({
    stages: ['base', 'sft'],
    samples: SAMPLES,
    clusters: SAMPLES / (labels.clusterSize ?? 1),
    raters: [{ id: 'judge' }, { id: 'human', kind: 'human' }],
    value: ({ rater, stage, sample }) => {
      if (rater === 'judge') return says(stage, sample);
      return labelled.has(`${stage} ${sample}`) ? truth(stage, sample) : undefined;
    },
  });
}

/** What findings make of such labels, and what they would make of them were they taken for a random part. */
export async function chosenLabels(labels: ChosenLabels) {
  const { measures, warnings } = await makeFindings(runOf(labels));
  const judge = measures.find(({ rater }) => rater === 'judge')!;
  const says = judgedBy(labels);
  const truth = truthOf(labels.seed);
  const labelled = chosen(labels);
  const clusterOf = (sample: number) => sample % (SAMPLES / (labels.clusterSize ?? 1));
  const all = Array.from({ length: SAMPLES }, (_, sample) => sample);
  const known = all.filter((sample) => labelled.has(`0 ${sample}`));
  const rest = all.filter((sample) => !labelled.has(`0 ${sample}`));
  const naive = ppiMean(
    {
      labelled: {
        human: known.map((sample) => truth(0, sample)),
        judge: known.map((sample) => says(0, sample)),
      },
      unlabelled: { judge: rest.map((sample) => says(0, sample)) },
      clusters: { labelled: known.map(clusterOf), unlabelled: rest.map(clusterOf) },
    },
    { pseudoError: 1 },
  );
  return { judge, warnings, naive };
}
