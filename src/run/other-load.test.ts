import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Model } from '../core/index.ts';
import { makeFindings } from '../findings/index.ts';
import { scriptedModel } from '../models/index.ts';
import { openRun } from '../records/index.ts';
import { runStudy } from './run-study.ts';
import { groupsOf } from './stage-groups.ts';
import { planOf, recordsOf, temporaryFolder, usage } from './testing/study.ts';
import { yesNo } from './testing/yes-no.ts';

/** A server whose answer to a fifth of the prompts depends on whether others are there at the same time. */
function batching(): { readonly model: Model; readonly loads: number[] } {
  const loads: number[] = [];
  let underWay = 0;
  const model = scriptedModel('scripted:test#sft', async ({ messages }) => {
    underWay++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    loads.push(underWay);
    const isBatched = underWay > 1;
    underWay--;
    const isTouched = / item \d*0 /.test(JSON.stringify(messages));
    return { response: isTouched && isBatched ? 'no' : 'yes, please', usage };
  });
  return { model, loads };
}

const again = { stage: 'sft', at_once: 1 };

it('asks an arm under another load by itself, with the same seeds, and says how many answers differ', async () => {
  const folder = join(await temporaryFolder(), 'run');
  const { model, loads } = batching();
  const plan = await planOf({
    stages: { sft: model },
    evaluation: yesNo(30),
    study: { controls: { again } },
  });
  await runStudy(plan, { folder });
  expect(Math.max(...loads.slice(0, 30))).toBeGreaterThan(1);
  expect(loads.slice(-30)).toEqual(new Array(30).fill(1));
  const { transcripts } = await recordsOf(folder);
  const seeds = Map.groupBy(transcripts, ({ trial }) => trial.sample);
  expect([...seeds.values()].map((both) => new Set(both.map(({ seed }) => seed)).size)).toEqual(
    new Array(30).fill(1),
  );
  using run = await openRun(folder);
  const { again: found } = await makeFindings(run);
  const { answers } = found!.arms[0]!;
  expect(answers!.of).toBe(30);
  expect(answers!.of - answers!.same).toBeGreaterThan(0);
  expect(answers!.of - answers!.same).toBeLessThanOrEqual(3);
  expect(found!.words).toMatch(
    /asked 1 trial at once, with the same seeds: \d of 30 answers are not the same/,
  );
});

it.each([
  [32, '"sft" is asked 32 at once anyway'],
  [33, '"sft" cannot be asked 33 at once: its server is asked at most 32 at once'],
])('at_once %i is refused', async (at_once, message) => {
  const folder = join(await temporaryFolder(), 'run');
  const plan = await planOf({ study: { controls: { again: { stage: 'sft', at_once } } } });
  await expect(runStudy(plan, { folder })).rejects.toThrow(message);
});

it('is refused in a part of a run', async () => {
  const folder = join(await temporaryFolder(), 'run');
  const plan = await planOf({ study: { controls: { again } } });
  await expect(runStudy(plan, { folder, shard: { k: 1, of: 2 } })).rejects.toThrow(
    'cannot be asked in parts',
  );
});

it('groups: arms with their stage; under another load alone, behind it', () => {
  const stages = [
    { id: 'base' },
    { id: 'sft' },
    { id: 'base-again', again: 'base' },
    { id: 'sft-at-once-1', again: 'sft', atOnce: 1 },
    { id: 'base-at-once-1', again: 'base', atOnce: 1 },
  ];
  expect(groupsOf(stages, [])).toEqual([
    ['base', 'sft', 'base-again'],
    ['sft-at-once-1'],
    ['base-at-once-1'],
  ]);
  expect(groupsOf(stages, [['base'], ['sft']])).toEqual([
    ['base', 'base-again'],
    ['base-at-once-1'],
    ['sft'],
    ['sft-at-once-1'],
  ]);
});
