import { z } from 'zod';
import { DURATION_FORM } from '../../format/duration.ts';
import { renamed } from '../renamed.ts';
import { duration, inBytes, KIB, MIB, text, whole } from './values.ts';

export const sandboxSchema = renamed(
  z.strictObject({
    engine: z
      .enum(['auto', 'bubblewrap', 'docker'])
      .default('auto')
      .describe(
        'What keeps agents in. Default auto: Docker where it has every image that the samples’ Dockerfiles start from, else bubblewrap where it works, else Docker.',
      ),
    base_image: text
      .optional()
      .describe('The Docker image that built-in scenarios and tasks start from (Docker only).'),
    at_once: whole.optional().describe('The most sandboxes open at once. Default: twice the CPUs.'),
    limits: renamed(
      z
        .strictObject({
          timeout: duration.describe(`How long one command may take: ${DURATION_FORM}. Default 60s.`),
          memory_mb: inBytes(MIB).describe('Memory of one sandbox, in MiB. Default 1024.'),
          processes: whole.describe('Processes and threads at once. Default 256.'),
          file_mb: inBytes(MIB).describe('The largest file that can be written, in MiB. Default 256.'),
          disk_mb: inBytes(MIB).describe('Everything written, together, in MiB. Default 1024.'),
          cpus: z.number().gt(0).describe('CPUs. Default 1.'),
          output_kb: inBytes(KIB).describe('Of each stream of a command, in KiB. Default 1024.'),
        })
        .partial(),
      {
        timeout: 'timeoutMs',
        memory_mb: 'memoryBytes',
        file_mb: 'fileBytes',
        disk_mb: 'diskBytes',
        output_kb: 'outputBytes',
      },
    )
      .prefault({})
      .describe('What one sandbox may use up.'),
  }),
  { base_image: 'baseImage', at_once: 'atOnce' },
);
