import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../src/interchange/inspect/testing/real-inspect.ts';
import {
  groupOf,
  isAtWork,
  knownProcess,
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

/** Stopping a run while real processes of Inspect work for it. */
const LONG = { timeout: 600_000 };
const SAMPLES = 12;
const WAITING = 4;

let own: StudyFolder;
let study: string;
let run: string;
/** As long as it is there, the tool of the task `waiting` does not come back. */
let gate: string;
beforeEach(async () => {
  own = await studyFolder();
  ({ study, run } = own);
  gate = join(own.folder, 'gate');
});
afterEach(async () => {
  for (const { pid } of processesOf(run)) process.kill(pid, 'SIGKILL');
  await own[Symbol.asyncDispose]();
});

function write(task: string, { url }: NumberServer, args: object): void {
  writeTaskStudy(study, {
    stages: numberStages(url),
    evals: [taskEntry(`${TASKS}@${task}`, { args })],
    rest: `endpoints: { "${url}": { concurrency: 2 } }`,
  });
}

/** Runs a study whose tool waits, until a tool of each stage does. @returns the command, and all processes of Inspect */
async function runUntilItWaits() {
  writeFileSync(gate, '');
  const command = stemma('run', study, '--out', run);
  const groups = () =>
    processesOf(run)
      .filter(({ python }) => !python)
      .map(({ pid }) => groupOf(pid));
  // What watches, Inspect, and at least one shell with its `sleep`.
  await until(() => groups().length === 2 && groups().every(({ length }) => length >= 4), command);
  return { command, processes: groups().flat() };
}

describe.skipIf(inspect.skipped !== '')(`a run with an Inspect task${inspect.skipped}`, () => {
  it('ends its Inspect at Ctrl-C, keeps what was finished, and goes on with the rest', LONG, async () => {
    await using server = await numberServer(400);
    write('after', server, { count: SAMPLES });
    const first = stemma('run', study, '--out', run);
    await until(async () => (await recorded(run)) >= 4, first);
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/Stopped as asked; \d+ trials left/)]);
    expect(processesOf(run)).toEqual([]);
    const { transcripts: before } = await linesOf(run);
    expect(before.length).toBeLessThan(2 * SAMPLES);

    await runToItsEnd(study, run);
    expect(await wrongRecords(run, 2 * SAMPLES, ['includes', 'style'])).toEqual([]);
    const timesAsked = (key: string) => {
      const [, stage, number] = /^(base|sft)\/numbers\/n(\d+),/.exec(key)!;
      return server.asked.filter(
        ({ model, question }) => model === stage && question.endsWith(`after ${number}?`),
      ).length;
    };
    expect(before.map(({ key }) => timesAsked(key))).toEqual(before.map(() => 1));
  });

  it('ends what Inspect has started at the second Ctrl-C', LONG, async () => {
    await using server = await numberServer();
    write('waiting', server, { file: gate, count: WAITING });
    const { command, processes } = await runUntilItWaits();
    command.child.kill('SIGINT');
    // Two signals at the same moment are taken for one.
    await new Promise((resolve) => setTimeout(resolve, 500));
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('dropped under way')]);
    expect(processes.filter(isAtWork)).toEqual([]);
    rmSync(gate);
    await runToItsEnd(study, run);
    expect(await wrongRecords(run, 2 * WAITING, ['includes'])).toEqual([]);
  });

  it('ends an Inspect that was left over before it starts another one', LONG, async () => {
    await using server = await numberServer();
    write('waiting', server, { file: gate, count: WAITING });
    const { command, processes } = await runUntilItWaits();
    const left = processesOf(run);
    const signalWatchers = (signal: NodeJS.Signals) => {
      for (const { pid, python } of left) if (!python) process.kill(pid, signal);
    };
    // What watches over Inspect would end it, and is killed too.
    signalWatchers('SIGSTOP');
    command.child.kill('SIGKILL');
    await command.ended;
    signalWatchers('SIGKILL');
    const leftOver = left.flatMap(({ pid, python }) => (python ? (knownProcess(pid) ?? []) : []));
    expect(leftOver).toHaveLength(2);

    const isNew = ({ pid, python }: { pid: number; python: boolean }) =>
      python && !leftOver.some((one) => one.pid === pid && isAtWork(one));
    const second = stemma('run', study, '--out', run);
    await until(() => processesOf(run).filter(isNew).length === 2, second);
    expect(processes.filter(isAtWork)).toEqual([]);
    rmSync(gate);
    const { code, stderr } = await second.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('100%')]);
    expect(await wrongRecords(run, 2 * WAITING, ['includes'])).toEqual([]);
  });
});
