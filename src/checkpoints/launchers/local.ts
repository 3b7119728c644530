import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ProcessJob } from '../engines/engine.ts';
import { exitOf, readJson, sizeOfFile, writeJson } from './job-files.ts';
import type { Launcher, Running } from './launcher.ts';

export const RUN_JOB = fileURLToPath(new URL('./run-job.sh', import.meta.url));

const runningSchema = z.object({
  attempt: z.string(),
  offset: z.int(),
  host: z.string(),
  pid: z.int(),
  /** When the process began, in ticks since the machine did: process ids come round again. */
  began: z.string().nullable(),
});
type RunningFile = z.infer<typeof runningSchema>;

/** Starts jobs on this machine, as processes that outlive stemma: a killed stemma finds its training again. */
export const localLauncher: Launcher = {
  id: 'local',
  async begin(job, attempt) {
    const offset = sizeOfFile(join(job.folder, 'progress.jsonl'));
    const child = spawn('bash', [RUN_JOB, job.folder, ...job.local], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, ...job.environment, STEMMA_ATTEMPT: attempt },
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = child.pid!;
    const file = { attempt, offset, host: hostname(), pid, began: beganAt(pid) };
    writeJson(join(job.folder, 'running.json'), file);
    return running(file);
  },
  async attach(job: ProcessJob) {
    const file = readJson(join(job.folder, 'running.json'), runningSchema);
    // One that has said how it ended may be alive for a moment yet.
    const ended = file === null || exitOf(job.folder, file.attempt) !== null;
    return !ended && isAlive(file) ? running(file) : null;
  },
};

function running(file: RunningFile): Running {
  return {
    attempt: file.attempt,
    offset: file.offset,
    liveness: async () => ({ state: isAlive(file) ? 'running' : 'gone' }),
    stop: async () => {
      if (isAlive(file)) process.kill(file.pid, 'SIGTERM');
    },
  };
}

function isAlive({ host, pid, began }: RunningFile): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return beganAt(pid) === began && !isZombie(pid);
}

/** The fields of /proc/PID/stat behind the name, which may hold anything; `null` where there is no /proc. */
function statFields(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function beganAt(pid: number): string | null {
  return statFields(pid)?.[19] ?? null;
}

function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}
