import { describe, expect, it } from 'vitest';
import type { RunReader } from '../records/index.ts';
import { makeFindings } from './index.ts';
import { MemoryRun } from './testing/memory-run.ts';
import { type PlantedRun, plantedRun, rate } from './testing/planted-run.ts';

const planted = (changes: Partial<PlantedRun> = {}): RunReader =>
  plantedRun({
    stages: ['a', 'b'],
    samples: 100,
    clusters: 20,
    value: ({ sample }) => sample % 2,
    ...changes,
  });

describe('warnings', () => {
  it('are none for a sound run', async () => {
    expect((await makeFindings(planted())).warnings).toEqual([]);
  });

  it('tell of margins chosen after the data', async () => {
    expect((await makeFindings(planted(), { margin: 0.2 })).warnings).toEqual([
      'The margins were chosen after the data were seen: over-refusal ±20 points (declared: ±5 points). Verdicts by them are post hoc.',
    ]);
  });

  it('tell of ratings that could not be read, by rater, measure and stage', async () => {
    const run = planted({
      value: ({ stage, sample }) => (stage === 1 && sample < 11 ? 'unparsed' : sample % 2),
    });
    expect((await makeFindings(run)).warnings).toContainEqual(
      'Some ratings by judge could not be read, and count as missing: 11 of 100 on over-refusal (b).',
    );
    const published = planted({
      value: ({ stage, sample }) => (stage === 1 && sample < 11 ? 'unparsed' : sample % 2),
      manifest: { origin: { kind: 'import', source: 'table.csv' } },
    });
    expect((await makeFindings(published)).warnings).toContainEqual(
      'Some ratings by judge have no value, and count as missing: 11 of 100 on over-refusal (b).',
    );
  });

  describe('of raters without any rating', () => {
    const raters = [
      { id: 'judge' },
      { id: 'strings', kind: 'rule' },
      { id: 'other', title: 'the other' },
    ] as const;
    const warningsWith = async (silent: readonly string[], changes: Partial<PlantedRun> = {}) => {
      const value: PlantedRun['value'] = ({ rater, sample }) =>
        silent.includes(rater) ? undefined : sample % 2;
      const { warnings } = await makeFindings(planted({ raters, value, ...changes }));
      return warnings.filter((one) => one.startsWith('There is no rating'));
    };

    it('name them, and say whether they should lead', async () => {
      const remedy =
        'The same `stemma run` again rates what is left; if there were such ratings, restore the folder "ratings" from a copy.';
      expect(await warningsWith(['judge'])).toEqual([
        `There is no rating by judge in this folder, so other raters make the headlines. ${remedy}`,
      ]);
      expect(await warningsWith(['other'])).toEqual([
        `There is no rating by the other in this folder. ${remedy}`,
      ]);
      expect(await warningsWith(['judge', 'other'])).toEqual([
        `There is no rating by judge and the other in this folder, so other raters make the headlines. ${remedy}`,
      ]);
    });

    it('say of an import how to get them back', async () => {
      const manifest = { origin: { kind: 'import', source: 'table.csv' } } as const;
      expect(await warningsWith(['strings'], { manifest })).toEqual([
        'There is no rating by strings in this folder. Restore the folder "ratings" of the run from a copy, or import again.',
      ]);
    });

    it('are not for people who have not labelled yet, for panels, or where nothing is rated', async () => {
      expect(await warningsWith([])).toEqual([]);
      expect(
        await warningsWith(['human', 'model-a'], {
          raters: [...raters, { id: 'human', kind: 'human' }, { id: 'model-a', kind: 'model' }],
        }),
      ).toEqual([]);
      const imported = { origin: { kind: 'import', source: 'table.csv' } } as const;
      const ofLabels = (digests: Readonly<Record<string, string>>) => ({
        raters: [...raters, { id: 'human-ada', kind: 'human', digests }] as const,
        manifest: imported,
      });
      expect(await warningsWith(['human-ada'], ofLabels({ 'eval:harm': 'd' }))).toEqual([]);
      expect(await warningsWith(['human-ada'], ofLabels({}))).toHaveLength(1);
      const panel = { members: ['judge', 'other'], combine: 'median', excludeOwnFamily: false } as const;
      expect(await warningsWith([], { raters: [...raters, { id: 'all', kind: 'panel', panel }] })).toEqual(
        [],
      );
      expect(await warningsWith(['judge', 'strings', 'other'])).toEqual([]);
    });
  });

  it('tell of a judge that was more than one model; an alias and its dated snapshot are one', async () => {
    const judgedBy = (first: string, second: string) =>
      planted({ rating: ({ stage }) => ({ served: { model: stage === 0 ? first : second } }) });
    expect((await makeFindings(judgedBy('judge-1', 'judge-2'))).warnings).toEqual([
      "The ratings by judge were given by more than one model, by its server's word (100 by judge-1, 100 by judge-2), so a difference between stages may come from the judge. Name one version of its model, and rate again under another id.",
    ]);
    expect((await makeFindings(judgedBy('gpt-5', 'gpt-5-2025-08-07'))).warnings).toEqual([]);
  });

  it('tell of too few clusters', async () => {
    expect((await makeFindings(planted({ clusters: 4 }))).warnings).toEqual([
      'Over-refusal has 4 clusters of samples, fewer than the 6 that an interval of a difference needs: no verdict beyond counts and a permutation test.',
    ]);
  });

  it.each([
    { measures: [rate], said: 'verdict on over-refusal' },
    {
      measures: [rate, { ...rate, id: 'refusals/evasion', title: 'Evasion' }],
      said: 'verdicts on over-refusal and evasion',
    },
  ])('tell of verdicts that missing trials could turn, once: the $said', async ({ measures, said }) => {
    const { warnings } = await makeFindings(
      planted({
        measures,
        samples: 1000,
        clusters: 100,
        value: ({ stage, sample }) =>
          stage === 1 && sample % 10 === 0 ? 'refused' : Number(sample % 7 === 0),
      }),
    );
    expect(warnings).toEqual([
      `Trials without a value could change the ${said} for b against a, had they all come out one way.`,
    ]);
  });

  it('tell of records that the manifest knows nothing of', async () => {
    const whole = planted({ raters: [{ id: 'judge' }, { id: 'other' }] });
    const ratings = await Array.fromAsync(whole.ratings());
    const manifest = {
      ...whole.manifest,
      raters: whole.manifest.raters.slice(0, 1),
      stages: whole.manifest.stages.slice(0, 1),
    };
    const { warnings } = await makeFindings(new MemoryRun(manifest, [...whole.trials()], ratings));
    expect(warnings).toEqual([
      `Left out, because the manifest does not know of it: 100 trials of stages or evals, 100 ratings of ${rate.id} by judge and 200 ratings of ${rate.id} by other.`,
    ]);
  });
});
