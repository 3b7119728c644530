import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/index.ts';
import { shellWord } from '../../format/index.ts';
import { askSlurm } from './ask-slurm.ts';
import { directivesOf, type SlurmOptions } from './slurm-script.ts';

/** A job array: one task for each part of some work. */
interface SlurmArray {
  readonly job: string;
  /** How many of its tasks wait and run; `null` where Slurm cannot be asked just now. */
  left(): Promise<{ readonly waiting: number; readonly running: number } | null>;
  cancel(): Promise<void>;
}

interface ArrayOptions {
  /** Where the script and the tasks' output go: on a file system that the nodes share. */
  readonly folder: string;
  readonly name: string;
  /** The numbers of the tasks. */
  readonly tasks: readonly number[];
  /** Run by each task in `workingFolder`. `$SLURM_ARRAY_TASK_ID` is its number. */
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly slurm: SlurmOptions;
}

/** @throws InputError where Slurm does not take it; MissingPartError where there is no Slurm */
export async function submitArray(options: ArrayOptions): Promise<SlurmArray> {
  const { folder, name, tasks, command, workingFolder, slurm } = options;
  mkdirSync(folder, { recursive: true });
  const script = join(folder, 'array.sbatch');
  const lines = [
    '#!/bin/bash',
    `#SBATCH --job-name=${name}`,
    `#SBATCH --array=${tasks.join(',')}`,
    `#SBATCH --output=${folder}/part-%a.txt`,
    '#SBATCH --open-mode=append',
    // stemma stops gently on TERM: what is under way is recorded.
    `#SBATCH --signal=TERM@${slurm.signalSeconds ?? 60}`,
    ...directivesOf(slurm).map((each) => `#SBATCH ${each}`),
    ...(slurm.setup ?? []),
    `cd ${shellWord(workingFolder)} || exit 1`,
    `exec ${command.map((word) => (word.includes('$SLURM_ARRAY_TASK_ID') ? `"${word}"` : shellWord(word))).join(' ')}`,
    '',
  ];
  writeFileSync(script, lines.join('\n'));
  const answer = await askSlurm('sbatch', ['--parsable', script]);
  if (answer.code !== 0)
    throw new InputError(`Slurm did not take the job array: ${answer.error}`, {
      place: { file: script },
      remedy: 'Change training.slurm in the study; `sinfo` lists what there is.',
    });
  const job = answer.output.trim().split(';')[0]!;
  return {
    job,
    async left() {
      const { code, output, error } = await askSlurm('squeue', [
        '--noheader',
        '--array',
        `--jobs=${job}`,
        '--format=%T',
      ]);
      if (code !== 0 && !/Invalid job id/i.test(error)) return null;
      const states = output.split('\n').filter((line) => line.trim() !== '');
      const waiting = states.filter((state) => state.trim() === 'PENDING').length;
      return { waiting, running: states.length - waiting };
    },
    cancel: async () => {
      await askSlurm('scancel', ['--signal=TERM', '--full', job]);
      await askSlurm('scancel', ['--state=PENDING', job]);
    },
  };
}
