import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeSlurm } from '../testing/slurm.ts';
import { ToyTraining } from '../testing/toy-training.ts';
import { weightsDigest } from '../weights/weights-digest.ts';
import { localLauncher } from './local.ts';
import { slurmLauncher } from './slurm.ts';
import { supervise } from './supervise.ts';

describeSlurm('a real Slurm of one node', (slurm) => {
  const toy = new ToyTraining();
  const launcher = (options = {}) => slurmLauncher(options, 200);
  const options = { restarts: 0, everyMs: 50, onWarning: () => {} };
  const idOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'slurm.json'), 'utf8')).job as string;
  const weights = (name: string) => weightsDigest(join(toy.checkpoints, name));

  test('trains a stage to the same weights as this machine does', async () => {
    for (const [name, by] of [
      ['here', localLauncher],
      ['there', launcher({ cpusPerTask: 1, setup: ['export FROM_SETUP=1'] })],
    ] as const) {
      const job = await toy.prepare(name);
      await job.collect((await supervise(job, by, options))!);
    }
    expect(await weights('there')).toBe(await weights('here'));
  });

  test('at its time limit the state is saved and the job goes back into the queue, as one attempt', async () => {
    const job = await toy.prepare('limited', { steps: 420 });
    const attempts = await supervise(job, launcher({ time: '1', signalSeconds: 55 }), options);
    expect(attempts).toMatchObject([{ lastStep: 420, outcome: 'finished' }]);
    expect(execFileSync('scontrol', ['show', 'job', idOf(job.folder)], { encoding: 'utf8' })).toMatch(
      /Restarts=[1-9]/,
    );
  });

  test('asked to save while it still starts, it goes back into the queue, as one attempt', async () => {
    const job = await toy.prepare('early', { steps: 20 });
    const starting = join(job.folder, 'starting');
    const running = supervise(job, launcher({ setup: [`touch '${starting}'`, 'sleep 2'] }), options);
    while (!existsSync(starting)) await delay(20);
    execFileSync('scancel', ['--batch', '--signal=USR1', idOf(job.folder)]);
    expect(await running).toMatchObject([{ lastStep: 20, outcome: 'finished' }]);
    expect(execFileSync('scontrol', ['show', 'job', idOf(job.folder)], { encoding: 'utf8' })).toMatch(
      /Restarts=1/,
    );
  });

  test('is found again after stemma’s own death, and while the controller is down it is asked again', async () => {
    const job = await toy.prepare('attached', { steps: 160 });
    await launcher().begin(job, 'by the first');
    // A controller that is killed before it has saved that the job runs would start it a second time.
    await delay(7000);
    slurm.killController();
    const up = delay(2500).then(() => slurm.controllerUp());
    const attempts = await supervise(job, launcher(), options);
    await up;
    expect(attempts).toMatchObject([{ at: 'by the first', lastStep: 160, outcome: 'finished' }]);
  });

  test('the daemon of its node is killed: the job goes on, and is one attempt', async () => {
    const job = await toy.prepare('without-daemon', { steps: 60 });
    let up: Promise<void> | undefined;
    const onProgress = ({ step }: { step: number }) => {
      if (step === 5 && up === undefined) {
        slurm.killNode();
        up = delay(2000).then(() => slurm.nodeUp());
      }
    };
    const attempts = await supervise(job, launcher(), { ...options, onProgress });
    await up;
    expect(attempts).toMatchObject([{ lastStep: 60, outcome: 'finished' }]);
  });

  test('its node goes down and comes back: Slurm starts it again where its state was saved', async () => {
    const job = await toy.prepare('power-cut', { steps: 40 });
    const steps: number[] = [];
    const onProgress = ({ step }: { step: number }) => {
      steps.push(step);
      if (steps.length !== 5) return;
      slurm.cutPower(idOf(job.folder));
      slurm.nodeUp();
    };
    const attempts = (await supervise(job, launcher(), { ...options, onProgress }))!;
    expect(attempts.at(-1)).toMatchObject({ lastStep: 40, outcome: 'finished' });
    expect(steps.at(-1)).toBe(40);
    // No step is done twice but the one under way.
    expect(steps.length).toBeLessThanOrEqual(42);
    await job.collect(attempts);
  });

  test('preempted by a job of another partition, it saves, waits, and goes on when that one has ended', async () => {
    const job = await toy.prepare('preempted', { steps: 40 });
    const steps: number[] = [];
    const onProgress = ({ step }: { step: number }) => {
      steps.push(step);
      if (steps.length === 5)
        execFileSync('sbatch', ['--partition=urgent', '--output=/dev/null', '--wrap=sleep 1']);
    };
    const attempts = await supervise(job, launcher(), { ...options, onProgress });
    expect(attempts).toMatchObject([{ lastStep: 40, outcome: 'finished' }]);
    expect(steps.length).toBeLessThanOrEqual(42);
    expect(execFileSync('scontrol', ['show', 'job', idOf(job.folder)], { encoding: 'utf8' })).toMatch(
      /Restarts=[1-9]/,
    );
  });

  test('suspended, that is told; resumed, it goes on', async () => {
    const job = await toy.prepare('suspended', { steps: 30 });
    const told: string[] = [];
    let isSuspended = false;
    const onProgress = ({ step }: { step: number }) => {
      if (step < 5 || isSuspended) return;
      isSuspended = true;
      execFileSync('scontrol', ['suspend', idOf(job.folder)]);
    };
    const onWarning = (warning: string) => {
      told.push(warning);
      execFileSync('scontrol', ['resume', idOf(job.folder)]);
    };
    const attempts = await supervise(job, launcher(), { ...options, onProgress, onWarning });
    expect(told.join()).toMatch(/suspended: job \d+ is suspended/);
    expect(attempts).toMatchObject([{ lastStep: 30, outcome: 'finished' }]);
  });

  test('stopped, it saves and leaves the queue; the next call goes on', async () => {
    const stopping = new AbortController();
    const job = await toy.prepare('stopped', { steps: 30 });
    const onProgress = ({ step }: { step: number }) => {
      if (step === 5) stopping.abort();
    };
    expect(await supervise(job, launcher(), { ...options, signal: stopping.signal, onProgress })).toBeNull();
    const steps: number[] = [];
    await supervise(job, launcher(), { ...options, onProgress: ({ step }) => void steps.push(step) });
    expect(steps[0]).toBeGreaterThan(5);
    expect(steps.at(-1)).toBe(30);
  });

  test('cancelled by a person, it is not started again', async () => {
    const job = await toy.prepare('cancelled', { steps: 200 });
    const onProgress = ({ step }: { step: number }) => {
      if (step === 3) execFileSync('scancel', ['--signal=KILL', '--full', idOf(job.folder)]);
      if (step === 3) execFileSync('scancel', [idOf(job.folder)]);
    };
    await expect(supervise(job, launcher(), { ...options, restarts: 5, onProgress })).rejects.toThrow(
      /cancelled/,
    );
  });

  test('what it cannot have is told at once', async () => {
    await expect(
      supervise(await toy.prepare('wrong'), launcher({ partition: 'none' }), options),
    ).rejects.toThrow(/Slurm did not take the training of wrong: .*invalid partition/i);
  });
});
