import { z } from 'zod';
import { DURATION_FORM } from '../../format/duration.ts';
import { renamed } from '../renamed.ts';
import { slurmSchema } from './training.ts';
import { duration, text, texts, whole } from './values.ts';

export const servingSchema = renamed(
  z.strictObject({
    with: z
      .enum(['vllm', 'llama-server', 'transformers', 'command'])
      .describe(
        'Which server: vllm, llama-server, transformers (`transformers serve`), or a command of yours.',
      ),
    command: z
      .array(text)
      .min(1)
      .optional()
      .describe(
        'The program and its first arguments, where it is not on the PATH. For `with: command` the whole command line, with {weights}, {adapter}, {name}, {host}, {port}, {gpus}.',
      ),
    gpus: z
      .int()
      .min(0)
      .default(0)
      .describe(
        'GPUs of this machine that servers may use. Each server gets gpus ÷ at_once of them. Default 0: none.',
      ),
    at_once: whole
      .default(1)
      .describe('Servers that run at the same time. Stages beyond that are asked group by group. Default 1.'),
    concurrency: whole
      .optional()
      .describe(
        'The most requests under way at once at each server. Default 32; 1 with transformers, which mixes up the seeds of requests at the same time.',
      ),
    args: texts.default([]).describe('More arguments for the server’s command line.'),
    convert: z
      .array(text)
      .min(1)
      .optional()
      .describe(
        'With llama-server: the command that makes a GGUF file of a folder of weights, with {weights} and {out}. It runs once for each checkpoint.',
      ),
    start_timeout: duration
      .default(1_200_000)
      .describe(`How long a server may take to load its weights: ${DURATION_FORM}. Default 20m.`),
    on: z
      .enum(['local', 'slurm'])
      .default('local')
      .describe('Where the servers run: this machine (the default), or a Slurm job each.'),
    slurm: slurmSchema.prefault({}).describe('What the Slurm job of a server asks for.'),
  }),
  { at_once: 'atOnce', start_timeout: 'startTimeoutMs' },
);
