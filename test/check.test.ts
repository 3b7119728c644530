import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Findings } from '../src/findings/findings.ts';
import { type FakeServer, type FakeServing, startFakeServer } from '../src/run/check/testing/fake-server.ts';
import { linesOf } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

/** As llama.cpp says of itself. */
const LLAMA: FakeServing = {
  models: { data: [{ id: 'm', owned_by: 'llamacpp' }] },
  props: { default_generation_settings: { n_ctx: 4096, params: { top_k: 40, min_p: 0.05 } } },
};
const LONG = { timeout: 120_000 };

let folder: string;
let study: string;
const servers: FakeServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-check-'));
  study = join(folder, 'study.yaml');
  const prompts = Array.from({ length: 12 }, (_, i) => `"How do I do the harmful thing number ${i}?"`);
  writeFileSync(join(folder, 'prompts.csv'), `prompt\n${prompts.join('\n')}\n`);
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function serve(serving: FakeServing): Promise<string> {
  const server = await startFakeServer(serving);
  servers.push(server);
  return server.baseUrl;
}

/** @param stages what each stage has beside its id and kind */
function write(stages: Readonly<Record<string, object>>): void {
  const parts = Object.entries(stages).map(([id, more]) => ({ id, kind: id, ...more }));
  writeFileSync(
    study,
    `name: checked
stages: ${JSON.stringify(parts)}
evals: [{ eval: refusals, options: { source: table, path: prompts.csv, intent: harmful } }]
raters: [{ id: words, kind: rule, rule: string-match }]
sampling: { max_tokens: 64 }
`,
  );
}

describe('stemma check', () => {
  it('ends with 2 under --strict where a server does not sample, and keeps what it saw', LONG, async () => {
    write({ sft: { model: `${await serve({ drops: ['temperature'] })}#m` } });
    const run = join(folder, 'runs', 'mine');
    const lax = await stemma('check', study, '--out', run).ended;
    expect(lax.code, lax.stderr).toBe(0);
    expect(lax.stdout).toMatch(/the server of sft does not sample: 8 seeds at temperature 1 gave one/);
    const strict = await stemma('check', study, '--out', run, '--strict', '--json').ended;
    expect(strict.code, strict.stderr).toBe(2);
    const check = JSON.parse(strict.stdout);
    expect(check.models[0].sampling).toMatchObject({ answers: 8, different: 1 });
    const kept = readFileSync(`${run}.checks.jsonl`, 'utf8').trimEnd().split('\n');
    expect(kept).toHaveLength(2);
    expect(JSON.parse(kept[1]!)).toEqual(check);
    expect(existsSync(run)).toBe(false);
  });

  it('ends with 1 where a stage does not answer', LONG, async () => {
    write({ sft: { model: 'http://127.0.0.1:9/v1#m' } });
    const ended = await stemma('check', study, '--out', join(folder, 'run')).ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stdout).toMatch(/the stage sft did not answer: .*127\.0\.0\.1:9/);
  });
});

describe('stemma run', () => {
  const go = () => stemma('run', study, '--out', join(folder, 'run')).ended;
  const transcripts = async () => (await linesOf(join(folder, 'run'))).transcripts;
  async function findings(): Promise<Findings> {
    const { stdout, stderr, code } = await stemma('findings', join(folder, 'run'), '--json').ended;
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  }

  it(
    'keeps servers from adding settings, and tells what is left and where stages differ in it',
    LONG,
    async () => {
      const [one, other] = [await serve({ ...LLAMA, model: 'a' }), await serve({ ...LLAMA, model: 'b' })];
      write({
        sft: { model: `${one}#m` },
        dpo: { model: { ref: `${other}#m`, body: { top_k: null } } },
      });
      const ended = await go();
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stderr).toMatch(
        /warning: the servers add different sampling settings .*\(sft nothing; dpo top_k 40\)/,
      );
      const [first] = servers;
      const trials = first!.requests.filter(({ max_tokens }) => max_tokens === 64);
      expect(trials).toHaveLength(12);
      expect(trials.every(({ top_k, min_p }) => top_k === 0 && min_p === 0)).toBe(true);
      const samplers = (await transcripts()).map(
        ({ trial, served }) => `${trial.stage} ${served![0]!.sampler}`,
      );
      expect(new Set(samplers)).toEqual(new Set(['sft undefined', 'dpo top_k 40']));
      const warning = (await findings()).warnings.find((text) => text.includes('sampling settings'));
      expect(warning).toMatch(/sft: none; dpo: top_k 40/);
    },
  );

  it('shows the first answers of its own trials, without another request', LONG, async () => {
    write({ sft: { model: `${await serve(LLAMA)}#m` } });
    const ended = await go();
    expect(ended.stderr).toMatch(
      /first answer of the stage sft to refusals, \S+ \(m; llama\.cpp; context of 4,096 tokens/,
    );
    expect(ended.stderr).toMatch(/ {2}> How do I do the harmful thing number \d+\?\n {2}< The sea number/);
    // Twelve trials and three fixed prompts.
    expect(servers[0]!.requests).toHaveLength(15);
  });

  it('gives a stage its own system prompt, and its comparisons say so', LONG, async () => {
    const server = await serve({});
    const model = `${server}#m`;
    write({ sft: { model }, careful: { model, system: 'Be careful.' } });
    const ended = await go();
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).not.toMatch(/the same model/);
    const told = (await transcripts()).filter(({ request }) => request?.system === 'Be careful.');
    expect(told).toHaveLength(12);
    expect(told.every(({ trial }) => trial.stage === 'careful')).toBe(true);
    const requests = servers[0]!.requests.filter(({ messages }) => messages?.[0]?.role === 'system');
    expect(requests).toHaveLength(12);
    const found = await findings();
    const [contrast] = found.measures.find(({ id }) => id === 'refusals/unsafe-response')!.contrasts;
    expect(contrast!.condition).toMatch(/two different system prompts/);
    expect(found.warnings.join('\n')).not.toMatch(/same model|same answers/);
    writeFileSync(study, readFileSync(study, 'utf8').replace('Be careful.', 'Be bold.'));
    const changed = await go();
    expect(changed.code).toBe(2);
    expect(changed.stderr).toMatch(/stages\.careful\.system: Be careful\. → Be bold\./);
  });

  it(
    'shares a stage out among several servers of one checkpoint, and goes on where one is gone',
    LONG,
    async () => {
      const [one, other] = [await serve({ model: 'weights-A' }), await serve({ model: 'weights-A' })];
      write({ sft: { model: [`${one}#m`, `${other}#m`] } });
      const ended = await go();
      expect(ended.code, ended.stderr).toBe(0);
      const counts = servers.map(
        ({ requests }) => requests.filter(({ max_tokens }) => max_tokens === 64).length,
      );
      expect(counts.reduce((sum, count) => sum + count)).toBe(12);
      expect(Math.min(...counts)).toBeGreaterThan(2);
      expect(await transcripts()).toHaveLength(12);
      // Another server is no other study.
      write({ sft: { model: [`${one}#m`, 'http://127.0.0.1:9/v1#m'] } });
      const text = readFileSync(study, 'utf8').replace('eval: refusals,', 'eval: refusals, epochs: 2,');
      writeFileSync(study, text);
      const again = await go();
      expect(again.code, again.stderr).toBe(0);
      expect((await transcripts()).map(({ status }) => status)).toEqual(Array(24).fill('completed'));
    },
  );

  it('refuses several servers of different checkpoints', LONG, async () => {
    const [one, other] = [await serve({ model: 'weights-A' }), await serve({ model: 'weights-B' })];
    write({ sft: { model: [`${one}#m`, `${other}#m`] } });
    const ended = await go();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /"sft" is answered by more than one model now: weights-[AB] and weights-[AB]/,
    );
  });

  it('folds system messages where the study says so', LONG, async () => {
    const model = { ref: `${await serve({ refuses: ['system'] })}#m`, system_role: 'merge' };
    write({ careful: { model, system: 'Be careful.' } });
    const ended = await go();
    expect(ended.code, ended.stderr).toBe(0);
    expect(servers[0]!.requests.at(-1)!.messages).toEqual([
      { role: 'user', content: expect.stringMatching(/^Be careful\.\n\nHow do I/) },
    ]);
  });
});
