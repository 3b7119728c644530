import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../evals/testing/shared-data.ts';
import { readTable } from '../files/index.ts';
import { importOdcv, importResults, importXstest } from '../interchange/index.ts';
import { openRun } from '../records/index.ts';
import type { Findings, MeasureFindings } from './findings.ts';
import { makeFindings } from './index.ts';
import { publishedRun } from './testing/published-run.ts';

const xstest = sharedData('xstest');
const odcv = sharedData('odcv');

function view(findings: Findings, id: string, rater: string): MeasureFindings {
  return findings.measures.find((measure) => measure.id === id && measure.rater === rater)!;
}

describe.skipIf(xstest.skipped)(`XSTest as published${xstest.skipped}`, () => {
  it('gives the counts of humans and of GPT-4', async () => {
    const found = await makeFindings(await publishedRun(await importXstest(xstest.path)));
    const events = (id: string, rater: string) =>
      Object.fromEntries(view(found, id, rater).stages.map((stage) => [stage.id, [stage.events, stage.n]]));
    expect(events('refusals/over-refusal', 'human')).toEqual({
      gpt4: [21, 250],
      llama2new: [74, 250],
      llama2orig: [149, 250],
    });
    expect(events('refusals/over-refusal', 'gpt-4')).toEqual({
      gpt4: [16, 250],
      llama2new: [40, 250],
      llama2orig: [90, 250],
    });
    // Refused 199, 200 and 200 of 200 by the humans, 176, 146 and 170 by GPT-4.
    expect(events('refusals/unsafe-response', 'human')).toEqual({
      gpt4: [1, 200],
      llama2new: [0, 200],
      llama2orig: [0, 200],
    });
    expect(events('refusals/unsafe-response', 'gpt-4')).toEqual({
      gpt4: [24, 200],
      llama2new: [54, 200],
      llama2orig: [30, 200],
    });
  });

  it("finds that GPT-4's mistakes differ by model, and corrects them by the human labels", async () => {
    const found = await makeFindings(await publishedRun(await importXstest(xstest.path)));
    const judge = view(found, 'refusals/over-refusal', 'gpt-4');
    const human = view(found, 'refusals/over-refusal', 'human');
    const errors = judge.corrected!.contrasts.map(({ errorDifference }) => errorDifference!);
    // −5, −34 and −59 of 250 among 250 safe prompts.
    [-29, -54, -25].forEach((difference, pair) => {
      expect(errors[pair]).toBeCloseTo(difference / 250, 12);
    });
    for (const { errorP } of judge.corrected!.contrasts) expect(errorP).toBeLessThan(0.05);
    expect(found.warnings[0]).toMatch(/^GPT-4's mistakes differ by stage: on over-refusal /);
    // Every completion has a human label, so the corrected estimates are the humans' own.
    expect(judge.corrected!.stages.map(({ estimate, interval }) => [estimate, interval])).toEqual(
      human.stages.map(({ estimate, interval }) => [estimate, interval]),
    );
    expect(judge.corrected!.stages.map(({ disagreements }) => disagreements)).toEqual([5, 34, 63]);
    // GPT-4 agrees with the humans on 177, 146 and 170 of the 200 unsafe prompts.
    const unsafe = view(found, 'refusals/unsafe-response', 'gpt-4');
    const agreeing = unsafe.agreement!.pairs.filter(({ rater }) => rater === 'human');
    expect(agreeing.map(({ agreement }) => Math.round(200 * agreement!))).toEqual([177, 146, 170]);
  });

  it('says which verdict of GPT-4 the human labels would change', async () => {
    const run = await publishedRun(await importXstest(xstest.path));
    const { warnings } = await makeFindings(run, { rater: 'gpt-4', bootstrap: 0 });
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^Corrected by labels, on over-refusal Llama 2, no system prompt against GPT-4 is different \(\+21\.2 points .*\), not inconclusive \(\+9\.6 points .*\) as GPT-4 alone would have it\.$/,
      ),
    );
  });

  it('from a run folder gives the same as from memory', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'stemma-findings-'));
    try {
      const folder = join(parent, 'run');
      const results = await importXstest(xstest.path);
      await importResults(results, folder);
      using run = await openRun(folder);
      const options = { bootstrap: 100 };
      const found = await makeFindings(run, options);
      const inMemory = await makeFindings(await publishedRun(results), options);
      expect(found.measures).toEqual(inMemory.measures);
      expect(JSON.stringify(await makeFindings(run, options))).toBe(JSON.stringify(found));
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  });
});

describe.skipIf(odcv.skipped)(`ODCV-Bench as published${odcv.skipped}`, () => {
  it('tells which verdicts hang on who judges', async () => {
    const found = await makeFindings(await publishedRun(await importOdcv(odcv.path)));
    const hanging = (id: string) => {
      const { contrasts } = view(found, id, 'panel').sensitivity!;
      const other = (which: 'standsWithout' | 'standsAlone') =>
        contrasts.filter((contrast) => !contrast[which]).length;
      return { pairs: contrasts.length, without: other('standsWithout'), alone: other('standsAlone') };
    };
    // docs/raters.md
    expect(hanging('odcv/misalignment')).toEqual({ pairs: 66, without: 31, alone: 42 });
    expect(hanging('odcv/severity')).toEqual({ pairs: 66, without: 23, alone: 41 });
  });

  it('gives rates and severities to the published digits, and bootstrap intervals within a lattice step', async () => {
    const found = await makeFindings(await publishedRun(await importOdcv(odcv.path)));
    const rates = view(found, 'odcv/misalignment', 'panel');
    const severities = view(found, 'odcv/severity', 'panel');
    expect([rates.headline, severities.headline]).toEqual([true, true]);
    const file = join(odcv.path, 'existing_results/current/evaluations/judge_all/bootstrap_ci.csv');
    let models = 0;
    for await (const { row } of readTable(file)) {
      if (row.panel !== 'overall') continue;
      models++;
      const rate = rates.stages.find(({ id }) => id === row.model)!;
      const severity = severities.stages.find(({ id }) => id === row.model)!;
      expect(100 * rate.estimate!).toBeCloseTo(Number(row.mr), 2);
      expect(Math.abs(severity.estimate! - Number(row.sev))).toBeLessThan(5.1e-5);
      // Two samples a scenario: means of 40 scenarios lie 1.25 points apart; the published ends, 2.5 points at most.
      expect(Math.abs(100 * rate.bootstrap!.interval[0] - Number(row.mr_lo))).toBeLessThan(2.5);
      expect(Math.abs(100 * rate.bootstrap!.interval[1] - Number(row.mr_hi))).toBeLessThan(2.5);
      expect(Math.abs(severity.bootstrap!.interval[0] - Number(row.sev_lo))).toBeLessThan(0.025);
      expect(Math.abs(severity.bootstrap!.interval[1] - Number(row.sev_hi))).toBeLessThan(0.025);
    }
    expect(models).toBe(12);
  });

  it("gives Krippendorff's alphas to four decimals, with and without the judges' own models", async () => {
    const found = await makeFindings(await publishedRun(await importOdcv(odcv.path)), { bootstrap: 0 });
    const severity = view(found, 'odcv/severity', 'panel').agreement!;
    const rate = view(found, 'odcv/misalignment', 'panel').agreement!;
    const rounded = (alphas: Readonly<Record<string, number | null>>) =>
      Object.fromEntries(Object.entries(alphas).map(([level, alpha]) => [level, alpha!.toFixed(4)]));
    expect(severity.units).toBe(950);
    expect(rounded(severity.selfExclusion!.alphaByLevel)).toEqual({
      nominal: '0.5964',
      ordinal: '0.7834',
      interval: '0.8069',
    });
    expect(rounded(severity.selfExclusion!.alphaByLevelWithout)).toEqual({
      nominal: '0.5916',
      ordinal: '0.7771',
      interval: '0.7985',
    });
    expect(rounded(rate.selfExclusion!.alphaByLevel)).toEqual({ nominal: '0.7856' });
    expect(rounded(rate.selfExclusion!.alphaByLevelWithout)).toEqual({ nominal: '0.7755' });
    expect(rate.selfExclusion).toMatchObject({
      applied: true,
      trials: 318,
      changed: 6,
      ratings: 3800,
      ratingsWithout: 3482,
    });
  });

  it('compares gpt-oss-20b with gpt-oss-120b, and says what the data could have shown', async () => {
    const found = await makeFindings(await publishedRun(await importOdcv(odcv.path)), {
      stages: ['gpt-oss-20b', 'gpt-oss-120b', 'claude-opus-4.7'],
      bootstrap: 0,
    });
    const { contrasts } = view(found, 'odcv/misalignment', 'panel');
    // The paper declares no margin: the one used is stemma's own, and says so.
    expect(contrasts[0]).toMatchObject({
      n: 80,
      clusters: 40,
      verdict: 'inconclusive',
      marginSource: 'default',
    });
    expect(contrasts[0]!.difference).toBeCloseTo(0.075, 12);
    expect(contrasts[0]!.smallestMargin).toBeGreaterThan(0.1);
    expect(contrasts[1]).toMatchObject({ verdict: 'materially different' });
    expect(contrasts[1]!.difference).toBeCloseTo(-0.2875, 12);
  });
});
