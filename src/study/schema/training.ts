import { z } from 'zod';
import { DURATION_FORM } from '../../format/duration.ts';
import { renamed } from '../renamed.ts';
import { duration, SLURM_TIME, text, texts, whole } from './values.ts';

export const slurmSchema = renamed(
  z
    .strictObject({
      partition: text.describe('The partition to submit to.'),
      account: text.describe('The account that pays.'),
      qos: text.describe('The quality of service.'),
      constraint: text.describe('Features that the nodes must have.'),
      reservation: text.describe('A reservation to run in.'),
      time: text
        .regex(SLURM_TIME, 'must be a Slurm time: minutes, HH:MM:SS or D-HH:MM:SS')
        .describe(
          'The time limit of one start: minutes, HH:MM:SS or D-HH:MM:SS. At its end the state is saved and the job goes on.',
        ),
      nodes: whole.describe('Nodes. Default 1.'),
      gpus_per_node: whole.describe('GPUs of each node.'),
      cpus_per_task: whole.describe('CPUs of each process.'),
      mem: text
        .regex(/^\d+[KMGT]?$/, 'must be a size such as 64G')
        .describe('Memory of a node, such as 64G.'),
      exclude: text.describe('Nodes to leave out.'),
      comment: text.describe('A comment for the accounting.'),
      setup: texts.describe('Shell lines before the training, such as module load cuda.'),
      signal_seconds: whole.describe(
        'How long before the time limit the training is asked to save. Default 60.',
      ),
      pending_warning: duration.describe(
        `How long a job may wait before that is told: ${DURATION_FORM}. Default 30m.`,
      ),
    })
    .partial(),
  {
    gpus_per_node: 'gpusPerNode',
    cpus_per_task: 'cpusPerTask',
    signal_seconds: 'signalSeconds',
    pending_warning: 'pendingWarningMs',
  },
);

export const trainingSchema = z.strictObject({
  python: text
    .default('python3')
    .describe(
      'The Python that has torch, transformers, trl, peft, accelerate and datasets; a path is relative to the study file. Default python3.',
    ),
  on: z
    .enum(['local', 'slurm'])
    .default('local')
    .describe('Where it runs: this machine (the default), or Slurm.'),
  restarts: z
    .int()
    .min(0)
    .default(2)
    .describe('How often a training that died is started again without a new saved state. Default 2.'),
  leaked_at_most: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'The largest share of an eval’s samples that may occur in what stages are trained on. Default 0.1.',
    ),
  slurm: slurmSchema.prefault({}).describe('What a Slurm job asks for.'),
});
