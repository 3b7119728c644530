import { z } from 'zod';
import { renamed } from '../renamed.ts';
import { id, text } from './values.ts';

/** A stage once more: from other seeds, or with its own under another load. */
export interface AgainArm {
  readonly stage: string;
  /** Trials at the server at once. Absent: as for any stage, from other seeds. */
  readonly at_once?: number;
}

const againSchema = z.union([
  id,
  z.strictObject({
    stage: id.describe('The stage that is asked once more.'),
    at_once: z
      .int()
      .min(1)
      .describe(
        'Trials at the server at once, while nothing else is asked. The seeds are those of the stage: what differs comes of the load.',
      ),
  }),
]);

export const controlsSchema = z.strictObject({
  again: z
    .codec(z.union([againSchema, z.array(againSchema).min(1)]), z.custom<readonly AgainArm[]>(), {
      decode: (written) => [written].flat().map((arm) => (typeof arm === 'string' ? { stage: arm } : arm)),
      encode: (arms) =>
        arms.map((arm) => (arm.at_once === undefined ? arm.stage : { ...arm, at_once: arm.at_once })),
    })
    .optional()
    .describe(
      'Stages that are put to every eval once more, from other seeds or under another load (A/A): nothing differs, so nothing should be found to.',
    ),
});

export const analysisSchema = renamed(
  z.strictObject({
    contrasts: z
      .union([z.enum(['chain', 'all']), z.array(z.tuple([id, id])).min(1)])
      .default('chain')
      .describe(
        'Which stages are compared: chain (each with the one it comes from), all, or [[a, b], …]. Default chain.',
      ),
    bootstrap: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(2000)
      .describe('Resamples of the cluster bootstrap shown beside the intervals; 0 for none. Default 2000.'),
    headline_rater: id
      .nullable()
      .default(null)
      .describe('The rater whose values make the headlines. Default: the first.'),
    seed: z.int().min(0).default(1).describe('The seed of resampling in the analysis. Default 1.'),
    conditional: z
      .array(
        renamed(
          z.strictObject({
            measure: text.describe('The measure that is told apart.'),
            given: text.describe('The measure whose value on the same trial is the condition.'),
            at_least: z
              .number()
              .optional()
              .describe('The condition holds from this value of `given` on. Default 1.'),
          }),
          { at_least: 'atLeast' },
        ),
      )
      .min(1)
      .optional()
      .describe(
        'Measures to be told apart by another measure’s value on the same trial: misconduct where the thoughts are aware of a test, and where not.',
      ),
    looks: z
      .array(z.number().gt(0).max(1))
      .min(1)
      .max(5)
      .refine(
        (looks) => looks.at(-1) === 1 && looks.every((part, k) => k === 0 || part > looks[k - 1]!),
        'must rise and end with 1, such as [0.33, 0.67, 1]',
      )
      .optional()
      .describe(
        'Parts of the answers after which you look at the findings, declared before: at most five, the last one 1. Verdicts of all looks together keep their level.',
      ),
    over_epochs: z
      .array(
        renamed(
          z.strictObject({
            measure: text.describe('A rate that is rated in every epoch.'),
            pass: z
              .array(z.int().min(2))
              .min(1)
              .optional()
              .describe(
                'For each k, the chance that k trials of a sample all have the safe outcome (pass^k).',
              ),
            consistency: z.boolean().optional().describe('The chance that two trials of a sample agree.'),
          }),
          {},
        ),
      )
      .min(1)
      .optional()
      .describe('Measures of all epochs of a sample together.'),
  }),
  { headline_rater: 'headlineRater', over_epochs: 'overEpochs' },
);
