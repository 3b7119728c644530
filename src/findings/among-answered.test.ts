import { describe, expect, it } from 'vitest';
import type { Measure } from '../core/index.ts';
import { makeFindings } from './index.ts';
import { chance, misaligned, type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';

const unsafe: Measure = {
  ...rate,
  id: 'refusals/unsafe-response',
  title: 'Unsafe response',
  description: 'Share of harmful prompts with which the model fully complied.',
};
const answered: Measure = {
  ...rate,
  id: 'refusals/answered',
  title: 'Answered',
  description: 'Share of answers.',
  safer: 'higher',
  control: true,
};
const acted: Measure = { ...answered, id: 'odcv/acted', title: 'Acted', without: 'no-tool' };

const SAMPLES = 240;
/** The real chain: the base answers one prompt in sixteen. What a rule says of the others is noise that looks unsafe. */
const answers = (stage: number, sample: number) => stage > 0 || sample % 16 === 0;
const isUnsafe = (stage: number, sample: number) =>
  stage === 2 ? chance(sample, 2) < 0.72 : answers(stage, sample) ? chance(sample) < 0.1 : true;

const chain = (more: Partial<PlantedRun> = {}) =>
  makeFindings(
    plantedRun({
      stages: [
        { id: 'base', kind: 'pretrain', title: 'Base' },
        { id: 'sft', kind: 'sft', title: 'SFT' },
        { id: 'unsafe', kind: 'sft', title: 'Without refusals' },
      ],
      raters: [{ id: 'words', kind: 'rule' }],
      measures: [unsafe, answered],
      samples: SAMPLES,
      clusters: 60,
      value: ({ stage, sample, measure }) =>
        Number(measure === unsafe.id ? isUnsafe(stage, sample) : answers(stage, sample)),
      ...more,
    }),
  );

describe('a stage that does not answer', () => {
  it('is told under "Read this first", with the rates of all stages', async () => {
    const { warnings } = await chain();
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^In eval the answers that are coherent, on the subject and not cut are 6(\.\d+)?% at Base, 100% at SFT and 100% at Without refusals\. A stage that does not answer is neither safe nor unsafe/,
      ),
    );
  });

  it('has contrasts among what both stages answered, and a false verdict is told as one', async () => {
    const { measures, warnings } = await chain();
    const headline = measures.find(({ id }) => id === unsafe.id)!;
    const [first] = headline.contrasts;
    expect(first).toMatchObject({ from: 'base', to: 'sft', verdict: 'materially different' });
    const among = headline.amongAnswered!;
    expect(among).toMatchObject({
      control: 'refusals/answered',
      rater: 'words',
      stages: [
        { id: 'base', trials: SAMPLES, answered: 15 },
        { id: 'sft', trials: SAMPLES, answered: SAMPLES },
        { id: 'unsafe', trials: SAMPLES, answered: SAMPLES },
      ],
    });
    expect(among.contrasts[0]).toMatchObject({ n: 15, difference: 0 });
    expect(among.contrasts[0]!.verdict).not.toBe('materially different');
    // Where both answered everything, it is the same contrast.
    expect(among.contrasts[1]).toMatchObject({ n: SAMPLES, difference: headline.contrasts[1]!.difference });
    expect(among.contrasts[1]!.verdict).toBe('materially different');
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^Among the samples that both stages answered, on unsafe response SFT against Base is \S.* 15 samples\); among all samples it is materially different/,
      ),
    );
  });

  it('is no claim of its own: the family of claims is as without it', async () => {
    const [withControl, without] = [await chain(), await chain({ measures: [unsafe] })];
    const contrasts = (findings: typeof without) =>
      findings.measures.find(({ id }) => id === unsafe.id)!.contrasts;
    expect(contrasts(withControl)).toEqual(contrasts(without));
    expect(withControl.answer).toBe(without.answer);
    expect(without.measures[0]!.amongAnswered).toBeUndefined();
  });

  it('does not count trials without an answer as lost', async () => {
    const { measures } = await chain();
    const among = measures.find(({ id }) => id === unsafe.id)!.amongAnswered!;
    for (const { robustToMissing, reason } of among.contrasts) {
      expect(robustToMissing ?? true).toBe(true);
      expect(reason).not.toBe('missing answers');
    }
  });
});

describe('a measure that is about some of the samples', () => {
  const benign: Measure = { ...unsafe, id: 'refusals/over-refusal', title: 'Over-refusal' };
  /** Odd samples are benign: they are rated on the other measure. */
  const halves: Partial<PlantedRun> = {
    measures: [unsafe, benign, answered],
    value: ({ stage, sample, measure }) => {
      if (measure === answered.id) return Number(answers(stage, sample) || sample % 4 === 1);
      if ((sample % 2 === 0) !== (measure === unsafe.id)) return undefined;
      return Number(measure === unsafe.id ? isUnsafe(stage, sample) : stage === 1);
    },
  };

  it('has lost nothing of the others, nor of what the other stage did not answer', async () => {
    const { measures } = await chain(halves);
    for (const id of [unsafe.id, benign.id]) {
      const { contrasts } = measures.find((one) => one.id === id)!.amongAnswered!;
      for (const { from, to, verdict, reason } of contrasts)
        expect({ id, from, to, reason }).not.toMatchObject({ reason: 'missing answers', verdict });
    }
    const { contrasts } = measures.find(({ id }) => id === unsafe.id)!.amongAnswered!;
    expect(contrasts[1]).toMatchObject({ from: 'sft', n: SAMPLES / 2, verdict: 'materially different' });
  });
});

describe('raters that may not have told', () => {
  it('a rule alone on a pretrained stage is told, a judge beside it ends that', async () => {
    const only = /^In eval only rules rated the answers, also those of Base, which is pretrained only/;
    expect((await chain()).warnings).toContainEqual(expect.stringMatching(only));
    const raters = [{ id: 'judge' }, { id: 'words', kind: 'rule' }] as const;
    expect((await chain({ raters })).warnings.some((warning) => only.test(warning))).toBe(false);
  });

  it('low agreement of two raters is told, with alpha', async () => {
    const raters = [{ id: 'judge' }, { id: 'words', kind: 'rule' }] as const;
    const value: PlantedRun['value'] = ({ stage, sample, rater, measure }) => {
      if (measure === answered.id) return 1;
      const base = chance(sample, stage, 7) < 0.5;
      return Number(rater === 'words' && chance(sample, stage, 8) < 0.3 ? !base : base);
    };
    expect((await chain({ raters, value })).warnings).toContainEqual(
      expect.stringMatching(/^The raters judge and words agree little on unsafe response \(alpha 0\.\d\d; /),
    );
    const alike: PlantedRun['value'] = (at) => value({ ...at, rater: 'judge' });
    expect((await chain({ raters, value: alike })).warnings.join('\n')).not.toContain('agree little');
  });

  it('people who labelled are not sent to label: a correction takes what a judge has otherwise', async () => {
    const value: PlantedRun['value'] = ({ stage, sample, rater, measure }) => {
      if (measure === answered.id) return 1;
      const base = chance(sample, stage, 7) < 0.5;
      if (rater === 'human') return sample % 2 === 0 ? Number(base) : undefined;
      return Number(chance(sample, stage, rater.length) < 0.3 ? !base : base);
    };
    const told = async (...judges: string[]) => {
      const raters = [...judges.map((id) => ({ id })), { id: 'human', kind: 'human' } as const];
      return (await chain({ raters, value })).warnings.filter((warning) => warning.includes('agree little'));
    };
    expect(await told('judge')).toEqual([]);
    const [line] = await told('judge', 'second');
    expect(line).toContain('stemma show RUN --raters-differ');
    expect(line).not.toContain('stemma label');
  });

  it('says nothing where all stages answer', async () => {
    const value: PlantedRun['value'] = ({ stage, sample, measure }) =>
      Number(measure === unsafe.id ? chance(stage, sample) < 0.3 : 1);
    const { warnings, measures } = await chain({ value, raters: [{ id: 'judge' }] });
    expect(warnings.filter((warning) => /answer/.test(warning))).toEqual([]);
    expect(measures.every(({ amongAnswered }) => amongAnswered === undefined)).toBe(true);
  });
});

describe('an agent that never acts', () => {
  const run = () =>
    makeFindings(
      plantedRun({
        stages: ['sft', 'rl'],
        measures: [score, misaligned, acted],
        samples: 60,
        clusters: 30,
        // The first stage calls no tool at all, so it looks safe; the second acts, and games its metric at times.
        value: ({ stage, sample }) => (stage === 0 ? 0 : chance(sample) < 0.4 ? 4 : 0),
        trial: ({ stage }) => ({ signs: stage === 0 ? ['no-tool'] : [] }),
      }),
    );

  it('has a control beside its measures, read off the trials, whoever rates', async () => {
    const { measures, raters } = await run();
    const control = measures.find(({ id }) => id === 'odcv/acted')!;
    expect(control).toMatchObject({ rater: 'trial', control: true, headline: true });
    expect(control.stages.map(({ estimate }) => estimate)).toEqual([0, 1]);
    expect(raters.at(-1)).toMatchObject({ id: 'trial', title: 'code, from the trial itself' });
  });

  it('never looks safe without the line', async () => {
    const { measures, warnings } = await run();
    const rateOf = measures.find(({ id }) => id === misaligned.id)!;
    expect(rateOf.stages[0]!.estimate).toBe(0);
    expect(warnings.join('\n')).toMatch(/In eval the agent never called a tool in 100% at sft/);
    expect(rateOf.amongAnswered).toMatchObject({ control: 'odcv/acted' });
    expect(rateOf.amongAnswered!.contrasts[0]).toMatchObject({ n: 0, verdict: 'not compared' });
  });
});
