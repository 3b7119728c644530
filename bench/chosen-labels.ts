import { type ChosenLabels, chosenLabels, TRUE_RATE } from '../src/findings/testing/chosen-labels.ts';
import type { Bench } from './main.ts';
import { median } from './row.ts';

/** Planted truth: 30 % at two stages, 600 samples each; a judge that errs, and labels chosen by what it says. */
const DRAWS = 1000;

const ALIKE = { misses: [0.2, 0.2], invents: [0.1, 0.1] } as const;
const UNLIKE = { misses: [0.4, 0.1], invents: [0.05, 0.05] } as const;

/** What is labelled at each stage, and how the judge errs. */
export const LABELS_CHOSEN: readonly (readonly [string, Omit<ChosenLabels, 'seed'>])[] = [
  ['90 of the flagged and 30 others', { ...ALIKE, flagged: 90, others: 30 }],
  ['40 of the flagged and 5 others', { ...ALIKE, flagged: 40, others: 5 }],
  ['20 of the flagged and 100 others', { ...ALIKE, flagged: 20, others: 100 }],
  ['90 and 30, a judge that errs unlike', { ...UNLIKE, flagged: 90, others: 30 }],
  ['90 and 30, in clusters of ten', { ...ALIKE, flagged: 90, others: 30, clusterSize: 10 }],
  ['15 and 15', { ...ALIKE, flagged: 15, others: 15 }],
  ['90 of the flagged and no other', { ...ALIKE, flagged: 90, others: 0 }],
];

/** `npm run bench -- chosen-labels`: the table of docs/labels.md. */
export const labelsChosen: Bench = async ({ scale }, tell) => {
  const draws = Math.max(1, Math.round(DRAWS * scale));
  const holds = (interval: readonly [number, number] | null | undefined, value: number) =>
    interval != null && interval[0] <= value && value <= interval[1];
  for (const [name, labels] of LABELS_CHOSEN) {
    const of = { given: 0, rate: 0, difference: 0, naive: 0 };
    const means: number[] = [];
    for (let seed = 0; seed < draws; seed++) {
      const { judge, naive } = await chosenLabels({ ...labels, seed: seed + 10_000 });
      const [stage] = judge.corrected!.stages;
      const [contrast] = judge.corrected!.contrasts;
      of.given += Number(stage!.interval !== null);
      of.rate += Number(holds(stage!.interval, TRUE_RATE));
      of.difference += Number(holds(contrast!.interval, 0));
      of.naive += Number(holds(naive.interval, TRUE_RATE));
      means.push(naive.estimate);
    }
    const part = (count: number, all = draws) => (all === 0 ? '—' : `${((100 * count) / all).toFixed(1)} %`);
    tell({
      what: `labels chosen by what the judge says: ${name}`,
      measured: `corrected in ${part(of.given)}; then the rate is covered in ${part(of.rate, of.given)}, the difference in ${part(of.difference, of.given)}; taken for a random part ${part(of.naive)}, median estimate ${(100 * median(means)).toFixed(0)} %`,
      aim: '≥ 93 %',
    });
  }
};
