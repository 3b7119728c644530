import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Findings } from '../src/findings/index.ts';
import { noRealModels, type RealServer, startRealServer } from './real-servers.ts';
import { linesOf } from './refusals-study.ts';
import { type Ended, stemma } from './stemma-process.ts';

/*
 * stemma on two real models behind a real server: a pretrained Gemma 3 270M over text completions, and SmolLM2 135M, a chat model. What
 * they do badly is what small local models do: answers are cut, tools are dropped, a server answers for any
 * name. Each must be told. What they answer is not tested: it depends on the machine.
 */
const why = noRealModels === null ? '' : ` (skipped: ${noRealModels})`;

describe.skipIf(noRealModels !== null)(`real models${why}`, { timeout: 400_000 }, () => {
  let folder: string;
  let base: RealServer;
  let chat: RealServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stemma-real-'));
    [base, chat] = await Promise.all([startRealServer('gemma3-base'), startRealServer('smollm2')]);
  }, 150_000);
  afterAll(async () => {
    await base?.[Symbol.asyncDispose]();
    await chat?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function study(name: string, stages: string, rest: string, maxTokens = 32): Promise<string> {
    const file = join(folder, `${name}.yaml`);
    await writeFile(
      file,
      `name: ${name}\nstages:\n${stages}\n${rest}
sampling: { temperature: 1, max_tokens: ${maxTokens}, seed: 1 }
analysis: { bootstrap: 0 }
endpoints:
  "${base.url}": { concurrency: 2, timeout: 120s }
  "${chat.url}": { concurrency: 2, timeout: 120s }
`,
    );
    return file;
  }

  async function ran(...args: readonly string[]): Promise<Ended> {
    const ended = await stemma(...args).ended;
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    return ended;
  }

  /** Runs a study. @returns what was said to the person who watches */
  async function run(file: string, name: string): Promise<string> {
    return (await ran('run', file, '--out', join(folder, name))).stderr;
  }

  async function findingsOf(name: string): Promise<Findings> {
    return JSON.parse((await ran('findings', join(folder, name), '--json')).stdout);
  }

  const stage = {
    base: () =>
      `  - { id: base, title: Base, kind: pretrain, from: null, model: "completions+${base.url}#gemma3-base" }`,
    chat: (from: string) =>
      `  - { id: chat, title: Chat, kind: sft, from: ${from}, model: "${chat.url}#smollm2" }`,
    twin: () => `  - { id: twin, title: Twin, kind: rl, from: chat, model: "${chat.url}#another-name" }`,
  };

  test('check tells a pretrained stage over chat, dropped tools, and cut answers', async () => {
    const overChat = stage.base().replace('completions+', '');
    const file = await study(
      'checked',
      [overChat, stage.chat('base')].join('\n'),
      `evals: [{ eval: refusals, options: { limit: 2 } }]
raters: [{ id: string-match, kind: rule, rule: string-match }]`,
      8,
    );
    const { stdout } = await ran('check', file, '--out', join(folder, 'checked'));
    const said = stdout.replaceAll(/\s+/g, ' ');
    expect(said).toContain('base is a pretrained stage and is asked over a chat protocol');
    expect(said).toMatch(/stage chat .*tools: dropped/);
    expect(said).toMatch(/the answer of \w+ to refusals is [^.]*cut at the token limit/);
    expect(said).toMatch(/stage chat .*server llama\.cpp .*sampler sent with each request: top_k 0, min_p 0/);
  });

  test('run, findings and report of refusals and dilemmas, with the base over completions', async () => {
    const chain = (raters = '') =>
      study(
        'chain',
        [stage.base(), stage.chat('base'), stage.twin()].join('\n'),
        `evals:
  - { eval: refusals, options: { limit: 6, prompts: harmful } }
  - { eval: dilemmas, options: { limit: 2 } }
raters:
  - { id: string-match, kind: rule, rule: string-match }
  - { id: awareness-phrases, kind: rule, rule: awareness-phrases }${raters}`,
      );
    const file = await chain();
    const said = await run(file, 'chain');
    expect(said).toMatch(/doubtful answers, refusals · \w+: \d+ cut at the token limit/);
    const { trials, signs, warnings, measures } = await findingsOf('chain');
    expect(trials).toMatchObject({ planned: 24, errors: 0 });
    expect(trials.completed + trials.limit + (trials.empty ?? 0)).toBe(24);

    const cut = signs.find(({ eval: name, sign }) => name === 'refusals' && sign === 'cut')!;
    expect(cut.stages.map(({ id, trials: of }) => [id, of])).toEqual([
      ['base', 6],
      ['chat', 6],
      ['twin', 6],
    ]);
    expect(cut.stages.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0);
    expect(warnings).toContainEqual(
      expect.stringMatching(/Chat and Twin were answered by the same model, by its server's word: smollm2/),
    );
    expect(warnings).toContainEqual(
      expect.stringMatching(/^In .*refusals.* only rules rated the answers, also those of Base/),
    );
    // With 32 tokens most answers are cut, so they are not answers: no stage may look safe or unsafe without that line.
    const answered = measures.filter(({ id }) => id === 'refusals/answered');
    expect(answered).toHaveLength(1);
    expect(answered[0]!.stages.every(({ estimate }) => estimate !== null)).toBe(true);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^In refusals the answers that are coherent, on the subject and not cut are /),
    );

    await ran('report', join(folder, 'chain'));
    const page = await readFile(join(folder, 'chain/report/report.md'), 'utf8');
    expect(page).toContain('cut at the token limit');
    expect(page).toContain('were answered by the same model');

    // A judge that did not read: the same words and the same label for every answer to refusals, whatever was said.
    await writeFile(
      join(folder, 'judge.mjs'),
      `export const judge = () => '{"explanation": "It is as the rubric says.", "label": "full_compliance"}';\n`,
    );
    await run(
      await chain('\n  - { id: nodding, kind: autorater, model: "scripted:judge.mjs#judge" }'),
      'chain',
    );
    expect((await findingsOf('chain')).warnings).toContainEqual(
      expect.stringMatching(
        /^The judge "nodding" rated all transcripts alike on .*, with explanations that repeat/,
      ),
    );
  });

  test('an agent whose server drops its tools never looks safe without a line', async () => {
    const file = await study(
      'agents',
      stage.chat('null'),
      `evals: [{ eval: odcv, options: { scenarios: [cold-chain], variants: [mandated], steps: 2, protocol: native } }]
raters: [{ id: world, kind: rule, rule: world-state }]`,
    );
    const said = await run(file, 'agents');
    expect(said).toMatch(/doubtful answers, odcv · chat: .*1 without a tool call/);
    const { warnings, measures } = await findingsOf('agents');
    const misaligned = measures.find(({ id }) => id === 'odcv/misalignment')!;
    expect(misaligned.stages[0]!.estimate).toBe(0);
    expect(measures.find(({ id }) => id === 'odcv/acted')!.stages[0]!.estimate).toBe(0);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^In odcv the agent never called a tool in 100% at Chat/),
    );
  });

  test('multiple choice: every question has probabilities, whether or not the answers name a choice', async () => {
    await writeFile(
      join(folder, 'chatml.yaml'),
      `system: "<|im_start|>system\\n{content}<|im_end|>\\n"
user: "<|im_start|>user\\n{content}<|im_end|>\\n"
assistant: "<|im_start|>assistant\\n{content}<|im_end|>\\n"
generate: "<|im_start|>assistant\\n"
stop: ["<|im_end|>"]
`,
    );
    const chatml = `  - { id: chat, kind: sft, from: base, model: "completions+${chat.url}#smollm2", template: chatml.yaml }`;
    const file = await study(
      'choices',
      [stage.base(), chatml].join('\n'),
      `evals:
  - { id: probabilities, eval: choice, options: { by: probability, limit: 4 } }
  - { id: letters, eval: choice, options: { limit: 4 } }
raters: [{ id: choice, kind: rule, rule: choice }]`,
      8,
    );
    await run(file, 'choices');
    const { transcripts } = await linesOf(join(folder, 'choices'));
    const scored = transcripts.filter(({ likelihoods }) => likelihoods !== undefined);
    expect(scored).toHaveLength(8);
    for (const { likelihoods, raw, served } of scored) {
      expect(raw[0]).toMatchObject({ way: 'prefix' });
      expect(served![0]!.sampler).toBeUndefined();
      const all = likelihoods!.map(({ logProbability }) => Math.exp(logProbability));
      for (const one of all) expect(one).toBeGreaterThan(0);
      expect(all.reduce((sum, one) => sum + one, 0)).toBeLessThan(1);
    }
    // Asked otherwise, the server says the same of the first token.
    const { input, raw } = scored.find(({ trial }) => trial.stage === 'base')!;
    const asked = await fetch(base.url.replace(/\/v1$/, '/completion'), {
      method: 'POST',
      body: JSON.stringify({
        prompt: `User: ${input[0]!.content}\n\nAssistant:`,
        n_predict: 1,
        n_probs: 2000,
        temperature: 0,
      }),
    });
    const { completion_probabilities: next } = (await asked.json()) as {
      completion_probabilities: { top_logprobs: { token: string; logprob: number }[] }[];
    };
    const [first] = (raw[0] as { texts: { tokens: { token: string; logProbability: number }[] }[] }).texts[0]!
      .tokens;
    const same = next[0]!.top_logprobs.find(({ token }) => token === first!.token)!;
    expect(same.logprob).toBeCloseTo(first!.logProbability, 1);

    const { measures } = await findingsOf('choices');
    const estimates = (id: string) =>
      measures.find((measure) => measure.id === id)!.stages.map(({ estimate }) => estimate);
    for (const id of ['choice/unwanted-probability', 'choice/mass', 'choice/readable'])
      for (const estimate of estimates(id)) {
        expect(estimate, id).toBeGreaterThanOrEqual(0);
        expect(estimate, id).toBeLessThanOrEqual(1);
      }
  });
});
