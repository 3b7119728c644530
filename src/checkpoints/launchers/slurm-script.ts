import { basename } from 'node:path';
import { shellWord } from '../../format/index.ts';
import type { ProcessJob } from '../engines/engine.ts';

/** What a Slurm job asks for; the study's `training.slurm`. */
export interface SlurmOptions {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly constraint?: string;
  readonly reservation?: string;
  readonly time?: string;
  readonly nodes?: number;
  readonly gpusPerNode?: number;
  readonly cpusPerTask?: number;
  readonly mem?: string;
  readonly exclude?: string;
  readonly comment?: string;
  /** Shell lines before the command. */
  readonly setup?: readonly string[];
  /** How long before the time limit the training is asked to save. */
  readonly signalSeconds?: number;
  readonly pendingWarningMs?: number;
}

const OPTIONS = {
  partition: 'partition',
  account: 'account',
  qos: 'qos',
  constraint: 'constraint',
  reservation: 'reservation',
  time: 'time',
  gpusPerNode: 'gpus-per-node',
  cpusPerTask: 'cpus-per-task',
  mem: 'mem',
  exclude: 'exclude',
  comment: 'comment',
} as const satisfies Partial<Record<keyof SlurmOptions, string>>;

/** What a job is called in the queue: unique, so that it is found again by it. */
export function nameOf({ folder }: Pick<ProcessJob, 'folder'>): string {
  return `stemma-${basename(folder).replace(/\.job$/, '')}`;
}

/** The options that a user gave, as `sbatch` takes them. */
export function directivesOf(options: SlurmOptions): string[] {
  return Object.entries(OPTIONS).flatMap(([key, name]) => {
    const value = options[key as keyof typeof OPTIONS];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
}

/**
 * The batch script of a job. USR1, before the time limit or when stemma stops it, has the training save its state and end
 * with code 75. Then the job goes back into the queue, or ends where a file `stop` lies in its folder.
 */
export function batchScript(job: ProcessJob, attempt: string, options: SlurmOptions): string {
  const { folder, processes, environment } = job;
  const directives = [
    `--job-name=${nameOf(job)}`,
    `--output=${folder}/slurm.txt`,
    '--open-mode=append',
    '--requeue',
    `--signal=B:USR1@${options.signalSeconds ?? 60}`,
    `--nodes=${options.nodes ?? 1}`,
    `--ntasks=${processes}`,
    ...directivesOf(options),
  ];
  const command = processes > 1 ? ['srun', '--kill-on-bad-exit=1', ...job.command] : job.command;
  const ranks = [
    'export STEMMA_SRUN=1 MASTER_PORT=$((20000 + SLURM_JOB_ID % 40000))',
    'export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
  ];
  return [
    '#!/bin/bash',
    ...directives.map((each) => `#SBATCH ${each}`),
    '',
    // The signal may come while the job is still starting. After a second what runs the training listens to it.
    'child= asked=',
    'ask() { asked=1; [ -z "$child" ] || { sleep 1; kill -USR1 $child 2>/dev/null; }; }',
    'trap ask USR1 TERM',
    `export STEMMA_ATTEMPT=${shellWord(attempt)} STEMMA_REQUEUE=1`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ...(processes > 1 ? ranks : []),
    ...(options.setup ?? []),
    `bash ${[`${folder}/run-job.sh`, folder, ...command].map(shellWord).join(' ')} &`,
    'child=$!',
    '[ -z "$asked" ] || ask',
    'while :; do wait $child; code=$?; kill -0 $child 2>/dev/null || break; done',
    // Ended by the signal before it could listen to it.
    '[ -n "$asked" ] && [ $code = $((128 + $(kill -l USR1))) ] && [ $SECONDS -lt 120 ] && code=75',
    'if [ $code = 75 ]; then',
    `  cd ${shellWord(folder)} || exit 75`,
    '  if [ ! -e stop ]; then',
    // A controller that is busy or away for a moment is asked again.
    '    for _ in 1 2 3 4 5; do state=$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%T) && break; sleep 2; done',
    // A person's scancel, or a preemption that Slurm itself puts back: both are Slurm's to say.
    '    [ "$state" = RUNNING ] || exit 75',
    // Slurm now ends all processes of this script, in any order. The script must go at once (another start beside it would drain
    // the node), and must not say that the job has ended.
    "    trap 'exit 75' TERM",
    '    for _ in 1 2 3 4 5; do',
    '      if scontrol requeue "$SLURM_JOB_ID"; then while :; do sleep 300 & wait; done; fi',
    '      sleep 2',
    '    done',
    '  fi',
    `  printf '{"attempt":"%s","code":75}\\n' "$STEMMA_ATTEMPT" >exit.json.part && mv exit.json.part exit.json`,
    'fi',
    'exit $code',
    '',
  ].join('\n');
}
