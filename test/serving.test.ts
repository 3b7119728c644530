import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../src/checkpoints/servers/testing/is-alive.ts';
import { describeSlurm } from '../src/checkpoints/testing/slurm.ts';
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

async function until(condition: () => boolean, seconds = 20): Promise<void> {
  for (let i = 0; i < 40 * seconds; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`it did not happen in ${seconds} s`);
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

describe('the parts of a run', () => {
  it('serve their stages each by themselves, and the last pass starts no server', LONG, async () => {
    write({ at_once: 3 });
    const ends = await Promise.all(
      ['1/2', '2/2'].map((part) => start({}, 'run', study, '--out', run, '--shard', part).ended),
    );
    for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
    const before = pids().length;
    expect(before).toBe(6);
    const { code, stderr } = await go();
    expect(code, stderr).toBe(0);
    expect(pids()).toHaveLength(before);
    expect(pids().filter(isAlive)).toEqual([]);
    expect(new Set(await servedBy()).size).toBe(3);
    expect(await servedBy()).toHaveLength(3 * SAMPLES);
  });

  it(
    'convert weights once: the first to come does it, others wait and say so, and one takes over',
    LONG,
    async () => {
      const made = join(folder, 'made');
      const script = join(folder, 'convert.mjs');
      writeFileSync(
        script,
        `import { appendFileSync, copyFileSync, existsSync } from 'node:fs';
const [, , weights, out] = process.argv;
appendFileSync(${JSON.stringify(made)}, \`\${weights}\\n\`);
while (!existsSync(${JSON.stringify(join(folder, 'go'))})) await new Promise((resolve) => setTimeout(resolve, 20));
copyFileSync(weights + '/model.safetensors', out);
`,
      );
      write({
        ...{ with: 'llama-server', command: [process.execPath, PROGRAM], at_once: 3 },
        convert: [process.execPath, script, '{weights}', '{out}'],
      });
      const conversions = () => (existsSync(made) ? readFileSync(made, 'utf8').trim().split('\n').length : 0);
      const part = (of: string) => start({}, 'run', study, '--out', run, '--shard', of);
      const first = part('1/2');
      await until(() => conversions() === 3, 60);
      const second = part('2/2');
      let told = '';
      second.child.stderr!.on('data', (data) => {
        told += data;
      });
      await until(
        () =>
          (told.match(/waiting: process \d+ on .* is converting these weights already/g) ?? []).length === 3,
        60,
      );
      first.child.kill('SIGKILL');
      expect((await first.ended).signal).toBe('SIGKILL');
      await until(() => conversions() === 6, 60);
      writeFileSync(join(folder, 'go'), '');
      const { code, stderr } = await second.ended;
      expect(code, stderr).toBe(0);
      const again = await part('1/2').ended;
      expect(again.code, again.stderr).toBe(0);
      expect(conversions()).toBe(6);
      expect(await servedBy()).toHaveLength(3 * SAMPLES);
      const servers = join(folder, 'runs', 'checkpoints', 'servers');
      for (const name of readdirSync(servers)) {
        const file = readdirSync(join(servers, name)).find((each) => /^\w{12}\.gguf$/.test(each))!;
        const stage = name.split('@')[0]!;
        const whole = readFileSync(join(folder, stage, 'model.safetensors'));
        expect(readFileSync(join(servers, name, file)).equals(whole)).toBe(true);
      }
    },
  );
});

describeSlurm('serving on a real Slurm', () => {
  const jobs = () => execFileSync('squeue', ['--noheader', '--format=%j'], { encoding: 'utf8' }).trim();
  const gateOf = (stage: string) => {
    const folders = join(folder, 'runs', 'checkpoints', 'servers');
    const name = readdirSync(folders).find((each) => each.startsWith(`${stage}@`))!;
    const { host, port } = JSON.parse(readFileSync(join(folders, name, 'address.json'), 'utf8'));
    return { url: `http://${host}:${port}/v1/models`, key: readFileSync(join(folders, name, 'key'), 'utf8') };
  };

  it('each server is a job, reached only with its key; all end with the run', LONG, async () => {
    write({ on: 'slurm', at_once: 3, concurrency: 1, slurm: { setup: ['export FROM_SETUP=1'] } });
    const { ended } = start({ FAKE_SLOW: '1000' }, 'run', study, '--out', run);
    await Promise.race([until(() => existsSync(join(run, 'transcripts', 'elicit.jsonl')), 60), ended]);
    const { url, key } = gateOf('rl');
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: 'Bearer no' } })).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    expect(jobs().split('\n').toSorted()).toEqual(
      ['base', 'rl', 'sft'].map((stage) => expect.stringMatching(`^stemma-serve-${stage}@`)),
    );
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(await servedBy()).toHaveLength(3 * SAMPLES);
    const [first] = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
    expect(JSON.parse(first!).env).toMatchObject({ FROM_SETUP: '1', SLURM_JOB_ID: expect.any(String) });
    await until(() => jobs() === '', 60);
  });

  it('kill -9 of stemma ends the jobs, too; what Slurm does not take is told', LONG, async () => {
    write({ on: 'slurm', at_once: 3, concurrency: 1 });
    const { child, ended } = start({ FAKE_SLOW: '1000' }, 'run', study, '--out', run);
    await Promise.race([until(() => existsSync(join(run, 'transcripts', 'elicit.jsonl')), 60), ended]);
    expect(jobs()).not.toBe('');
    child.kill('SIGKILL');
    await until(() => jobs() === '', 60);
    write({ on: 'slurm', slurm: { partition: 'none' } });
    const refused = await go();
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/Slurm did not take the job of this server: .*invalid partition/i);
  });
});
