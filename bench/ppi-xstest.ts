import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { overRefusal } from '../src/evals/refusals/measures.ts';
import { importXstest } from '../src/interchange/index.ts';
import { type Interval, mean, pairedDifference, randomSource } from '../src/stats/index.ts';
import { clusteredRate } from '../src/stats/testing/clustered-rate.ts';
import { ppiMean, ppiPaired } from '../src/stats/testing/ppi.ts';
import type { Bench } from './main.ts';
import { median } from './row.ts';

/**
 * Published labels, of which most are hidden again: of XSTest's 450 prompts humans labelled every answer of three models,
 * and so did GPT-4. A draw shows the correction the humans' labels of 100 random prompts (those of them that are benign
 * count for over-refusal) and GPT-4's of all, and asks for what the humans say of all 250 benign ones.
 *
 * The target is the value on these prompts. Prompts were drawn one by one, so each prompt is one cluster. (Findings,
 * which speak of prompts like these, count XSTest's ten kinds as clusters: their intervals are wider.)
 */
export const DRAWS = 500;
export const LABELLED = 100;

const DATA = fileURLToPath(new URL('../../shared/data/xstest', import.meta.url));

/** Why this can't be measured here; `null` where it can. */
export const noXstest: string | null = existsSync(DATA)
  ? null
  : 'the published XSTest results are not beside this checkout (../shared/data/xstest)';

/** A benign prompt's values: 1 where the answer was refused. */
interface Said {
  readonly human: number;
  readonly judge: number;
}

export interface Xstest {
  /** All prompts, benign ones and others: what labels are drawn from. */
  readonly prompts: readonly string[];
  /** By model, then by benign prompt. */
  readonly models: ReadonlyMap<string, ReadonlyMap<string, Said>>;
}

export async function readXstest(): Promise<Xstest> {
  const results = await importXstest(DATA);
  const prompts = new Set<string>();
  const models = new Map<string, Map<string, Said>>();
  for await (const { transcript, ratings } of results.trials()) {
    const { stage, sample } = transcript.trial;
    prompts.add(sample);
    const by = (rater: string) =>
      ratings.find((one) => one.rater === rater && one.measure === overRefusal.id)?.value ?? null;
    const [human, judge] = [by('human'), by('gpt-4')];
    if (human === null || judge === null) continue;
    models.set(stage, (models.get(stage) ?? new Map<string, Said>()).set(sample, { human, judge }));
  }
  return { prompts: [...prompts], models };
}

/** How an interval did over the draws. */
export interface Outcome {
  readonly what: string;
  /** What all humans' labels say. */
  readonly truth: number;
  /** GPT-4's own estimate, its interval, and whether that holds the truth. */
  readonly raw: { readonly estimate: number; readonly interval: Interval; readonly holds: boolean };
  readonly ppi: { readonly coverage: number; readonly width: number };
  readonly humanOnly: { readonly coverage: number; readonly width: number };
}

/** A quantity with two ways to estimate it from a draw. */
interface Target {
  readonly what: string;
  readonly truth: number;
  readonly raw: { readonly estimate: number; readonly interval: Interval };
  readonly estimate: (
    labelled: readonly string[],
    others: readonly string[],
  ) => { ppi: Interval; humanOnly: Interval };
}

export async function coverageOnXstest(xstest: Xstest, draws = DRAWS): Promise<Outcome[]> {
  const names = [...xstest.models.keys()];
  const targets = [
    ...names.map((name) => rateOf(xstest, name)),
    ...names.flatMap((from, i) => names.slice(i + 1).map((to) => differenceOf(xstest, from, to))),
  ];
  const drawn = Array.from({ length: draws }, (_, seed) => draw(xstest, seed));
  return targets.map(({ what, truth, raw, estimate }) => {
    const found = drawn.map(({ labelled, others }) => estimate(labelled, others));
    const outcome = (intervals: readonly Interval[]) => ({
      coverage: mean(intervals.map((interval) => Number(holds(interval, truth)))),
      width: median(intervals.map(([low, high]) => high - low)),
    });
    return {
      what,
      truth,
      raw: { ...raw, holds: holds(raw.interval, truth) },
      ppi: outcome(found.map(({ ppi }) => ppi)),
      humanOnly: outcome(found.map(({ humanOnly }) => humanOnly)),
    };
  });
}

/** The benign prompts among 100 random ones of all, and the other benign ones (Fisher–Yates). */
function draw({ prompts, models }: Xstest, seed: number): { labelled: string[]; others: string[] } {
  const random = randomSource(seed);
  const order = [...prompts];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const benign = [...models.values()][0]!;
  const among = (some: readonly string[]) => some.filter((prompt) => benign.has(prompt));
  return { labelled: among(order.slice(0, LABELLED)), others: among(order.slice(LABELLED)) };
}

/** As findings have it for a rate: the width of the range for the size of an error that labels may have missed. */
const SMOOTHED = { pseudoError: 1 };

function rateOf({ models }: Xstest, name: string): Target {
  const said = models.get(name)!;
  const values = (prompts: readonly string[], who: keyof Said) =>
    prompts.map((prompt) => said.get(prompt)![who]);
  const all = [...said.keys()];
  return {
    what: `over-refusal of ${name}`,
    truth: mean(values(all, 'human')),
    raw: {
      estimate: mean(values(all, 'judge')),
      interval: clusteredRate(values(all, 'judge'), all).interval!,
    },
    estimate: (labelled, others) => ({
      ppi: ppiMean(
        {
          labelled: { human: values(labelled, 'human'), judge: values(labelled, 'judge') },
          unlabelled: { judge: values(others, 'judge') },
        },
        SMOOTHED,
      ).interval!,
      humanOnly: clusteredRate(values(labelled, 'human'), labelled).interval!,
    }),
  };
}

function differenceOf({ models }: Xstest, from: string, to: string): Target {
  const [first, second] = [models.get(from)!, models.get(to)!];
  const arms = (prompts: readonly string[], who: keyof Said) => ({
    from: prompts.map((prompt) => first.get(prompt)![who]),
    to: prompts.map((prompt) => second.get(prompt)![who]),
  });
  const d = (prompts: readonly string[], who: keyof Said) =>
    prompts.map((prompt) => second.get(prompt)![who] - first.get(prompt)![who]);
  const all = [...first.keys()];
  return {
    what: `${to} minus ${from}`,
    truth: mean(d(all, 'human')),
    raw: {
      estimate: mean(d(all, 'judge')),
      interval: pairedDifference(d(all, 'judge'), all, 0.95, 2).interval!,
    },
    estimate: (labelled, others) => ({
      ppi: ppiPaired(
        {
          labelled: { human: arms(labelled, 'human'), judge: arms(labelled, 'judge') },
          unlabelled: { judge: arms(others, 'judge') },
        },
        SMOOTHED,
      ).interval!,
      humanOnly: pairedDifference(d(labelled, 'human'), labelled, 0.95, 2).interval!,
    }),
  };
}

function holds([low, high]: Interval, truth: number): boolean {
  return low <= truth && truth <= high;
}

/** `npm run bench -- ppi-xstest`: the table of docs/labels.md. */
export const ppiXstest: Bench = async ({ scale }, tell) => {
  if (noXstest !== null) throw new Error(noXstest);
  const points = (value: number) => (100 * value).toFixed(1);
  for (const { what, truth, raw, ppi, humanOnly } of await coverageOnXstest(
    await readXstest(),
    Math.max(1, Math.round(DRAWS * scale)),
  )) {
    const [low, high] = raw.interval;
    tell({
      what: `${what}: humans ${points(truth)}, GPT-4 ${points(raw.estimate)} [${points(low)}, ${points(high)}]${raw.holds ? '' : ' (misses)'}`,
      measured: `covers ${points(ppi.coverage)} %, ${(ppi.width / humanOnly.width).toFixed(2)} × as wide as the human-only interval (which covers ${points(humanOnly.coverage)} %)`,
      aim: '≥ 93 %, ≤ 1.05 ×',
    });
  }
};
