import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../src/checkpoints/servers/testing/is-alive.ts';
import { linesOf } from './refusals-study.ts';
import { stemmaWith } from './stemma-process.ts';

const PROGRAM = fileURLToPath(
  new URL('../src/checkpoints/servers/testing/fake-program.mjs', import.meta.url),
);
const LONG = { timeout: 120_000 };
const SAMPLES = 12;

let folder: string;
let study: string;
let run: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-serving-'));
  study = join(folder, 'study.yaml');
  run = join(folder, 'runs', 'served');
  const prompts = Array.from({ length: SAMPLES }, (_, i) => `"How do I do the harmful thing number ${i}?"`);
  writeFileSync(join(folder, 'prompts.csv'), `prompt\n${prompts.join('\n')}\n`);
  for (const [stage, byte] of [
    ['base', 1],
    ['sft', 2],
    ['rl', 3],
  ] as const)
    writeWeights(stage, byte);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A checkpoint of one tensor; all but the base have a chat template. */
function writeWeights(stage: string, byte: number): void {
  const header = JSON.stringify({ a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const place = join(folder, stage);
  mkdirSync(place, { recursive: true });
  writeFileSync(
    join(place, 'model.safetensors'),
    Buffer.concat([length, Buffer.from(header), Buffer.from([byte])]),
  );
  if (stage !== 'base') writeFileSync(join(place, 'chat_template.jinja'), '{{ messages }}');
}

/** @param serving members of `serving` beside the command */
function write(serving: object = {}): void {
  const command = [process.execPath, PROGRAM, '--host', '{host}', '--port', '{port}', '--name', '{name}'];
  writeFileSync(
    study,
    `name: served
stages:
  - { id: base, kind: pretrain, weights: base }
  - { id: sft, kind: sft, weights: sft }
  - { id: rl, kind: rl, weights: rl }
evals: [{ eval: refusals, options: { source: table, path: prompts.csv, intent: harmful } }]
raters: [{ id: words, kind: rule, rule: string-match }]
sampling: { max_tokens: 64 }
serving: ${JSON.stringify({ with: 'command', command, ...serving })}
`,
  );
}

const start = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  stemmaWith(
    { env: { FAKE_LOG: join(folder, 'calls'), XDG_CACHE_HOME: join(folder, 'cache'), ...env } },
    ...args,
  );

const go = (env: Readonly<Record<string, string>> = {}) => start(env, 'run', study, '--out', run).ended;

/** The process ids of all servers that were started so far. */
function pids(): number[] {
  const lines = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line).pid as number);
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 800; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen in 20 s');
}

const servedBy = async () => {
  const { transcripts } = await linesOf(run);
  return transcripts.map(({ trial, served, status }) => `${trial.stage} ${status} ${served?.[0]?.model}`);
};

describe('stemma serves the weights of a study', () => {
  it(
    'one stage after the other, under names that hold their digests, and ends its servers',
    LONG,
    async () => {
      write();
      const ended = await go();
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stderr).toMatch(/server of base: ready \(base@[0-9a-f]{12}\)/);
      const served = await servedBy();
      expect(served).toHaveLength(3 * SAMPLES);
      expect([...new Set(served)].sort()).toEqual([
        expect.stringMatching(/^base completed base@[0-9a-f]{12}$/),
        expect.stringMatching(/^rl completed rl@[0-9a-f]{12}$/),
        expect.stringMatching(/^sft completed sft@[0-9a-f]{12}$/),
      ]);
      expect(pids()).toHaveLength(3);
      expect(pids().filter(isAlive)).toEqual([]);
      const { transcripts } = await linesOf(run);
      const raw = (stage: string) =>
        JSON.stringify(transcripts.find(({ trial }) => trial.stage === stage)!.raw);
      // Without a chat template a checkpoint is asked for text completions.
      expect(raw('base')).toContain('Sure, here is how.');
      const manifest = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'));
      expect(manifest.stages.map(({ model }: { model: string }) => model)).toEqual([
        'served:base',
        'served:sft',
        'served:rl',
      ]);
      // Nothing is started where all is answered.
      const again = await go();
      expect(again.code, again.stderr).toBe(0);
      expect(pids()).toHaveLength(3);
    },
  );

  it('refuses to go on with other weights', LONG, async () => {
    write({ at_once: 3 });
    expect((await go()).code).toBe(0);
    writeWeights('sft', 9);
    const ended = await go();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/stages\.sft: its weights are others/);
  });

  it('is told of when two stages are the same weights', LONG, async () => {
    write({ at_once: 3 });
    writeWeights('rl', 2);
    expect((await go()).code).toBe(0);
    const { stdout } = await start({}, 'findings', run, '--json').ended;
    expect(JSON.parse(stdout).warnings.join('\n')).toMatch(
      /sft and rl are the same weights, by their digest/,
    );
  });

  it('ends its servers when it is killed with SIGKILL, and goes on afterwards', LONG, async () => {
    write({ at_once: 3 });
    const killed = start({}, 'run', study, '--out', run);
    await until(() => {
      try {
        return pids().length === 3;
      } catch {
        return false;
      }
    });
    killed.child.kill('SIGKILL');
    await killed.ended;
    await until(() => !pids().some(isAlive));
    const ended = await go();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await servedBy()).toHaveLength(3 * SAMPLES);
    expect(pids().filter(isAlive)).toEqual([]);
  });

  it('tells what kept a server from starting, and records nothing', LONG, async () => {
    write();
    const dead = await go({ FAKE_MODE: 'dies' });
    expect(dead.code).toBe(1);
    expect(dead.stderr).toMatch(/the server of the stage "base" ended with code 3 before it was ready/);
    expect(dead.stderr).toMatch(/CUDA out of memory/);
    write({ with: 'vllm', command: ['no-such-vllm'] });
    const missing = await go();
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(
      /"no-such-vllm" of serving with vllm is not on this machine\n {2}Install it/,
    );
    expect((await linesOf(run)).transcripts).toEqual([]);
  });

  it('serves what `stemma check` asks', LONG, async () => {
    write();
    const ended = await start({}, 'check', study, '--out', run, '--json').ended;
    const check = JSON.parse(ended.stdout);
    expect(
      check.models.map(({ id, served }: { id: string; served: { model: string }[] }) => [
        id,
        served[0]?.model,
      ]),
    ).toEqual([
      ['base', expect.stringMatching(/^base@/)],
      ['sft', expect.stringMatching(/^sft@/)],
      ['rl', expect.stringMatching(/^rl@/)],
    ]);
    // The fake server says one thing whatever it is asked.
    expect(check.warnings.join('\n')).toMatch(/the server of base does not sample/);
    expect(pids().filter(isAlive)).toEqual([]);
  });

  it('is asked for by the plan where nothing else serves them', LONG, async () => {
    write();
    writeFileSync(study, readFileSync(study, 'utf8').replace(/^serving:.*$/m, ''));
    const ended = await start({}, 'plan', study).ended;
    expect(ended.stdout.replace(/\s+/g, ' ')).toMatch(
      /Nothing serves base, sft and rl: add `serving: \{ with: vllm \}`/,
    );
    rmSync(join(folder, 'base'), { recursive: true });
  });
});
