import { describe, expect, it } from 'vitest';
import { InputError, RecordsError } from '../core/index.ts';
import { makeFindings } from './index.ts';
import { chance, misaligned, type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';

const whole = (changes: Partial<PlantedRun> = {}) =>
  plantedRun({
    stages: ['pretrain', 'sft', 'production'],
    samples: 90,
    clusters: 30,
    epochs: 2,
    measures: [rate, misaligned, score],
    raters: [{ id: 'judge' }, { id: 'second' }, { id: 'human', kind: 'human' }],
    manifest: { analysis: { contrasts: 'chain', bootstrap: 200, seed: 5, headlineRater: null } },
    value: ({ stage, sample, epoch, rater, measure }) => {
      if (rater === 'human' && sample > 60) return undefined;
      if (chance(sample, stage, epoch, rater.length, 9) < 0.03) return 'unparsed';
      const u = chance(sample) * 0.6 + chance(sample, stage, rater.length) * 0.4 - 0.1 * stage;
      return measure === rate.id ? Number(u > 0.5) : Math.min(5, Math.max(0, Math.floor(6 * u)));
    },
    ...changes,
  });

describe('makeFindings', () => {
  it('is a pure function of the records: made twice it is the same, byte for byte', async () => {
    const [once, again] = [await makeFindings(whole()), await makeFindings(whole())];
    expect(JSON.stringify(again)).toBe(JSON.stringify(once));
  });

  it('is plain JSON: nothing in it is lost on the way to a file', async () => {
    const found = await makeFindings(whole());
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expect(JSON.stringify(found)).not.toContain('NaN');
  });

  it('does not depend on the order in which ratings were written', async () => {
    const run = whole();
    const shuffled = (await Array.fromAsync(run.ratings())).sort(
      (a, b) =>
        chance(a.key.length, a.key.charCodeAt(a.key.length - 3)) -
        chance(b.key.length, b.key.charCodeAt(b.key.length - 3)),
    );
    const reordered = Object.assign(whole(), {
      ratingBatches: async function* () {
        yield shuffled;
      },
    });
    expect(await makeFindings(reordered)).toEqual(await makeFindings(run));
  });

  it('lists measures by eval, measure, rater, and marks one rater of each as the headline', async () => {
    const headlines = async (options = {}) =>
      (await makeFindings(whole(), options)).measures.map(
        ({ id, rater, headline }) => `${id} ${rater}${headline ? ' *' : ''}`,
      );
    expect(await headlines()).toEqual(
      [rate, misaligned, score].flatMap(({ id }) => [`${id} judge *`, `${id} second`, `${id} human`]),
    );
    expect(await headlines({ rater: 'human' })).toContain(`${score.id} human *`);
    expect((await makeFindings(whole(), { rater: 'human' })).raters).toEqual([
      { id: 'judge', kind: 'autorater', headline: false },
      { id: 'second', kind: 'autorater', headline: false },
      { id: 'human', kind: 'human', headline: true },
    ]);
  });

  it('gives a measure that the headline rater does not know to the first rater that does', async () => {
    const { measures } = await makeFindings(
      whole({
        value: ({ rater, measure, sample }) =>
          rater === 'judge' && measure === rate.id ? undefined : sample % 2,
      }),
    );
    expect(measures.filter(({ headline }) => headline).map(({ id, rater }) => [id, rater])).toEqual([
      [rate.id, 'second'],
      [misaligned.id, 'judge'],
      [score.id, 'judge'],
    ]);
  });

  it('takes margins by measure, and one asked for in place of all of them', async () => {
    const run = () => whole({ manifest: { margins: { default: 0.04, byMeasure: { [score.id]: 0.5 } } } });
    const margins = async (options = {}) =>
      (await makeFindings(run(), options)).measures
        .filter(({ headline }) => headline)
        .map(({ contrasts }) => [contrasts[0]!.margin, contrasts[0]!.marginSource]);
    expect(await margins()).toEqual([
      [0.04, 'declared'],
      [0.04, 'declared'],
      [0.5, 'declared'],
    ]);
    expect(await margins({ margin: 0.5 })).toEqual([
      [0.5, 'post hoc'],
      [0.5, 'post hoc'],
      [0.5, 'declared'],
    ]);
  });

  it('reports the stages wanted only', async () => {
    const { stages, measures, together } = await makeFindings(whole(), { stages: ['production', 'sft'] });
    expect(stages.map(({ id }) => id)).toEqual(['production', 'sft']);
    expect(measures[0]!.stages.map(({ id }) => id)).toEqual(['production', 'sft']);
    expect(measures[0]!.contrasts.map(({ from, to }) => [from, to])).toEqual([['production', 'sft']]);
    expect(together).toHaveLength(1);
  });

  it('a run without trials has findings that say so', async () => {
    const found = await makeFindings(whole({ trial: () => null }));
    expect(found.trials).toEqual({ planned: 540, completed: 0, errors: 0, limit: 0 });
    expect(found.measures.map(({ rater, stages }) => [rater, stages[0]!.missing.notRun])).toEqual([
      ['judge', 180],
      ['judge', 180],
      ['judge', 180],
    ]);
    expect(found.answer).toBe('Nothing can be said yet: no trial has a value.');
  });

  it('a run without raters, too', async () => {
    const found = await makeFindings(whole({ raters: [] }));
    expect(found).toMatchObject({
      measures: [],
      together: [],
      answer: 'Nothing can be said yet: no trial has a value.',
    });
  });

  it('says what an option should have been', async () => {
    const message = async (options: Parameters<typeof makeFindings>[1]) =>
      makeFindings(whole(), options).then(String, (error) => {
        expect(error).toBeInstanceOf(InputError);
        return String(error);
      });
    expect(await message({ rater: 'judje' })).toBe(
      'the run has no rater "judje"; did you mean "judge"?\n  Its raters are: judge, second, human.',
    );
    expect(await message({ stages: ['sft', 'prodution'] })).toContain('did you mean "production"?');
    expect(await message({ margin: 0 })).toContain('not a number above 0');
    expect(await message({ bootstrap: -1 })).toContain('not a number of resamples');
  });

  it('refuses a value outside its range, naming rating and remedy', async () => {
    const error = await makeFindings(whole({ value: () => 7 })).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RecordsError);
    expect(String(error)).toContain('judge rated refusals/over-refusal with 7, outside its range of 0 to 1');
  });

  it('is quick: 500,000 ratings of 50,000 trials take seconds, not minutes', async () => {
    const measures = Array.from({ length: 10 }, (_, i) => ({ ...rate, id: `m/${i}` }));
    const run = plantedRun({
      stages: ['a', 'b', 'c'],
      samples: 16_667,
      clusters: 1000,
      measures,
      value: ({ stage, sample, measure }) => Number(chance(sample, stage, Number(measure.slice(2))) < 0.2),
    });
    const before = process.cpuUsage();
    await makeFindings(run);
    const { user, system } = process.cpuUsage(before);
    // About one second of work on an idle machine.
    expect((user + system) / 1e6).toBeLessThan(10);
  }, 60_000);
});
