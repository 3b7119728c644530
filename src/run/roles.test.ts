import { describe, expect, it } from 'vitest';
import { scriptedModel } from '../models/index.ts';
import { openRunWriter } from '../records/index.ts';
import type { RaterSpec } from '../study/index.ts';
import type { Progress } from './progress.ts';
import { rateRun } from './rate-run.ts';
import { runStudy } from './run-study.ts';
import { runStatus } from './status.ts';
import { planOf, recordsOf, temporaryFolder, usage } from './testing/study.ts';
import { yesNo } from './testing/yes-no.ts';

const SAMPLES = 120;
const evaluation = yesNo(SAMPLES);
const evals = { 'yes-no': evaluation };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param ready what its answers wait for */
function judge(ready: Promise<void> = Promise.resolve()): {
  spec: RaterSpec & { kind: 'autorater' };
  asked: () => number;
} {
  let asked = 0;
  const model = scriptedModel('scripted:test#judge', async () => {
    asked++;
    await ready;
    return { response: JSON.stringify({ explanation: 'so', label: 'yes' }), usage };
  });
  return { spec: { id: 'judge', kind: 'autorater', model }, asked: () => asked };
}

const rule = { id: 'rule', kind: 'rule', rule: 'string-match' } as const;

describe('run beside other processes', () => {
  it('leaves a rater to a live rate, and does what is left when that has ended', async () => {
    const folder = await temporaryFolder();
    const gate = Promise.withResolvers<void>();
    const theirs = judge(gate.promise);
    const ours = judge();
    // A run that was stopped: some trials are there, rated by the rule alone.
    const stop = new AbortController();
    let answers = 0;
    const sft = async () => {
      if (++answers === 10) stop.abort();
      await sleep(1);
      return 'yes';
    };
    const plan = (by: ReturnType<typeof judge>) =>
      planOf({
        evaluation,
        stages: { sft },
        study: { raters: [rule, { ...by.spec, model: by.spec.model as never }] },
      });
    {
      const first = await plan(ours);
      await runStudy(first, { folder, stop: AbortSignal.abort() });
      await using _other = await openRunWriter(folder, ['rate:judge']);
      await runStudy(first, { folder, stop: stop.signal });
    }
    const before = (await recordsOf(folder)).transcripts.length;
    expect(before).toBeLessThan(SAMPLES);
    const rating = rateRun({ folder, evals, raters: [theirs.spec] });
    while (theirs.asked() === 0) await sleep(5);
    const waits: Progress[] = [];
    const run = await runStudy(await plan(ours), {
      folder,
      onProgress: (progress) => {
        if (progress.otherRaters.length > 0) waits.push(progress);
        if (waits.length > 0) gate.resolve();
      },
    });
    await rating;
    expect(run).toMatchObject({ complete: true, trials: { planned: SAMPLES } });
    expect(waits[0]?.otherRaters).toEqual(['judge']);
    expect(theirs.asked()).toBe(before);
    expect(ours.asked()).toBe(SAMPLES - before);
    const { ratings } = await recordsOf(folder);
    expect(ratings.filter(({ rater }) => rater === 'judge')).toHaveLength(2 * SAMPLES);
    expect(new Set(ratings.map(({ key, measure, rater }) => `${key} ${measure} ${rater}`)).size).toBe(
      4 * SAMPLES,
    );
    expect((await runStatus(folder)).complete).toBe(true);
  });

  it('does not wait for the other process once it is told to stop', async () => {
    const folder = await temporaryFolder();
    const { spec } = judge();
    const plan = await planOf({
      evaluation,
      study: { raters: [rule, { ...spec, model: spec.model as never }] },
    });
    await runStudy(plan, { folder, stop: AbortSignal.abort() });
    await using other = await openRunWriter(folder, ['rate:judge']);
    const stop = new AbortController();
    const summary = await runStudy(plan, {
      folder,
      stop: stop.signal,
      onProgress: ({ otherRaters }) => otherRaters.length > 0 && stop.abort(),
    });
    expect(summary).toMatchObject({ complete: false, stoppedBy: 'signal', ratings: { rated: 4 * SAMPLES } });
    expect(other.holds('rate:judge')).toBe(true);
  });

  it('is refused while another run asks the stages, by name', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({ evaluation });
    await runStudy(plan, { folder, stop: AbortSignal.abort() });
    await using _other = await openRunWriter(folder, ['elicit']);
    await expect(runStudy(plan, { folder })).rejects.toThrow(
      new RegExp(`process ${process.pid} .*asking the stages`),
    );
  });
});
