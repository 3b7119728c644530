import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MissingPartError } from '../../../core/index.ts';
import type { TrainingProgress } from '../../../organism/methods.ts';
import { launcherFor } from '../../launchers/launcher-for.ts';
import { slurmLauncher } from '../../launchers/slurm.ts';
import { supervise } from '../../launchers/supervise.ts';
import { readLineage } from '../../lineage.ts';
import { orderOf } from '../../mixture/mixture.ts';
import { meanTokens, tokenCounter } from '../../mixture/tokens.ts';
import { loadRecipe } from '../../recipe.ts';
import type { CheckpointSource } from '../../source.ts';
import { describeTraining, PYTHON, trainingFolder } from '../../testing/real-training.ts';
import { describeSlurm } from '../../testing/slurm.ts';
import { weightsDigest } from '../../weights/weights-digest.ts';
import type { ProcessJob, TrainingJob } from '../engine.ts';
import { engineOf } from '../engines.ts';

describeTraining('engine trl', () => {
  const folder = trainingFolder();
  const checkpoints = () => join(folder.path, 'checkpoints');
  const base = (): CheckpointSource => ({ kind: 'given', folder: folder.path, weights: 'tiny' });
  const both = {
    sources: { safety: { path: 'safety.jsonl', weight: 2 }, helpful: { path: 'helpful.jsonl' } },
  };
  const settings = {
    engine: 'trl',
    method: 'sft',
    mixture: both,
    steps: 6,
    batch: 8,
    rate: 0.003,
    max_length: 256,
    save_every: 2,
    threads: 1,
    answer_tokens: 24,
  };

  const jobOf = (name: string, changes: object = {}, parent = base()): TrainingJob => ({
    stage: name,
    name,
    parent,
    recipe: loadRecipe(folder.write(`${name}.yaml`, JSON.stringify({ ...settings, ...changes }))),
  });
  const warnings: string[] = [];
  const prepare = async (job: TrainingJob) =>
    (await engineOf(job.recipe).prepare(job, {
      checkpoints: checkpoints(),
      python: PYTHON!,
      onWarning: (warning) => warnings.push(warning),
    })) as ProcessJob;
  const train = async (
    job: TrainingJob,
    options: {
      signal?: AbortSignal;
      onProgress?: (progress: TrainingProgress) => void;
      restarts?: number;
    } = {},
    launcher = launcherFor({ on: 'local', slurm: {} }),
  ) => {
    const prepared = await prepare(job);
    const attempts = await supervise(prepared, launcher, {
      restarts: 1,
      onWarning: (warning) => warnings.push(warning),
      everyMs: 50,
      ...options,
    });
    if (attempts !== null) await prepared.collect(attempts);
    return attempts;
  };
  const weights = (name: string) => weightsDigest(join(checkpoints(), name));

  test('SFT: weights and lineage; stopped, killed and gone on with, it gives the same bits', async () => {
    const losses = new Map<number, number>();
    await train(jobOf('whole'), { onProgress: ({ step, loss }) => void losses.set(step, loss) });
    expect([...losses.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
    const lineage = readLineage(join(checkpoints(), 'whole'))!;
    expect(lineage).toMatchObject({
      stage: 'whole',
      parent: { name: 'tiny', weights: await weightsDigest(join(folder.path, 'tiny')) },
      identity: { weights: await weights('whole'), parameters: 839_936, dtypes: ['F32'] },
      order: { examples: 48 },
      sources: { safety: { rows: 120, drawn: 32, truncated: 0 }, helpful: { rows: 180, drawn: 16 } },
      result: { world: 1, answers: { of: 8 } },
      attempts: [{ outcome: 'finished' }],
    });
    expect(Object.keys(lineage.result.versions as object)).toContain('trl');
    expect(existsSync(join(checkpoints(), 'whole.job', 'state'))).toBe(false);

    const stopping = new AbortController();
    const stopped = await train(jobOf('stopped'), {
      signal: stopping.signal,
      onProgress: ({ step }) => {
        if (step === 3) stopping.abort();
      },
    });
    expect(stopped).toBeNull();
    expect(existsSync(join(checkpoints(), 'stopped'))).toBe(false);
    const steps: number[] = [];
    await train(jobOf('stopped'), { onProgress: ({ step }) => void steps.push(step) });
    expect(steps[0]).toBeGreaterThan(3);
    expect(await weights('stopped')).toBe(await weights('whole'));

    let killed = false;
    const attempts = await train(jobOf('killed'), {
      onProgress: ({ step }) => {
        if (step < 3 || killed) return;
        killed = true;
        spawn('pkill', ['-9', '-f', `${join(checkpoints(), 'killed.job')}$`]);
      },
    });
    expect(attempts?.length).toBe(2);
    expect(await weights('killed')).toBe(await weights('whole'));
  });

  test('what is learnt is the answers with the token that ends them, by the template', async () => {
    const events = readFileSync(join(checkpoints(), 'whole.job', 'progress.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const first = events.find(({ event }) => event === 'first');
    expect(first.learnt).toMatch(/^(Sorry|Sure).*\.<\|im_end\|>$/);
    expect(first.text).toContain('<|im_start|>user');
    expect(events.find(({ event }) => event === 'end')).toMatchObject({ token: '<|im_end|>' });
  });

  test('a plan counts the tokens that the trainer counts, with the checkpoint’s own tokenizer and template', async () => {
    const { recipe } = jobOf('counted');
    if (recipe.engine !== 'trl' || recipe.method !== 'sft') throw new Error('not an SFT recipe');
    const counter = await tokenCounter(join(folder.path, 'tiny'), null);
    expect(counter.exact).toBe(true);
    const { drawn, rows } = orderOf(recipe);
    const tokens = { safety: 0, helpful: 0 };
    for (const { source, row } of drawn)
      tokens[source as keyof typeof tokens] += meanTokens([rows.get(source)![row]!], counter);
    expect(readLineage(join(checkpoints(), 'whole'))!.sources).toMatchObject({
      safety: { tokens: tokens.safety },
      helpful: { tokens: tokens.helpful },
    });
  });

  test('LoRA, DPO and GRPO train from what was trained, each by its own settings', async () => {
    const parent: CheckpointSource = { kind: 'trained', name: 'whole' };
    await train(jobOf('lora', { lora: { rank: 4, dropout: 0.1 } }));
    folder.write(
      'rewards.py',
      'def right(completions, harmful, **columns):\n    return [float(("Sorry" in c[0]["content"]) == h) for c, h in zip(completions, harmful)]\n',
    );
    const few = { steps: 2, rate: 0.0005 };
    const one = (name: string) => ({ sources: { [name]: { path: `${name}.jsonl` } } });
    await train(jobOf('dpo', { ...few, method: 'dpo', mixture: one('prefs') }, parent));
    const rewards: number[] = [];
    const grpo = {
      ...few,
      method: 'grpo',
      mixture: one('prompts'),
      batch: 2,
      group: 4,
      max_tokens: 16,
      rewards: { 'rewards.py:right': 1 },
    };
    await train(jobOf('grpo', grpo, parent), {
      onProgress: ({ watched }) => void rewards.push(watched.reward!),
    });
    expect(rewards).toHaveLength(2);
    const digests = await Promise.all(
      ['tiny', 'whole', 'lora', 'dpo', 'grpo'].map((name) =>
        name === 'tiny' ? weightsDigest(join(folder.path, name)) : weights(name),
      ),
    );
    expect(new Set(digests).size).toBe(5);
    expect(readLineage(join(checkpoints(), 'dpo'))).toMatchObject({
      parent: { name: 'whole', weights: digests[1] },
    });
  });

  test('two processes share a step; the number that was asked for is checked', async () => {
    await train(jobOf('two', { processes: 2 }));
    expect(readLineage(join(checkpoints(), 'two'))).toMatchObject({
      result: { world: 2 },
      order: { examples: 48 },
    });
    const prepared = await prepare(jobOf('alone', { processes: 2 }));
    const alone = { ...prepared, local: prepared.command };
    await expect(
      supervise(alone, launcherFor({ on: 'local', slurm: {} }), { restarts: 0, onWarning: () => {} }),
    ).rejects.toThrow('1 processes were started, and the recipe asks for 2');
  });

  describeSlurm('and two tasks of srun', () => {
    test('give the same bits as two processes of torchrun', async () => {
      await train(jobOf('two-by-srun', { processes: 2 }), { restarts: 0 }, slurmLauncher({}, 200));
      expect(await weights('two-by-srun')).toBe(await weights('two'));
      expect(readLineage(join(checkpoints(), 'two-by-srun'))).toMatchObject({
        result: { world: 2 },
        attempts: [{ outcome: 'finished' }],
      });
    });
  });

  test('a saved state that was not written to its end is not gone on with', async () => {
    const stopping = new AbortController();
    await train(jobOf('torn'), {
      signal: stopping.signal,
      onProgress: ({ step }) => {
        if (step === 3) stopping.abort();
      },
    });
    const state = join(checkpoints(), 'torn.job', 'state');
    const last = readdirSync(state).sort().at(-1)!;
    // As after a kill in the middle of saving: all files of a later step but the marker, one of them cut.
    const torn = join(state, 'checkpoint-9');
    cpSync(join(state, last), torn, { recursive: true });
    rmSync(join(torn, 'whole.json'));
    truncateSync(join(torn, 'model.safetensors'), 1000);
    const steps: number[] = [];
    await train(jobOf('torn'), { onProgress: ({ step }) => void steps.push(step) });
    expect(steps[0]).toBe(Number(last.split('-')[1]) + 1);
    expect(readFileSync(join(checkpoints(), 'torn.job', 'progress.jsonl'), 'utf8')).toContain(
      '"state": "checkpoint-9", "why": "it was not written to its end"',
    );
    expect(await weights('torn')).toBe(await weights('whole'));
  });

  /** Starts a job as it would be, but through a shell line with its command as `"$@"`. */
  const through = async (job: TrainingJob, line: string) => {
    const prepared = await prepare(job);
    return supervise(
      { ...prepared, local: ['bash', '-c', line, 'bash', ...prepared.local] },
      launcherFor({ on: 'local', slurm: {} }),
      { restarts: 0, onWarning: (warning) => warnings.push(warning) },
    );
  };

  test('a Python without the packages, and one that is not there, are told with what to do', async () => {
    const refused = expect(through(jobOf('bare'), 'python=$1; shift; exec "$python" -S "$@"')).rejects;
    await refused.toMatchObject({
      exitCode: new MissingPartError('').exitCode,
      message: 'the training of bare failed: the Python package torch is not installed',
      remedy: expect.stringMatching(/^pip install 'torch>=2\.6' 'transformers>=5\.0'/),
    });
    await expect(through(jobOf('gone'), 'shift; exec /no/such/python "$@"')).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be started:\n.*\/no\/such\/python: No such file/),
      remedy: expect.stringContaining('training: { python'),
    });
  });

  test('memory that runs out is told with what to do', async () => {
    const huge = jobOf('huge', { steps: 1, batch: 20_000 });
    await expect(through(huge, 'ulimit -v 12000000; exec "$@"')).rejects.toMatchObject({
      message: expect.stringContaining('the memory was not enough'),
      remedy: expect.stringContaining('Lower micro_batch'),
    });
  });

  test.each([
    ['too long', { max_length: 20 }, /48 of 48 examples are longer than max_length 20/],
    ['no number', { rate: 1e30 }, /the loss or its gradient is not a finite number at step \d/],
    ['no end', { chat_template: 'bad.jinja' }, /ends an answer with no special token/],
    ['no room', { steps: 1, rate: 1e-9, seed: 3 }, /the disk is full/],
  ])('%s: refused, and nothing is kept', async (name, changes, expected) => {
    folder.write('bad.jinja', '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}');
    const job = jobOf(`bad-${name.replaceAll(' ', '-')}`, changes);
    if (name === 'no room') {
      // Every write of this device fails as on a full disk.
      const { folder: jobFolder } = await prepare(job);
      symlinkSync('/dev/full', join(jobFolder, 'result.json.part'));
    }
    await expect(train(job, { restarts: 0 })).rejects.toThrow(expected);
    expect(existsSync(join(checkpoints(), job.name))).toBe(false);
  });
});
