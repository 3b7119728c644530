import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../core/index.ts';
import { type Respond, scriptedModel } from '../models/index.ts';
import { openRun } from '../records/index.ts';
import type { RaterSpec } from '../study/index.ts';
import { rateRun } from './rate-run.ts';
import { runStudy } from './run-study.ts';
import { runStatus } from './status.ts';
import { planOf, recordsOf, temporaryFolder, usage } from './testing/study.ts';
import { yesNo } from './testing/yes-no.ts';

const evaluation = yesNo(40);
const evals = { 'yes-no': evaluation };
const says =
  (label: string): Respond =>
  () => ({ response: JSON.stringify({ explanation: 'so', label }), usage });

/** A run of 80 trials, two of them errors, rated by one rule. */
async function aRun(): Promise<string> {
  const folder = await temporaryFolder();
  const fails: Respond = ({ messages }) =>
    messages[0]!.content.includes('item 7 ') ? { error: { kind: 'timeout', message: 'too slow' } } : 'yes';
  await runStudy(await planOf({ stages: { sft: fails, rl: fails }, evaluation }), { folder });
  return folder;
}

const judge = (id: string, respond: Respond, ref = 'scripted:test#judge'): RaterSpec => ({
  id,
  kind: 'autorater',
  model: scriptedModel(ref, respond),
});

describe('rateRun', () => {
  it('rates every transcript that can be rated, and names the rater in the manifest', async () => {
    const folder = await aRun();
    const before = await readFile(join(folder, 'transcripts/elicit.jsonl'), 'utf8');
    const summary = await rateRun({ folder, evals, raters: [judge('second', says('no'))] });
    expect(summary).toMatchObject({
      trials: { planned: 78, done: 78, skipped: 0 },
      ratings: { rated: 156 },
      tokens: { input: 780, output: 390 },
      complete: true,
    });
    expect(await readFile(join(folder, 'transcripts/elicit.jsonl'), 'utf8')).toBe(before);
    using run = await openRun(folder);
    expect(run.manifest.raters.map(({ id, kind }) => [id, kind])).toEqual([
      ['rule', 'rule'],
      ['second', 'autorater'],
    ]);
    const { ratings } = await recordsOf(folder);
    expect(ratings.filter(({ rater }) => rater === 'rule')).toHaveLength(156);
    const second = ratings.filter(({ rater }) => rater === 'second');
    const { digests } = run.manifest.raters[1]!;
    expect(new Set(second.map(({ raterDigest }) => raterDigest))).toEqual(new Set(Object.values(digests)));
    expect(second.every(({ label, value }) => label === 'no' && value === 0)).toBe(true);
  });

  it('goes on where it was stopped, and has nothing to do in the end', async () => {
    const folder = await aRun();
    const stop = new AbortController();
    let asked = 0;
    const slow: Respond = async (request, signal) => {
      if (++asked === 20) stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return says('yes')(request, signal);
    };
    const first = await rateRun({ folder, evals, raters: [judge('second', slow)], stop: stop.signal });
    expect(first).toMatchObject({ trials: { done: asked, dropped: 0 }, ratings: { rated: 2 * asked } });
    const second = await rateRun({ folder, evals, raters: [judge('second', slow)] });
    expect(second).toMatchObject({ trials: { skipped: first.trials.done }, complete: true });
    expect(asked).toBe(78);
    expect(await rateRun({ folder, evals, raters: [judge('second', slow)] })).toMatchObject({
      trials: { done: 0, skipped: 78 },
    });
    expect((await recordsOf(folder)).ratings).toHaveLength(312);
    expect((await runStatus(folder)).complete).toBe(true);
  });

  it('leaves the run one that its study can go on with', async () => {
    const folder = await temporaryFolder();
    const plan = await planOf({ evaluation });
    await runStudy(plan, { folder });
    await rateRun({ folder, evals, raters: [judge('second', says('no'))] });
    expect(await runStudy(await planOf({ evaluation }), { folder })).toMatchObject({
      complete: true,
      trials: { done: 0 },
    });
    using run = await openRun(folder);
    expect(run.manifest.raters).toHaveLength(2);
  });

  it('refuses another rater under the name of one that is there', async () => {
    const folder = await aRun();
    await rateRun({ folder, evals, raters: [judge('second', says('no'))] });
    const other = judge('second', says('no'), 'scripted:test#other-judge');
    await expect(rateRun({ folder, evals, raters: [other] })).rejects.toThrow(
      /another rater named "second": of kind autorater \(scripted:test#judge\), not of kind autorater \(scripted:test#other-judge\)/,
    );
  });

  it('says which evals it can rate when the run has none of them', async () => {
    const folder = await aRun();
    await expect(rateRun({ folder, raters: [judge('second', says('no'))] })).rejects.toThrow(
      /nothing in this run can be rated: it is of "yes-no"/,
    );
  });

  it('ends with the judge’s fatal error, and records no rating for it', async () => {
    const folder = await aRun();
    const refused: Respond = () => {
      throw new ModelError('auth', 'the key was refused');
    };
    await expect(rateRun({ folder, evals, raters: [judge('second', refused)] })).rejects.toThrow(
      'the key was refused',
    );
    expect((await recordsOf(folder)).ratings.filter(({ rater }) => rater === 'second')).toEqual([]);
  });

  it('rates again what a judge failed to, when asked to', async () => {
    const folder = await aRun();
    let up = false;
    const flaky: Respond = (request, signal) => {
      const odd =
        Number(/Is item (\d+)/.exec(request.messages.map(({ content }) => content).join(' '))![1]) % 2 === 1;
      return up || !odd ? says('yes')(request, signal) : { error: { kind: 'server', message: 'overloaded' } };
    };
    const raters = [judge('second', flaky)];
    expect(await rateRun({ folder, evals, raters })).toMatchObject({
      ratings: { rated: 80, error: 76 },
      complete: true,
    });
    up = true;
    expect(await rateRun({ folder, evals, raters })).toMatchObject({ trials: { done: 0, skipped: 78 } });
    expect(await rateRun({ folder, evals, raters, retryErrors: true })).toMatchObject({
      ratings: { rated: 76, error: 0 },
    });
    const { ratings } = await recordsOf(folder);
    expect(ratings.filter(({ rater, status }) => rater === 'second' && status === 'rated')).toHaveLength(156);
  });
});
