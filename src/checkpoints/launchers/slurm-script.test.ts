import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProcessJob } from '../engines/engine.ts';
import { RUN_JOB } from './local.ts';
import { batchScript } from './slurm-script.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-slurm-script-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the batch script of a training that saves and stops at once, where Slurm's programs are these shell scripts. */
function runBatch(programs: Readonly<Record<string, string>>) {
  const job = join(folder, 'job');
  const bin = join(folder, 'bin');
  mkdirSync(job);
  mkdirSync(bin);
  copyFileSync(RUN_JOB, join(job, 'run-job.sh'));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const asked: Pick<ProcessJob, 'folder' | 'command' | 'processes' | 'environment'> = {
    folder: job,
    command: ['bash', '-c', 'exit 75'],
    processes: 1,
    environment: {},
  };
  writeFileSync(join(folder, 'batch.sh'), batchScript(asked as ProcessJob, 'first', {}));
  const { status } = spawnSync('bash', [join(folder, 'batch.sh')], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, SLURM_JOB_ID: '7' },
    stdio: 'ignore',
    timeout: 25_000,
  });
  return { status, saysThatItEnded: existsSync(join(job, 'exit.json')) };
}

const RUNNING = 'echo RUNNING';
/** Nothing is left running for minutes after a test. */
const SHORT_SLEEP = 'n=$1; [ "$n" = 300 ] && n=3; exec /bin/sleep $n';

test('a job that goes back into the queue does not say that it ended, in whatever order Slurm ends its processes', () => {
  const requeue = '(sleep 0.3; pkill -P $PPID sleep; sleep 0.5; kill -TERM $PPID) >/dev/null 2>&1 &';
  expect(runBatch({ squeue: RUNNING, scontrol: requeue, sleep: SHORT_SLEEP })).toEqual({
    status: 75,
    saysThatItEnded: false,
  });
});

test('a controller that does not answer at first is asked again', () => {
  const once = (answer: string) =>
    `[ -e ${folder}/$(basename "$0") ] || { touch ${folder}/$(basename "$0"); echo 'Unable to contact slurm controller' >&2; exit 1; }\n${answer}`;
  const requeue = '(sleep 0.3; kill -TERM $PPID) >/dev/null 2>&1 &';
  expect(runBatch({ squeue: once(RUNNING), scontrol: once(requeue), sleep: SHORT_SLEEP })).toEqual({
    status: 75,
    saysThatItEnded: false,
  });
});

test('what cannot go back into the queue says that it was stopped', () => {
  expect(runBatch({ squeue: RUNNING, scontrol: 'exit 1', sleep: 'exit 0' })).toEqual({
    status: 75,
    saysThatItEnded: true,
  });
});
