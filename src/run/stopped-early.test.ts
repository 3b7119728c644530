import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trialKey } from '../core/index.ts';
import { makeFindings } from '../findings/index.ts';
import type { Respond } from '../models/index.ts';
import { openRun } from '../records/index.ts';
import type { RunOptions } from './run-study.ts';
import { runStudy } from './run-study.ts';
import { planOf, recordsOf, temporaryFolder, usage } from './testing/study.ts';
import { yesNo } from './testing/yes-no.ts';

const STAGES = ['base', 'sft', 'rl'];
const SAMPLES = 40;
const EPOCHS = 2;

/** The samples of which every stage has all epochs answered and rated, and those of which only some have. */
async function samplesIn(folder: string): Promise<{ whole: string[]; parts: string[] }> {
  const { transcripts, ratings } = await recordsOf(folder);
  const rated = Map.groupBy(ratings, ({ key }) => key);
  // Whatever was answered was rated, by both measures of the eval.
  for (const { trial } of transcripts) expect(rated.get(trialKey(trial))).toHaveLength(2);
  expect(ratings).toHaveLength(2 * transcripts.length);
  const bySample = [...Map.groupBy(transcripts, ({ trial }) => trial.sample)];
  const isWhole = ([, own]: (typeof bySample)[number]) => own.length === STAGES.length * EPOCHS;
  const names = (of: typeof bySample) => of.map(([sample]) => sample);
  return { whole: names(bySample.filter(isWhole)), parts: names(bySample.filter((one) => !isWhole(one))) };
}

/** Stages of unequal speed; `asked` is called with the number of each request. */
function stages(asked: (count: number) => void): Record<string, Respond> {
  let count = 0;
  return Object.fromEntries(
    STAGES.map((id, speed) => [
      id,
      async () => {
        asked(++count);
        await new Promise((resolve) => setTimeout(resolve, speed));
        return { response: 'yes', usage };
      },
    ]),
  );
}

const parts = (respond: Record<string, Respond>, study = {}) =>
  planOf({ stages: respond, evaluation: yesNo(SAMPLES), epochs: EPOCHS, study });

test('law: a run that Ctrl-C stops at any moment has answered and rated its stages on the same samples', async () => {
  const moment = fc.integer({ min: 1, max: STAGES.length * EPOCHS * SAMPLES - 1 });
  await fc.assert(
    fc.asyncProperty(moment, fc.integer({ min: 0, max: 99 }), async (at, seed) => {
      const folder = await temporaryFolder();
      const stop = new AbortController();
      const respond = stages((count) => {
        if (count === at) stop.abort();
      });
      const plan = await parts(respond, { sampling: { seed } });
      await runStudy(plan, { folder: join(folder, 'run'), stop: stop.signal });
      const { parts: begun } = await samplesIn(join(folder, 'run'));
      // Only the sample whose trials were about to begin at that moment may lack some.
      expect(begun.length).toBeLessThanOrEqual(1);
      const order: string[] = [];
      const options: RunOptions = { folder: join(folder, 'run') };
      const end = await runStudy(
        await parts(
          stages(() => order.push('asked')),
          { sampling: { seed } },
        ),
        options,
      );
      expect(end.complete).toBe(true);
      expect((await samplesIn(join(folder, 'run'))).parts).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 60_000);

test('law: a budget stops a run between two samples', async () => {
  const trialTokens = usage.inputTokens + usage.outputTokens;
  const total = STAGES.length * EPOCHS * SAMPLES * trialTokens;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: total - 1 }), async (tokens) => {
      const folder = await temporaryFolder();
      const summary = await runStudy(
        await parts(
          stages(() => {}),
          { budget: { tokens } },
        ),
        { folder },
      );
      const { whole, parts: begun } = await samplesIn(folder);
      expect([summary.stoppedBy, begun]).toEqual(['tokens', []]);
      expect(whole.length).toBeLessThan(SAMPLES);
      // Findings say so first, and compare the stages on what they have in common.
      using run = await openRun(folder);
      const { warnings, measures } = await makeFindings(run);
      expect(warnings[0]).toBe(
        `This run is not complete: ${whole.length * STAGES.length * EPOCHS} of 240 trials have been asked. Its budget of ` +
          'tokens stopped it. All that follows is about those. The same `stemma run` again goes on.',
      );
      const [first] = measures;
      for (const { n } of first?.stages ?? []) expect(n).toBe(first?.stages[0]?.n);
    }),
    { numRuns: 8 },
  );
}, 60_000);
