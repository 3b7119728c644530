import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLineage } from '../lineage.ts';
import { ToyTraining } from '../testing/toy-training.ts';
import { weightsDigest } from '../weights/weights-digest.ts';
import { localLauncher } from './local.ts';
import { supervise } from './supervise.ts';

describe('a command as trainer, on this machine', { timeout: 60_000 }, () => {
  const toy = new ToyTraining();
  const warnings: string[] = [];
  const options = { restarts: 1, everyMs: 20, onWarning: (warning: string) => void warnings.push(warning) };
  const weights = (name: string) => weightsDigest(join(toy.checkpoints, name));

  test('is run in the folder of its recipe, and what it wrote is kept with where it came from', async () => {
    const job = await toy.prepare('whole');
    const attempts = await supervise(job, localLauncher, options);
    await job.collect(attempts!);
    expect(readLineage(join(toy.checkpoints, 'whole'))).toMatchObject({
      name: 'whole',
      parent: { name: 'weights', weights: await weightsDigest(join(toy.folder, 'weights')) },
      identity: { weights: await weights('whole'), parameters: 1 },
      order: null,
      attempts: [{ lastStep: 8, outcome: 'finished' }],
    });
  });

  test('killed, it is started again and goes on where its state was saved', async () => {
    const job = await toy.prepare('killed', { environment: { TRAINER_DIES: '3' } });
    const attempts = await supervise(job, localLauncher, options);
    await job.collect(attempts!);
    expect(attempts).toMatchObject([
      { lastStep: 3, outcome: expect.stringContaining('signal 9') },
      { lastStep: 8 },
    ]);
    expect(await weights('killed')).toBe(await weights('whole'));
    expect(warnings.join()).toContain('it is started again where its state was saved');
  });

  test('stopped, it saves its state; the next call goes on', async () => {
    const job = await toy.prepare('stopped');
    const stopping = new AbortController();
    const onProgress = ({ step }: { step: number }) => {
      if (step === 3) stopping.abort();
    };
    expect(
      await supervise(job, localLauncher, { ...options, signal: stopping.signal, onProgress }),
    ).toBeNull();
    const steps: number[] = [];
    const attempts = await supervise(await toy.prepare('stopped'), localLauncher, {
      ...options,
      onProgress: ({ step }) => void steps.push(step),
    });
    await job.collect(attempts!);
    expect(steps[0]).toBeGreaterThan(3);
    expect(await weights('stopped')).toBe(await weights('whole'));
  });

  test('begun by a stemma that died, it is found again and not started a second time', async () => {
    const job = await toy.prepare('attached');
    const begun = await localLauncher.begin(job, 'by the first');
    const attempts = await supervise(await toy.prepare('attached'), localLauncher, options);
    expect(attempts).toMatchObject([{ at: 'by the first', outcome: 'finished' }]);
    await expect.poll(async () => (await begun.liveness()).state, { timeout: 5000 }).toBe('gone');
  });

  test('has one owner', async () => {
    const job = await toy.prepare('owned', { steps: 200 });
    const first = await localLauncher.begin(job, 'first');
    // Under load the second could be quicker.
    await expect
      .poll(() => existsSync(join(job.folder, 'state', 'toy.json')), { timeout: 10_000 })
      .toBe(true);
    const blind = { ...localLauncher, attach: async () => null };
    await expect(supervise(job, blind, options)).rejects.toThrow(
      'is being trained by another process already',
    );
    await first.stop();
  });

  test.each([
    [
      'fails',
      ['sh', '-c', 'echo boom >&2; exit 3 # {out}'],
      /ended with exit code 3, and saved nothing new:\nboom/,
    ],
    ['missing', ['no-such-trainer', '{out}'], /cannot be started:\n.*no-such-trainer.*not found/],
    [
      'says why',
      ['sh', '-c', `echo '{"event":"problem","problem":"no luck","code":65}'; exit 65 # {out}`],
      /failed: no luck/,
    ],
  ])('that %s is told, after its restarts', async (name, command, expected) => {
    await expect(
      supervise(await toy.prepare(name.replace(' ', '-'), { command }), localLauncher, options),
    ).rejects.toThrow(expected);
  });

  test('that writes no safetensors, or pickles, is not kept', async () => {
    const none = await toy.prepare('none', { command: ['true', '{out}'] });
    await supervise(none, localLauncher, options);
    await expect(none.collect([])).rejects.toThrow('wrote no .safetensors');
    const pickles = await toy.prepare('pickles');
    await supervise(pickles, localLauncher, options);
    writeFileSync(join(pickles.folder, 'out', 'model.bin'), '');
    await expect(pickles.collect([])).rejects.toThrow('a pickle can run code');
    expect(existsSync(join(toy.checkpoints, 'pickles'))).toBe(false);
  });
});
