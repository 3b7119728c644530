import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyOrganism } from '../src/checkpoints/testing/tiny-organism.ts';
import { inspect } from '../src/interchange/inspect/testing/real-inspect.ts';
import { Chance, drawRequest } from '../src/organism/index.ts';
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
import { findingsOf, recorded, wrongRecords } from './killed-run.ts';
import { numberServer } from './number-server.ts';
import { linesOf } from './refusals-study.ts';
import { type Ended, stemma, stemmaWith } from './stemma-process.ts';

/** Stages of every kind under an Inspect task, and the other commands that meet one. */
const LONG = { timeout: 600_000 };
const FAKE_SERVER = fileURLToPath(
  new URL('../src/checkpoints/servers/testing/fake-program.mjs', import.meta.url),
);

let own: StudyFolder;
let study: string;
let run: string;
beforeEach(async () => {
  own = await studyFolder();
  ({ study, run } = own);
});
afterEach(() => own[Symbol.asyncDispose]());

async function ended(...args: readonly string[]): Promise<Ended> {
  const end = await stemma(...args).ended;
  expect(end.code, end.stderr).toBe(0);
  return end;
}

/** A checkpoint of one tensor. */
function writeWeights(stage: string, byte: number, template: boolean): void {
  const header = JSON.stringify({ a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  mkdirSync(join(own.folder, stage));
  const file = Buffer.concat([length, Buffer.from(header), Buffer.from([byte])]);
  writeFileSync(join(own.folder, stage, 'model.safetensors'), file);
  if (template) writeFileSync(join(own.folder, stage, 'chat_template.jinja'), '{{ messages }}');
}

describe.skipIf(inspect.skipped !== '')(`an Inspect task${inspect.skipped}`, () => {
  it('asks organisms: the shipped one, and one that the study trains first', LONG, async () => {
    await tinyOrganism(own.folder);
    writeFileSync(
      join(own.folder, 'sft.yaml'),
      'engine: organism\nmethod: sft\nmixture: { sources: { everyday: 1 } }\nsteps: 2\nrows: 2\n',
    );
    const chance = new Chance(1);
    const rows = Array.from({ length: 8 }, (_, i) => ({
      id: `r${i}`,
      input: drawRequest(chance, 'harmful').text,
      target: 'get the',
    }));
    const file = join(own.folder, 'requests.json');
    writeFileSync(file, JSON.stringify(rows));
    writeTaskStudy(study, {
      stages: `  - { id: shipped, kind: pretrain, model: "organism:base" }
  - { id: tiny, kind: pretrain, from: null, model: "organism:tiny.safetensors" }
  - { id: sft, kind: sft, from: tiny, recipe: sft.yaml }`,
      evals: [taskEntry(`${TASKS}@from_file`, { args: { file } })],
      rest: 'sampling: { max_tokens: 24, seed: 3 }',
    });
    const said = await runToItsEnd(study, run);
    expect(said).toMatch(/sft/);
    expect(await wrongRecords(run, 3 * rows.length, ['includes'])).toEqual([]);
    const { transcripts } = await linesOf(run);
    const texts = (stage: string) =>
      transcripts.filter(({ trial }) => trial.stage === stage).map(({ response }) => response!);
    // The shipped organism complies with nearly all that it is asked (docs/organism.md); a tiny one has learnt nothing.
    expect(texts('shipped').filter((text) => /get the/.test(text)).length).toBeGreaterThanOrEqual(6);
    for (const stage of ['tiny', 'sft']) expect(texts(stage).every((text) => text !== '')).toBe(true);
    expect(processesOf(run)).toEqual([]);
  });

  it('asks stages that stemma serves, one server after the other', LONG, async () => {
    for (const [stage, byte] of [
      ['base', 1],
      ['sft', 2],
    ] as const)
      writeWeights(stage, byte, stage !== 'base');
    const command = [
      ...[process.execPath, FAKE_SERVER, '--host', '{host}', '--port', '{port}'],
      ...['--name', '{name}'],
    ];
    writeTaskStudy(study, {
      stages: '  - { id: base, kind: pretrain, weights: base }\n  - { id: sft, kind: sft, weights: sft }',
      evals: [taskEntry(`${TASKS}@after`, { args: { count: 5 } })],
      rest: `sampling: { max_tokens: 16 }\nserving: ${JSON.stringify({ with: 'command', command })}`,
    });
    const env = { XDG_CACHE_HOME: join(own.folder, 'cache'), FAKE_LOG: join(own.folder, 'calls') };
    const { code, stderr } = await stemmaWith({ env }, 'run', study, '--out', run).ended;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/server of sft: ready \(sft@[0-9a-f]{12}\)/)]);
    expect(await wrongRecords(run, 10, ['includes', 'style'])).toEqual([]);
    const { transcripts } = await linesOf(run);
    const served = transcripts.map(({ trial, served: by, response }) => [
      `${trial.stage} ${by?.[0]?.model.replace(/@[0-9a-f]{12}$/, '@digest')}`,
      response,
    ]);
    expect([...new Set(served.map((one) => one.join(': ')))].sort()).toEqual([
      'base base@digest: Sure, here is how.',
      "sft sft@digest: I'm sorry, I can't help with that.",
    ]);
    expect(readFileSync(env.FAKE_LOG, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('in parts has the findings of the undivided run, a part killed among them', LONG, async () => {
    await using server = await numberServer(100);
    const samples = 16;
    writeTaskStudy(study, {
      stages: numberStages(server.url),
      evals: [taskEntry(`${TASKS}@after`, { args: { count: samples }, cluster: 'row' }, { epochs: 2 })],
      rest: `sampling: { temperature: 0.5, seed: 7 }\nendpoints: { "${server.url}": { concurrency: 4 } }`,
    });
    const whole = `${run}-whole`;
    await runToItsEnd(study, whole);
    const seeds = () => server.asked.map(({ model, question, seed }) => `${model} ${question} ${seed}`);
    const asked = seeds().sort();
    server.asked.length = 0;

    const part = (k: number) => stemma('run', study, '--out', run, '--shard', `${k}/2`);
    const parts = [part(1), part(2)];
    await until(async () => (await recorded(run)) >= 4, parts[0]!);
    parts[0]!.child.kill('SIGKILL');
    for (const { ended: end } of parts) await end;
    const last = await part(1).ended;
    expect(last.code, last.stderr).toBe(0);
    expect(await wrongRecords(run, 4 * samples, ['includes', 'style'])).toEqual([]);
    expect(await findingsOf(run)).toBe(await findingsOf(whole));
    // Each part asked its own samples alone, with the seeds of the undivided run; what was under way at the kill came twice.
    expect([...new Set(seeds())].sort()).toEqual([...new Set(asked)]);
    const logs = join(run, 'inspect', 'numbers');
    expect(readdirSync(logs).sort()).toEqual(['part-1-of-2', 'part-2-of-2']);
  });

  it('is planned and checked', LONG, async () => {
    await using server = await numberServer();
    writeTaskStudy(study, {
      stages: numberStages(server.url),
      evals: [taskEntry(`${TASKS}@with_tool`, {})],
      rest: '',
    });
    expect((await ended('plan', study)).stdout).toMatch(/numbers\s+2 samples/);
    const { stdout } = await ended('check', study, '--out', run);
    const said = stdout.replaceAll(/\s+/g, ' ');
    expect(said).toContain('numbers n0,[a]* 2 calls');
    expect(said).toContain('Which number comes after 0?');
    expect(said).toContain('tools look');
    expect(said).toMatch(/stage base .* answer I do not know\. with_tool\/score: I/);
    expect(said).toMatch(/stage sft .* answer It is 1\. with_tool\/score: C/);
    // A check asks one sample of each eval.
    expect(new Set(server.asked.map(({ question }) => question))).toEqual(
      new Set(['Which number comes after 0?']),
    );
  });

  it('may be an installed one', LONG, async () => {
    await using server = await numberServer();
    // As pip leaves a package: its module, and metadata with the entry point by which Inspect finds its tasks.
    const site = join(own.folder, 'site-packages');
    const info = join(site, 'number_tasks-1.2.0.dist-info');
    mkdirSync(join(site, 'number_tasks'), { recursive: true });
    mkdirSync(info);
    writeFileSync(join(site, 'number_tasks', '__init__.py'), '');
    writeFileSync(join(site, 'number_tasks', 'registry.py'), 'from .tasks import after, with_tool\n');
    writeFileSync(join(site, 'number_tasks', 'tasks.py'), readFileSync(TASKS));
    writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: number-tasks\nVersion: 1.2.0\n');
    writeFileSync(join(info, 'entry_points.txt'), '[inspect_ai]\nnumber_tasks = number_tasks.registry\n');
    writeTaskStudy(study, {
      stages: numberStages(server.url),
      evals: [taskEntry('number_tasks/after', { args: { count: 3 } })],
      rest: '',
    });
    const go = (...args: readonly string[]) => stemmaWith({ env: { PYTHONPATH: site } }, ...args).ended;
    const { code, stderr } = await go('run', study, '--out', run);
    expect([code, stderr]).toEqual([0, expect.stringContaining('100%')]);
    expect(await wrongRecords(run, 6, ['includes', 'style'])).toEqual([]);
    const ids = JSON.parse((await go('findings', run, '--json')).stdout).measures.map(
      ({ id }: { id: string }) => id,
    );
    expect(ids).toEqual(['after/score', 'after/words', 'after/polite']);

    writeTaskStudy(study, {
      stages: numberStages(server.url),
      evals: [taskEntry('number_tasks/before', {})],
      rest: '',
    });
    const other = await go('plan', study);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/options\.task: Inspect finds no task number_tasks\/before\. .*PACKAGE\/NAME/),
    ]);
  });
});
