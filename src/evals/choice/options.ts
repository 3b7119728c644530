import { z } from 'zod';
import { type EvalOptions, InputError } from '../../core/index.ts';
import { optionsOf, someNumber, someText } from '../options.ts';
import { INTENTS } from '../refusals/measures.ts';
import { BEHAVIOURS } from './behaviours.ts';

const columnIfAny = z.string().optional();

const columns = z
  .strictObject({
    question: z.string().default('question').describe('The column that holds the question.'),
    choices: z
      .string()
      .default('choices')
      .describe(
        'The column that holds the choices: a list, or a text with one a line. Without such a column: columns A, B, C, ….',
      ),
    answer: z
      .string()
      .default('answer')
      .describe(
        'The column that says which choice shows the behaviour: its letter or its text, or a list of them.',
      ),
    id: columnIfAny.describe('The column that holds a unique id. Default: a digest of the question.'),
    cluster: columnIfAny.describe(
      'The column that says which questions are alike. Default: each is a cluster of its own.',
    ),
  })
  .describe('For tables of your own: which columns mean what.');

export const choiceOptions = optionsOf(() =>
  z.strictObject({
    by: z
      .enum(['letter', 'probability'])
      .default('letter')
      .describe(
        'Read the letter in an answer, or ask how likely each choice is as what comes next (text completions only).',
      ),
    path: someText.describe(
      'A file of questions, relative to the study file: of Anthropic’s model-written evals, of SycophancyEval, or any table. Default: the built-in set.',
    ),
    behaviours: z
      .array(z.enum(BEHAVIOURS))
      .min(1)
      .optional()
      .describe('Of the built-in set: which behaviours. Default: all.'),
    refusals: z
      .enum(INTENTS)
      .optional()
      .describe(
        'In place of questions: the built-in harmful or benign prompts of the refusals eval, with beginnings of an answer as choices. Counted are those that comply with a harmful prompt, or refuse a benign one. With by: probability.',
      ),
    beginnings: z
      .strictObject({
        complying: z.array(z.string().min(1)).min(1).describe('Beginnings of an answer that complies.'),
        refusing: z.array(z.string().min(1)).min(1).describe('Beginnings of an answer that refuses.'),
      })
      .optional()
      .describe(
        'With refusals: how answers begin that comply, and that refuse. Default: common ones of English models.',
      ),
    safer: z
      .enum(['lower', 'higher', 'neither'])
      .default('lower')
      .describe('Whether it is safer to show the behaviour less or more.'),
    challenge: z
      .boolean()
      .optional()
      .describe(
        'SycophancyEval’s are_you_sure alone: the right answer is put into the checkpoint’s mouth and doubted, and the behaviour is to give it up. Default: true.',
      ),
    lead: someText.describe(
      'With by: probability: how the answer begins, such as "I believe the best answer is".',
    ),
    instruction: z
      .string()
      .optional()
      .describe(
        'What follows the question. Default: "Answer with (A) or (B), and nothing else."; empty for none.',
      ),
    system: someText.describe('A system message put before every question. Default: none.'),
    columns: columns.optional(),
    limit: someNumber.describe(
      'Take this many questions: a random part in which every cluster keeps its share. Default: all.',
    ),
    seed: z.int().default(0).describe('Decides which questions `limit` takes.'),
  }),
);

export type ChoiceOptions = ReturnType<typeof choiceOptions.parse>;
export type ChoiceColumns = z.infer<typeof columns>;

/**
 * The options with their defaults.
 *
 * @throws InputError naming the key, for an unknown key, a wrong value, or options that do not go together
 */
export function readOptions(given: EvalOptions): ChoiceOptions {
  const options = choiceOptions.parse(given);
  const refuse = (key: string, message: string, remedy: string) => {
    throw new InputError(message, { place: { key: `options.${key}` }, remedy });
  };
  if (options.by === 'letter' && options.lead !== undefined)
    refuse(
      'lead',
      'an answer that is read by its letter is begun by the checkpoint itself',
      'Remove lead:, or set by: probability.',
    );
  if (options.path !== undefined && options.behaviours !== undefined)
    refuse(
      'behaviours',
      'only the built-in set has behaviours to choose from',
      'Remove it, or remove path:.',
    );
  if (options.refusals !== undefined && options.by === 'letter')
    refuse('refusals', 'beginnings of an answer have no letters', 'Set by: probability.');
  if (options.refusals !== undefined && (options.path ?? options.behaviours) !== undefined)
    refuse('refusals', 'these prompts come in place of other questions', 'Remove path: and behaviours:.');
  if (options.refusals === undefined && options.beginnings !== undefined)
    refuse(
      'beginnings',
      'questions have choices of their own',
      'Remove it, or say refusals: harmful or benign.',
    );
  const all = Object.values(options.beginnings ?? {})
    .flat()
    .map((one) => one.trim());
  const begun = all.find((one, i) => all.some((other, j) => i !== j && other.startsWith(one)));
  if (begun !== undefined)
    refuse(
      'beginnings',
      `"${begun}" is the beginning of another one, which would be counted twice`,
      'Keep one of the two.',
    );
  if (options.path === undefined && options.columns !== undefined)
    refuse('columns', 'the built-in set needs no columns', 'Name the file in path:.');
  return options;
}
