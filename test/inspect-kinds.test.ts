import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../src/interchange/inspect/testing/real-inspect.ts';
import {
  outcomes,
  runToItsEnd,
  type StudyFolder,
  studyFolder,
  TASKS,
  taskEntry,
  writeTaskStudy,
} from './inspect-study.ts';
import { type NumberServer, numberServer } from './number-server.ts';
import { linesOf } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

/** Inspect tasks of every kind as evals of a study, run by the real Inspect. */
const LONG = { timeout: 600_000 };

let own: StudyFolder;
let server: NumberServer;
beforeEach(async () => {
  own = await studyFolder();
  server = await numberServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});

/** A study of one stage, with these tasks as evals of their names. */
function write(tasks: Readonly<Record<string, object>>): void {
  writeTaskStudy(own.study, {
    stages: `  - { id: sft, kind: sft, model: "${server.url}#sft" }`,
    evals: Object.entries(tasks).map(([name, options]) =>
      taskEntry(`${TASKS}@${name}`, options, { id: name }),
    ),
    rest: 'sampling: { temperature: 0.5, max_tokens: 32 }',
  });
}

describe.skipIf(inspect.skipped !== '')(`Inspect tasks of every kind${inspect.skipped}`, () => {
  it('are measured as their scorers declare', LONG, async () => {
    write({ graded_twice: {}, graded_and_counted: {}, lettered: {}, conversation: {}, look_often: {} });
    await runToItsEnd(own.study, own.run);
    expect(await outcomes(own.run)).toEqual({
      'sft/graded_twice/n0,[a]*#1':
        'completed; graded_twice/score by includes 1; graded_twice/score by match 1',
      'sft/graded_twice/n1,[a]*#1':
        'completed; graded_twice/score by includes 1; graded_twice/score by match 1',
      'sft/graded_and_counted/n0,[a]*#1':
        'completed; graded_and_counted/includes by includes 1; graded_and_counted/length by length 14',
      'sft/graded_and_counted/n1,[a]*#1':
        'completed; graded_and_counted/includes by includes 1; graded_and_counted/length by length 14',
      'sft/lettered/letters#1': 'completed; lettered/score by choice 1',
      'sft/conversation/talk#1': 'completed; conversation/score by includes 1',
      'sft/look_often/loop#1': 'completed; look_often/score by includes 1',
    });
    const { transcripts } = await linesOf(own.run);
    const of = (name: string) => transcripts.find(({ trial }) => trial.eval === name)!;
    expect(of('look_often').output.map(({ role }) => role)).toEqual([
      ...['assistant', 'tool', 'assistant', 'tool', 'assistant', 'tool'],
      'assistant',
    ]);
    expect(of('look_often').calls).toBe(4);
    expect(of('conversation').input.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(of('conversation').metadata).toMatchObject({ row: 'r1', seen: 4 });
    expect(of('lettered').metadata.inspect).toMatchObject({ choices: ['4', '5', '6'], target: 'B' });
  });

  it('may have ids that are numbers, have spaces, or are absent, but none twice', LONG, async () => {
    write({ ids: {}, numbered: {} });
    await runToItsEnd(own.study, own.run);
    const found = await outcomes(own.run);
    expect(Object.values(found).map((outcome) => outcome.replace(/^completed; \w+/, ''))).toEqual(
      Object.values(found).map(() => '/score by includes 1'),
    );
    const { transcripts } = await linesOf(own.run);
    expect(transcripts.map(({ trial }) => `${trial.eval} ${trial.sample}`).sort()).toEqual([
      ...['ids 7', 'ids 8', 'ids two words', 'ids ä/§ 5'],
      ...['numbered 1', 'numbered 2', 'numbered 3'],
    ]);
    write({ same_id: {} });
    const { code, stderr } = await stemma('plan', own.study).ended;
    expect([code, stderr]).toEqual([2, expect.stringMatching(/the task same_id has two samples "1"/)]);
  });

  it('keep what a solver raised as an error of the trial, which is asked again on demand', LONG, async () => {
    const broken = join(own.folder, 'broken');
    writeFileSync(broken, '');
    write({ failing_solver: { args: { broken } } });
    const first = await stemma('run', own.study, '--out', own.run).ended;
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringMatching(/1 × sft: internal: .*the solver lost its data/),
    ]);
    const key = 'sft/failing_solver/n1,[a]*#1';
    const { transcripts } = await linesOf(own.run);
    expect(transcripts.map((one) => [one.key, one.status]).toSorted()).toEqual([
      ['sft/failing_solver/n0,[a]*#1', 'completed'],
      [key, 'error'],
      ['sft/failing_solver/n2,[a]*#1', 'completed'],
    ]);
    const failed = transcripts.find((one) => one.key === key)!;
    expect(failed.error).toMatchObject({ kind: 'internal', raw: expect.stringContaining('RuntimeError') });

    // Without --retry-errors nothing is asked again.
    await runToItsEnd(own.study, own.run);
    expect((await linesOf(own.run)).transcripts).toHaveLength(3);
    rmSync(broken);
    await runToItsEnd(own.study, own.run, '--retry-errors');
    const again = (await linesOf(own.run)).transcripts.filter((one) => one.key === key);
    expect(again.map(({ status, attempt }) => `${attempt} ${status}`).sort()).toEqual([
      '1 error',
      '2 completed',
    ]);
  });
});
