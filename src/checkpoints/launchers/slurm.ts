import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../core/index.ts';
import { askSlurm, type SlurmAnswer } from './ask-slurm.ts';
import { exitOf, readJson, sizeOfFile, writeJson } from './job-files.ts';
import type { Launcher, Liveness, Running } from './launcher.ts';
import { RUN_JOB } from './local.ts';
import { batchScript, nameOf, type SlurmOptions } from './slurm-script.ts';

export type { SlurmOptions } from './slurm-script.ts';

const submittedSchema = z.object({
  attempt: z.string(),
  offset: z.int(),
  /** Absent where stemma died while it submitted. */
  job: z.string().exactOptional(),
});

const ASK_EVERY_MS = 5_000;
const PENDING_WARNING_MS = 30 * 60_000;

/**
 * Starts jobs as batch jobs of Slurm. The job asks to be put back in the queue at its time limit, and says in a file of its
 * folder how it ended: Slurm forgets a job after some minutes, and accounting may be off.
 *
 * @param askEveryMs how often Slurm is asked for a job's state
 */
export function slurmLauncher(options: SlurmOptions, askEveryMs = ASK_EVERY_MS): Launcher {
  const begun = (file: z.infer<typeof submittedSchema>, folder: string) =>
    runningJob({ ...file, job: file.job!, folder }, options, askEveryMs);
  return {
    id: 'slurm',
    async begin(job, attempt) {
      const offset = sizeOfFile(join(job.folder, 'progress.jsonl'));
      const script = join(job.folder, 'job.sbatch');
      // Nodes may not have the package; they have the folder.
      copyFileSync(RUN_JOB, join(job.folder, 'run-job.sh'));
      writeFileSync(script, batchScript(job, attempt, options));
      rmSync(join(job.folder, 'stop'), { force: true });
      writeJson(join(job.folder, 'slurm.json'), { attempt, offset });
      const answer = await askSlurm('sbatch', ['--parsable', script]);
      if (answer.code !== 0)
        throw new InputError(`Slurm did not take the training of ${job.stage}: ${answer.error}`, {
          place: { file: script },
          remedy: 'Change training.slurm in the study; `sinfo` lists what there is.',
        });
      const id = answer.output.trim().split(';')[0]!;
      writeJson(join(job.folder, 'slurm.json'), { attempt, offset, job: id });
      return begun({ attempt, offset, job: id }, job.folder);
    },
    async attach(job) {
      const file = readJson(join(job.folder, 'slurm.json'), submittedSchema);
      if (file === null || exitOf(job.folder, file.attempt) !== null) return null;
      const id = file.job ?? (await jobByName(nameOf(job)));
      if (id === null) return null;
      const running = begun({ ...file, job: id }, job.folder);
      return (await running.liveness()).state === 'gone' ? null : running;
    },
  };
}

async function jobByName(name: string): Promise<string | null> {
  const { output } = await askSlurm('squeue', ['--noheader', '--me', `--name=${name}`, '--format=%A']);
  return output.trim().split('\n')[0] || null;
}

interface Submitted {
  readonly attempt: string;
  readonly offset: number;
  readonly job: string;
  readonly folder: string;
}

function runningJob(
  { attempt, offset, job, folder }: Submitted,
  { pendingWarningMs = PENDING_WARNING_MS }: SlurmOptions,
  askEveryMs: number,
): Running {
  const since = performance.now();
  let asked = Number.NEGATIVE_INFINITY;
  let known: Liveness = { state: 'waiting' };
  return {
    attempt,
    offset,
    async liveness() {
      if (performance.now() - asked < askEveryMs) return known;
      known = livenessOf(
        job,
        await askSlurm('squeue', ['--noheader', '--states=all', `--jobs=${job}`, '--format=%T|%r']),
        {
          isLate: performance.now() - since > pendingWarningMs,
        },
      );
      asked = performance.now();
      return known;
    },
    async stop() {
      writeFileSync(join(folder, 'stop'), '');
      const { output } = await askSlurm('squeue', ['--noheader', `--jobs=${job}`, '--format=%T']);
      // What has not begun has nothing to save.
      await askSlurm('scancel', output.trim() === 'RUNNING' ? ['--batch', '--signal=USR1', job] : [job]);
      asked = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Reasons for waiting that no time will end: only a person can. */
const NEVER =
  /^(launch failed requeued held|JobHeld|BadConstraints|Partition(Config|NodeLimit|TimeLimit|Inactive|Down)|.*AssocMax|QOSMax\w+PerJob|InvalidAccount|InvalidQOS|AccountNotAllowed|ReqNodeNotAvail)/;

/** States in which a job runs no more, in words. */
const ENDED: Readonly<Record<string, string>> = {
  COMPLETED: 'the job has ended',
  FAILED: 'the job failed',
  CANCELLED: 'the job was cancelled',
  TIMEOUT: 'the job ran into its time limit',
  OUT_OF_MEMORY: 'the job used more memory than it had asked for',
  NODE_FAIL: 'its node failed',
  BOOT_FAIL: 'its node did not start',
  PREEMPTED: 'the job was preempted',
  DEADLINE: 'the job ran into its deadline',
};

/** States in which a job keeps its processes, and they stand still. */
const PAUSED: ReadonlySet<string> = new Set(['SUSPENDED', 'STOPPED']);

/** What the answer of `squeue` says of a job. An unreachable controller is not a job that is gone. */
export function livenessOf(
  job: string,
  { code, output, error }: SlurmAnswer,
  { isLate }: { isLate: boolean },
): Liveness {
  const [state = '', reason = ''] = output.trim().split('\n')[0]!.split('|');
  if (code !== 0 && !/Invalid job id/i.test(error))
    return { state: 'unknown', why: `Slurm cannot be asked for job ${job} (${error}); it is asked again` };
  if (state === '') return { state: 'gone', why: `Slurm knows job ${job} no more` };
  const ended = ENDED[state];
  if (ended !== undefined)
    return { state: 'gone', why: ended, ...(state === 'CANCELLED' ? { final: true } : {}) };
  if (PAUSED.has(state))
    return {
      state: 'waiting',
      why: `job ${job} is suspended (by Slurm for another job, or by a person): it goes on when it is resumed`,
    };
  if (state !== 'PENDING') return { state: 'running' };
  if (NEVER.test(reason))
    return {
      state: 'waiting',
      why: `job ${job} will wait for ever (${reason}): stop, change training.slurm in the study, and scancel it`,
    };
  return { state: 'waiting', ...(isLate ? { why: `job ${job} still waits in the queue (${reason})` } : {}) };
}
