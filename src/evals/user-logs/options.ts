import { z } from 'zod';
import { type EvalOptions, InputError } from '../../core/index.ts';
import { TABLE_FORMATS } from '../../files/index.ts';
import { optionsOf, someNumber, someText } from '../options.ts';
import { KINDS } from './scrub/detector.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const columns = z
  .strictObject({
    conversation: z
      .string()
      .describe('The column that holds the turns: a list of { role, content }, or that as JSON text.'),
    prompt: z.string().describe('The column that holds a prompt as plain text.'),
    user: z
      .string()
      .describe('The column that says whose conversation it is. It becomes the cluster, as a digest.'),
    id: z.string().describe('The column that names the conversation; kept with each sample.'),
  })
  .partial()
  .describe('Which columns mean what. Default: told from the names that published logs use.');

export const userLogOptions = optionsOf(() =>
  z.strictObject({
    path: z
      .string()
      .min(1)
      .describe(
        'The log: a .jsonl, .json, .csv, .tsv or .parquet file, or a folder of them, relative to the study file.',
      ),
    format: z.enum(TABLE_FORMATS).optional().describe('Where the files’ names do not say it.'),
    columns: columns.optional(),
    turn: z
      .union([z.enum(['first', 'last', 'random']), z.int().positive()])
      .default('first')
      .describe(
        'At which of a conversation’s user turns it is cut: first (the default), last, random, or a number from 1. Earlier turns are kept as history.',
      ),
    where: z
      .record(z.string(), z.union([scalar, z.array(scalar).min(1)]))
      .optional()
      .describe(
        'Only rows whose columns have these values, or one of them: { language: [English, German], toxic: false }.',
      ),
    min_characters: z
      .int()
      .min(0)
      .default(1)
      .describe('Leave out shorter inputs (all turns together). Default 1.'),
    max_characters: someNumber.describe('Leave out longer inputs. Default: none are left out.'),
    limit: someNumber.describe('Draw this many. Default: all.'),
    seed: z.int().default(0).describe('Decides which are drawn by `limit`, and which turn `random` takes.'),
    strata: z
      .strictObject({
        column: z.string().describe('The column whose values are the strata.'),
        allocation: z
          .enum(['proportional', 'equal'])
          .default('proportional')
          .describe('Each stratum its share of the log (the default), or each as many.'),
      })
      .optional()
      .describe('Draw from each value of a column apart.'),
    deduplicate: z
      .boolean()
      .default(true)
      .describe(
        'Whether inputs that differ in case, white space and removed data alone are put once. Default true.',
      ),
    cluster: z
      .enum(['user', 'opening', 'sample'])
      .optional()
      .describe(
        'What counts as one cluster: a user’s samples, those with the same opening words, or each by itself. Default: user where the log has users, else opening.',
      ),
    keep: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'Columns kept with each sample, for looking at parts of the results. No checkpoint and no judge sees them.',
      ),
    system: someText.describe('A system message put before conversations that have none. Default: none.'),
    names: someText.describe(
      'A text file with a name a line, to be taken out with the other personal data, relative to the study file.',
    ),
    leave_in: z
      .array(z.enum(KINDS))
      .optional()
      .describe('Kinds of personal data that are not looked for, such as [IP]. Default: none.'),
    scrub: z
      .boolean()
      .default(true)
      .describe(
        'Whether personal data is taken out before anything is stored or sent. false needs personal_data_may_be_stored.',
      ),
    personal_data_may_be_stored: z
      .boolean()
      .optional()
      .describe(
        'With scrub: false: yes, prompts go unscrubbed into the run folder, to the checkpoints and to the judges.',
      ),
  }),
);

export type UserLogOptions = ReturnType<typeof userLogOptions.parse>;

/**
 * The options with their defaults.
 *
 * @throws InputError naming the key, for an unknown key, a wrong value, or options that do not go together
 */
export function readOptions(given: EvalOptions): UserLogOptions {
  if (given.values.path === undefined)
    throw new InputError('user-logs needs the path of a log', { place: { key: 'options.path' } });
  const options = userLogOptions.parse(given);
  checkTogether(options);
  return options;
}

function checkTogether({
  scrub,
  personal_data_may_be_stored: allowed,
  strata,
  limit,
  ...options
}: UserLogOptions): void {
  const refuse = (key: string, message: string, remedy: string) => {
    throw new InputError(message, { place: { key: `options.${key}` }, remedy });
  };
  if (!scrub && allowed !== true) {
    refuse(
      'scrub',
      'unscrubbed prompts would be stored in the run folder and sent to checkpoints and judges',
      'Remove scrub: false; or, where the log holds no personal data or you may store it, add personal_data_may_be_stored: true.',
    );
  }
  if (scrub && allowed !== undefined) {
    refuse('personal_data_may_be_stored', 'this goes with scrub: false alone', 'Remove it.');
  }
  if (!scrub && (options.names !== undefined || options.leave_in !== undefined)) {
    refuse(
      options.names === undefined ? 'leave_in' : 'names',
      'this has no meaning with scrub: false',
      'Remove it.',
    );
  }
  if (strata !== undefined && limit === undefined) {
    refuse(
      'strata',
      'strata say how a limit is divided, and there is no limit',
      'Add limit:, or remove strata:.',
    );
  }
  if (options.columns?.conversation !== undefined && options.columns.prompt !== undefined) {
    refuse('columns', 'a row is either a conversation or a prompt', 'Name one of the two columns.');
  }
}
