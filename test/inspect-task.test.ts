import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/core/index.ts';
import { openTask } from '../src/interchange/inspect/task/task-eval.ts';
import { inspect } from '../src/interchange/inspect/testing/real-inspect.ts';
import {
  numberStages,
  processesOf,
  runToItsEnd,
  type StudyFolder,
  studyFolder,
  TASKS,
  taskEntry,
  until,
  writeTaskStudy,
} from './inspect-study.ts';
import { recorded, wrongRecords } from './killed-run.ts';
import { type NumberServer, numberServer } from './number-server.ts';
import { linesOf } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

const LONG = { timeout: 600_000 };
const SAMPLES = 12;

let own: StudyFolder;
let folder: string;
let study: string;
let run: string;
beforeEach(async () => {
  own = await studyFolder();
  ({ folder, study, run } = own);
});
afterEach(() => own[Symbol.asyncDispose]());

function write(task: string, { url }: Pick<NumberServer, 'url'>, options: object = {}, epochs = 1): void {
  writeTaskStudy(study, {
    stages: numberStages(url),
    evals: [taskEntry(task, options, { epochs })],
    rest: `sampling: { temperature: 0.5, max_tokens: 32 }\nendpoints: { "${url}": { concurrency: 2 } }`,
  });
}

const runToEnd = () => runToItsEnd(study, run);

describe.skipIf(inspect.skipped !== '')(`an Inspect task as an eval of a study${inspect.skipped}`, () => {
  it(
    'goes on after stemma and Inspect were killed, and asks nothing again that was finished',
    LONG,
    async () => {
      await using server = await numberServer(400);
      write(`${TASKS}@after`, server, { cluster: 'row', args: { count: SAMPLES } });
      const first = stemma('run', study, '--out', run);
      await until(async () => (await recorded(run)) >= 4, first);
      first.child.kill('SIGKILL');
      await first.ended;
      const { transcripts: before } = await linesOf(run);
      while (processesOf(run).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));

      const second = stemma('run', study, '--out', run);
      await until(async () => (await recorded(run)) >= before.length + 3, second);
      for (const { pid, python } of processesOf(run)) if (python) process.kill(pid, 'SIGKILL');
      const { code, stderr } = await second.ended;
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/Inspect ended with code \d+ before it was done/),
      ]);
      expect(stderr).toContain('The same command goes on with what is missing.');

      await runToEnd();
      expect(await wrongRecords(run, 2 * SAMPLES, ['includes', 'style'])).toEqual([]);
      const times = (key: string) => {
        const [, stage, number] = /^(base|sft)\/numbers\/n(\d+),/.exec(key)!;
        return server.asked.filter(
          ({ model, question }) => model === stage && question.endsWith(`after ${number}?`),
        ).length;
      };
      expect(before.map(({ key }) => times(key))).toEqual(before.map(() => 1));
      const { measures } = JSON.parse((await stemma('findings', run, '--json').ended).stdout);
      const estimates = Object.fromEntries(
        measures.map(({ id, stages }: { id: string; stages: { estimate: number }[] }) => [
          id,
          stages.map(({ estimate }) => estimate),
        ]),
      );
      expect(estimates).toEqual({ 'after/score': [0, 1], 'after/words': [4, 3], 'after/polite': [0, 1] });
    },
  );

  it(
    'gives epochs other seeds and stages the same ones, and shows in the plan what Inspect knows',
    LONG,
    async () => {
      await using server = await numberServer();
      write(`${TASKS}@after`, server, { args: { count: 2 } }, 2);
      const plan = await stemma('plan', study).ended;
      expect(plan.stdout).toMatch(/numbers\s+2 samples.*2 epochs\s+8 trials/);
      expect(plan.stdout).toContain('includes (rule), style (rule)');
      await runToEnd();
      const seeds = (model: string) =>
        server.asked.filter((one) => one.model === model).map(({ seed }) => seed);
      expect(new Set(seeds('sft')).size).toBe(2);
      expect(seeds('sft').toSorted()).toEqual(seeds('base').toSorted());
      expect((await stemma('run', study, '--out', run).ended).stderr).toMatch(/0 trials|nothing/i);
      expect(server.asked).toHaveLength(8);
    },
  );

  it('carries tool calls, and keeps them in the transcript', LONG, async () => {
    await using server = await numberServer();
    write(`${TASKS}@with_tool`, server, {});
    await runToEnd();
    const { transcripts } = await linesOf(run);
    const sft = transcripts.find(({ key }) => key.startsWith('sft/numbers/n0,'))! as unknown as {
      readonly output: readonly {
        readonly role: string;
        readonly content: string;
        readonly toolCalls?: unknown;
      }[];
    };
    expect(sft.output.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant']);
    expect(sft.output[0]!.toolCalls).toEqual([{ id: 'call-1', name: 'look', arguments: '{"at":0}' }]);
    expect(sft.output[2]!.content).toBe('It is 1.');
  });

  it('says what is wrong with a task', LONG, async () => {
    const saidOf = async (task: string, options: object = {}) => {
      const values = { task, python: inspect.python, ...options } as JsonObject;
      const error = await openTask({ values, folder }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      return String(error);
    };
    const task = (name: string) => `@task\ndef ${name}():\n    return Task()\n`;
    writeFileSync(join(folder, 'two.py'), `from inspect_ai import Task, task\n${task('a')}${task('b')}`);
    const [absent, unnamed, keys, argument, python] = await Promise.all([
      saidOf('no-such.py@after'),
      saidOf('two.py'),
      saidOf(`${TASKS}@unknown_keys`),
      saidOf(`${TASKS}@after`, { args: { size: 3 } }),
      saidOf(`${TASKS}@after`, { python: './no-python' }),
    ]);
    expect(absent).toMatch(/there is no task file .*no-such\.py/);
    expect(unnamed).toMatch(/has 2 tasks: a, b\. Name one: FILE\.py@NAME/);
    expect(keys).toMatch(/declares its keys only as [\s\S]*options: \{ measures: \[KEY, …\] \}/);
    expect(argument).toMatch(/the task has no argument 'size'; it has: count/);
    expect(python).toMatch(/there is no Python "\.\/no-python"/);
  });

  it('does not take a task that gives other samples each time', LONG, async () => {
    await using server = await numberServer();
    write(`${TASKS}@unseeded`, server);
    const { code, stderr } = await stemma('run', study, '--out', run).ended;
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/another text for the sample[\s\S]*seed what it draws/),
    ]);
  });
});

const bare = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import inspect_ai'], { stdio: 'ignore' });
    return ' (skipped: /usr/bin/python3 has inspect_ai)';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? ' (skipped: no /usr/bin/python3)' : '';
  }
})();

it.skipIf(bare !== '')(`names what to install where a Python has no Inspect${bare}`, LONG, async () => {
  write(`${TASKS}@after`, { url: 'http://127.0.0.1:9/v1' }, { python: '/usr/bin/python3' });
  const { code, stdout, stderr } = await stemma('plan', study).ended;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /study\.yaml:\d+:\d+: evals\[0\]\.options\.task: the Python \/usr\/bin\/python3 has no Inspect/,
  );
  expect(stderr).toMatch(/\/usr\/bin\/python3 -m pip install 'inspect-ai>=[\d.]+' 'openai>=[\d.]+'/);
});
