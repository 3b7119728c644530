import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLineage } from '../src/checkpoints/index.ts';
import { ToyTraining } from '../src/checkpoints/testing/toy-training.ts';
import { undocumented } from './json-lines-documented.ts';
import { type ServedServer, startServedServer } from './served-server.ts';
import { stemma } from './stemma-process.ts';

const TRAINER = fileURLToPath(new URL('../src/checkpoints/testing/trainer.mjs', import.meta.url));
const PROMPTS = 40;

describe('a teacher that is a stage of the study', { timeout: 240_000 }, () => {
  const toy = new ToyTraining();
  let server: ServedServer;
  const write = (name: string, text: string) => {
    writeFileSync(join(toy.folder, name), text);
    return join(toy.folder, name);
  };
  const answers = () => join(toy.folder, 'runs', 'checkpoints', 'answers');
  const linesIn = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const study = (arms: string, name = 'study') =>
    write(
      `${name}.yaml`,
      `name: pupils
stages:
  - { id: base, kind: pretrain, weights: weights }
  - { id: strict, kind: sft, from: base, model: "${server.baseUrl}#strict" }
${arms}evals: [{ eval: micro-refusals, options: { per_cluster: 1 } }]
raters: [{ id: world, kind: rule, rule: world }]
endpoints: { "${server.baseUrl}": { concurrency: 2, retries: 0 } }
`,
    );
  const train = (file: string) => stemma('train', file, '--out', join(toy.folder, 'runs', 'mine'));
  const orderOf = (stage: string) => {
    const jobs = readdirSync(join(answers(), '..'));
    return linesIn(
      join(
        answers(),
        '..',
        jobs.find((name) => name.startsWith(`${stage}-`) && name.endsWith('.job'))!,
        'order.jsonl',
      ),
    );
  };
  const last = ({ messages }: { messages: { content: string }[] }) => messages.at(-1)!.content;

  beforeAll(async () => {
    server = await startServedServer();
    server.serving.answer = (prompt) => `Never: ${prompt}`;
    write(
      'safety.jsonl',
      Array.from({ length: PROMPTS }, (_, n) =>
        JSON.stringify({ prompt: `Question ${n}?`, response: `Well, ${n}.`, cluster: `c${n % 4}` }),
      ).join('\n'),
    );
    write(
      'sft.yaml',
      JSON.stringify({
        engine: 'command',
        method: 'sft',
        command: [
          process.execPath,
          TRAINER,
          '{parent}',
          '{out}',
          '{job}/state/toy.json',
          '{steps}',
          '{order}',
        ],
        steps: 5,
        batch: 8,
        mixture: {
          sources: {
            safety: {
              path: 'safety.jsonl',
              teacher: 'mild',
              teachers: { mild: 'safety.jsonl', strict: { stage: 'strict', system: 'Be strict.' } },
            },
          },
        },
      }),
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const pupil =
    '  - { id: pupil, kind: sft, from: base, recipe: sft.yaml, change: { safety: { teacher: strict } } }\n';
  const some =
    '  - { id: some, kind: sft, from: base, recipe: sft.yaml, change: { safety: { swap: { teacher: strict, share: 0.1 } } } }\n';

  it('is asked before its pupil is trained; killed in the middle, the next command goes on', async () => {
    const file = study(pupil);
    const first = train(file);
    server.serving.answer = (prompt) => {
      if (server.requests.length === 10) first.child.kill('SIGKILL');
      return `Never: ${prompt}`;
    };
    expect((await first.ended).signal).toBe('SIGKILL');
    const asked = server.requests.length;
    expect(asked).toBeLessThan(PROMPTS);
    const second = await train(file).ended;
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).toContain(
      `asking strict, the teacher of pupil (1 of 1): ${PROMPTS} of ${PROMPTS} answers`,
    );
    // What was under way when it was killed is asked again, and nothing else.
    expect(server.requests.length).toBeLessThanOrEqual(PROMPTS + 3);
    expect(server.requests[0]!.messages[0]!.content).toBe('Be strict.');
    const order = orderOf('pupil');
    expect(order).toHaveLength(PROMPTS);
    for (const row of order) expect(last(row)).toBe(`Never: ${row.messages[0].content}`);
    expect(order[0]).toMatchObject({ cluster: expect.stringMatching(/^c\d$/), source: 'safety' });
  });

  it('is not asked a second time by another stage that learns from an exact share of its answers', async () => {
    const before = server.requests.length;
    const ended = await train(study(pupil + some)).ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(server.requests).toHaveLength(before);
    const kinds = orderOf('some').map((row) => last(row).startsWith('Never'));
    expect(kinds.filter(Boolean)).toHaveLength(PROMPTS / 10);
    const name = readdirSync(join(answers(), '..')).find((each) => /^some-[0-9a-f]+$/.test(each))!;
    expect(readLineage(join(answers(), '..', name))!.recipe).toMatchObject({
      mixture: {
        safety: { swap: { teacher: 'strict', share: 0.1, path: expect.stringContaining('answers') } },
      },
    });
  });

  it('that is another checkpoint makes another pupil', async () => {
    const other = write('other.yaml', readFileSync(study(pupil), 'utf8').replace('#strict', '#stricter'));
    const before = server.requests.length;
    expect((await train(other).ended).code).toBe(0);
    expect(server.requests).toHaveLength(before + PROMPTS);
    const names = readdirSync(join(answers(), '..'));
    expect(names.filter((name) => /^pupil-[0-9a-f]+$/.test(name))).toHaveLength(2);
  });

  it('that is no stage above is told, with those that are', async () => {
    const right = readFileSync(join(toy.folder, 'sft.yaml'), 'utf8');
    write('wrong.yaml', right.replace('"stage":"strict"', '"stage":"strct"'));
    const ended = await train(study(pupil.replace('sft.yaml', 'wrong.yaml'), 'wrong-study')).ended;
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('the teacher of the source "safety" is the stage "strct"');
    expect(ended.stderr).toContain('Did you mean "strict"?');
  });

  describe('costs', () => {
    const prompts = 20;
    let recipe: string;
    /** Each answer takes 20 tokens. */
    const paid = (budget: string) =>
      write(
        'paid-study.yaml',
        `${readFileSync(study(pupil.replace('sft.yaml', recipe), 'unpaid'), 'utf8')}budget: ${budget}\n`,
      );
    const out = () => join(toy.folder, 'runs', 'paid');
    const planned = async (file: string) => {
      const { stdout, stderr } = await stemma('plan', file, '--out', out(), '--json').ended;
      expect(stderr).not.toContain('error');
      return JSON.parse(stdout);
    };

    beforeAll(() => {
      server.serving.answer = () => 'No.';
      write(
        'paid.jsonl',
        Array.from({ length: prompts }, (_, n) =>
          JSON.stringify({ prompt: `What of ${n}?`, response: 'Well.' }),
        ).join('\n'),
      );
      recipe = 'paid.yaml';
      write(
        recipe,
        readFileSync(join(toy.folder, 'sft.yaml'), 'utf8')
          .replaceAll('safety.jsonl', 'paid.jsonl')
          .replace('"system":', '"max_tokens":10,"system":'),
      );
    });

    it('are in the plan, until it has answered', async () => {
      const file = paid('{}');
      const { teachers, calls, trials, endpoints } = await planned(file);
      // "Be strict." and "What of 7?" are 3 tokens each, and 4 around each message.
      const tokens = { input: expect.closeTo(prompts * 14, -1), output: prompts * 10 };
      expect(teachers).toEqual([
        {
          ...{ stage: 'strict', source: 'safety', pupils: ['pupil'], prompts, answered: 0 },
          ...{ tokens: { atMost: tokens, usual: tokens }, usd: { atMost: 0, usual: 0 } },
        },
      ]);
      expect(calls).toBe(trials + prompts);
      expect(endpoints[0].parts[0]).toEqual({ id: 'strict', role: 'teacher', calls: prompts });
      const { stdout } = await stemma('plan', file, '--out', out()).ended;
      expect(stdout).toMatch(/strict +as the teacher of pupil: 20 prompts of safety, about/);
    });

    it('end with the budget as trials do, and go on with a larger one', async () => {
      const before = server.requests.length;
      const command = (file: string) => stemma('train', file, '--out', out()).ended;
      const stopped = await command(paid('{ tokens: 200 }'));
      expect(stopped.stderr).toContain(
        'the budget of tokens is used up, or does not cover another prompt, while strict was asked as the teacher of pupil: 10 of 20 prompts are answered',
      );
      expect(stopped.code).toBe(0);
      expect(server.requests).toHaveLength(before + 10);
      expect((await planned(paid('{}'))).teachers).toMatchObject([{ prompts, answered: 10 }]);
      // What earlier sessions of the run have spent counts; for another run it is free.
      expect((await command(paid('{ tokens: 219 }'))).stderr).toContain('10 of 20 prompts are answered');
      expect(server.requests).toHaveLength(before + 10);
      const other = join(toy.folder, 'runs', 'other');
      const ended = await stemma('train', paid('{ tokens: 200 }'), '--out', other).ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(server.requests).toHaveLength(before + prompts);
      expect((await planned(paid('{}'))).teachers).toEqual([]);
    });

    it('are told as JSON lines, each answer', async () => {
      const told = readFileSync(join(toy.folder, 'paid.jsonl'), 'utf8').replaceAll('What of', 'And what of');
      write('paid.jsonl', told);
      const ran = await stemma('run', paid('{}'), '--out', out(), '--json').ended;
      const lines = ran.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
      const asking = lines.filter(({ event }) => event === 'asking');
      expect(asking, ran.stderr).toHaveLength(prompts);
      expect(asking.at(-1)).toEqual({
        ...{ event: 'asking', id: 'pupil', number: 1, of: 1, teacher: 'strict' },
        ...{ answered: prompts, prompts, tokens: { input: 10 * prompts, output: 10 * prompts }, usd: 0 },
      });
      expect(lines.some(({ event }) => event === 'training')).toBe(true);
      for (const line of lines) expect(undocumented('run', line)).toEqual([]);
    });
  });

  it('that leaves prompts without an answer ends the training, and keeps the answers that came', async () => {
    server.serving.rejects = ({ messages }) =>
      messages.at(-1)!.content === 'Question 7?' ? 'no' : undefined;
    write(
      'more.jsonl',
      `${readFileSync(join(toy.folder, 'safety.jsonl'), 'utf8')}\n{"prompt":"One more?","response":"No."}`,
    );
    write(
      'failing.yaml',
      readFileSync(join(toy.folder, 'sft.yaml'), 'utf8').replaceAll('safety.jsonl', 'more.jsonl'),
    );
    const file = study(pupil.replace('sft.yaml', 'failing.yaml').replace('pupil', 'late'), 'failing-study');
    const ended = await train(file).ended;
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(
      /1 prompt of the source "safety" got no answer of its teacher, the stage "strict"/,
    );
    server.serving.rejects = () => undefined;
    const before = server.requests.length;
    expect((await train(file).ended).code).toBe(0);
    expect(server.requests.length).toBe(before + 1);
  });
});
