import { describe, expect, it } from 'vitest';
import { type ChosenLabels, chosenLabels, TRUE_RATE } from './testing/chosen-labels.ts';

const MOSTLY_FLAGGED: Omit<ChosenLabels, 'seed'> = {
  flagged: 110,
  others: 10,
  misses: [0.2, 0.2],
  invents: [0.1, 0.1],
};

const holds = (interval: readonly [number, number] | null, value: number) =>
  interval !== null && interval[0] <= value && value <= interval[1];

describe('labels that somebody chose by what the judge says', { timeout: 60_000 }, () => {
  it('give the planted rate and difference, where they would not as a random part, over 60 draws', async () => {
    const counts = { rate: 0, difference: 0, naive: 0 };
    const draws = 60;
    for (let seed = 0; seed < draws; seed++) {
      const { judge, naive } = await chosenLabels({ ...MOSTLY_FLAGGED, seed: seed + 40 });
      counts.rate += Number(holds(judge.stages[0]!.interval, TRUE_RATE));
      counts.difference += Number(holds(judge.contrasts[0]!.interval, 0));
      counts.naive += Number(holds(naive.interval, TRUE_RATE));
    }
    expect(counts.rate / draws).toBeGreaterThanOrEqual(0.91);
    expect(counts.difference / draws).toBeGreaterThanOrEqual(0.91);
    expect(counts.naive / draws).toBeLessThan(0.1);
  });

  it('are warned of, with what can’t be seen', async () => {
    const { warnings, judge } = await chosenLabels({ ...MOSTLY_FLAGGED, seed: 3 });
    expect(judge.contrasts[0]).toHaveProperty('raw');
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^The labels on over-refusal were not drawn by stemma: they are weighted by what judge says at each stage\. Whether they were chosen by anything else can't be seen\. They are not a random part: judge gives \d+\.\d% of the labelled trials and \d+\.\d% of all \(p < 0\.001\)\.$/,
      ),
    );
  });

  it('correct nothing where what the judge did not flag has hardly any', async () => {
    for (const others of [0, 4]) {
      const { judge } = await chosenLabels({ ...MOSTLY_FLAGGED, others, seed: 3 });
      expect(judge.stages[0]).not.toHaveProperty('raw');
      expect(judge.corrected!.stages[0]).toMatchObject({ estimate: null, sensitivity: null });
      expect(judge.corrected!.stages[0]!.why).toMatch(/^too few labels yet where the judge says no/);
      expect(judge.corrected!.contrasts[0]).toMatchObject({ interval: null, reason: 'labels' });
    }
  });

  it('may leave out a stratum of 2 %: the interval is as long as it could make it', async () => {
    const rare = { flagged: 0, others: 150, misses: [0.98, 0.98], invents: [0.003, 0.003] } as const;
    const { judge } = await chosenLabels({ ...rare, seed: 5 });
    const { estimate, interval, strata, why } = judge.corrected!.stages[0]!;
    const flagged = strata!.find(({ says }) => says === 'yes')!;
    expect(flagged.labels).toBe(0);
    expect(flagged.trials).toBeLessThanOrEqual(12);
    expect(why).toMatch(/hardly any has a label/);
    expect(interval![1] - estimate!).toBeGreaterThan(flagged.trials / 600);
    expect(holds(interval, TRUE_RATE)).toBe(true);
  });
});
