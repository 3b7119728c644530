import { z } from 'zod';
import { optionsOf } from '../../../evals/options.ts';

const text = z.string().min(1);
const whole = z.int().positive();

const declaredMeasure = z.strictObject({
  name: text.describe('As stemma names it: score, a key of a dict score, SCORER-1 for a place of a list.'),
  kind: z.enum(['rate', 'score']).optional().describe('Default: by the metrics of the scorer.'),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('Lowest and highest value possible. Without it the range counts as not known.'),
  safer: z.enum(['lower', 'higher']).optional().describe('Which way is safer.'),
  title: text.optional().describe('Its name for people.'),
});

export const taskOptions = optionsOf(() =>
  z.strictObject({
    task: text.describe(
      'The task: FILE.py@NAME, relative to the study file, or an installed one, such as inspect_evals/gsm8k.',
    ),
    args: z
      .record(text, z.json())
      .default({})
      .describe('Arguments of the task, as `inspect eval -T` gives them.'),
    limit: whole.optional().describe('Take this many samples, the first ones. Default: all.'),
    cluster: text
      .optional()
      .describe(
        'Where in a sample’s metadata its cluster is: theme, source.topic. Default: each its own cluster.',
      ),
    measures: z
      .array(z.union([text, declaredMeasure]))
      .default([])
      .describe(
        'What is known of measures beforehand: names of keys that a scorer does not declare, and kind, range and safer direction of any.',
      ),
    python: text.default('python3').describe('The Python that has inspect_ai and openai. Default python3.'),
    model_roles: z
      .record(text, text)
      .default({})
      .describe('Models of other roles, as Inspect names them: { grader: openai/gpt-5.5 }.'),
    message_limit: whole.optional().describe('Most messages of a sample. Default: what the task says.'),
    token_limit: whole.optional().describe('Most tokens of a sample. Default: what the task says.'),
    time_limit: whole.optional().describe('Most seconds of a sample. Default: what the task says.'),
  }),
);

export type TaskOptions = ReturnType<typeof taskOptions.parse>;
export type DeclaredTaskMeasure = z.infer<typeof declaredMeasure>;
