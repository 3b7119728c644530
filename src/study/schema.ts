import { z } from 'zod';
import { isId } from '../core/index.ts';
import { DURATION_FORM, durationMs } from '../format/index.ts';
import { VERDICTS } from '../stats/index.ts';
import { BOUND_FORM, boundOf } from './bound.ts';

/*
 * The study file, key by key. These schemas check the shape and describe it to editors; what depends on several keys
 * at once (a stage that comes from no stage, a rule that no eval has) is checked in check.ts.
 */

const ID_FORM = 'letters, digits, and . _ + - after the first';
const ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._+-]*$';
const id = z.string().refine(isId, `must be ${ID_FORM}`).meta({ pattern: ID_PATTERN });

const duration = z
  .union([z.number(), z.string()])
  .refine((value) => durationMs(value) !== null, `must be ${DURATION_FORM}`);

const text = z.string().min(1);
const texts = z.array(text);

const samplingShape = {
  temperature: z
    .number()
    .min(0)
    .nullable()
    .describe(
      'Sampling temperature. null leaves it to the provider. Default 1: the model’s own distribution.',
    ),
  top_p: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .describe(
      'Nucleus sampling. null leaves it to the provider (some take only one of temperature and top_p). Default 1.',
    ),
  max_tokens: z.int().min(1).describe('The most tokens of thoughts + response in one call. Default 1024.'),
  seed: z
    .int()
    .min(0)
    .nullable()
    .describe(
      'The study’s seed. Each trial’s own seed comes from it, the same in every stage. null sends no seed. Default 1.',
    ),
  stop: texts.describe('Stop sequences, for every stage.'),
};

export const samplingSchema = z.strictObject(samplingShape).partial();

export const modelSchema = z.union([
  text,
  z.strictObject({
    ref: text.describe('How to reach the model, as the short form writes it.'),
    template: text
      .optional()
      .describe('A prompt template file for text completions, relative to the study file.'),
    stop: texts.optional().describe('Stop sequences sent to this model on top of the sampling’s.'),
    body: z
      .record(z.string(), z.json())
      .optional()
      .describe(
        'Extra members of the request body, such as { reasoning_effort: low }. Never put a secret here.',
      ),
  }),
]);

const MODEL_FORMS =
  '"openai:NAME", "anthropic:NAME", "gemini:NAME", "http://host:8000/v1#NAME" (chat completions there), ' +
  '"completions+http://host:8000/v1#NAME" (text completions, for a pretrained-only checkpoint), "scripted:FILE#NAME", ' +
  '"replay:RUN#STAGE", "organism:base" (the embedded model)';

export const stageSchema = z.strictObject({
  id: id.describe(`The stage’s name in records and on screen: ${ID_FORM}.`),
  kind: id
    .describe('What kind of training it was.')
    .meta({ examples: ['pretrain', 'sft', 'dpo', 'rl', 'rlvr'] }),
  from: id
    .nullable()
    .optional()
    .describe(
      'The stage it was trained from. Default: the stage above it (null for the first). null: the root of a tree.',
    ),
  title: text.optional().describe('Its name for people. Default: the id.'),
  family: text
    .optional()
    .describe(
      'Who made it (openai, anthropic, …), so that a panel can keep judges from rating their own family.',
    ),
  model: modelSchema
    .optional()
    .describe(`The checkpoint: ${MODEL_FORMS}; or { ref, template, stop, body }. Or give a recipe.`),
  recipe: text
    .optional()
    .describe(
      'Instead of a model: the recipe file that trains this stage from the one in `from`, relative to the study file. It is trained before the first trial.',
    ),
  template: text
    .optional()
    .describe(
      'A prompt template file for text completions, relative to the study file (short for model.template).',
    ),
  stop: texts.optional().describe('Stop sequences for this stage alone (short for model.stop).'),
  sampling: samplingSchema
    .optional()
    .describe('Where it is sampled differently. Comparisons between stages sampled differently are refused.'),
});

export const evalEntrySchema = z.strictObject({
  id: id.optional().describe('The entry’s name in records. Default: the eval’s name.'),
  eval: text.describe('Which eval: the name of a family.'),
  options: z
    .record(z.string(), z.json())
    .optional()
    .describe('The eval’s own options: which samples, from where. Relative paths start at the study file.'),
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'How often each sample is put to each stage. Default 1. Epochs sharpen each sample’s value; they add no cluster.',
    ),
});

const autoraterSchema = z.strictObject({
  id: id.describe('The rater’s name in records.'),
  kind: z.literal('autorater').describe('A language model that rates by the eval’s rubric.'),
  model: modelSchema.describe(`The judge: ${MODEL_FORMS}; or { ref, template, stop, body }.`),
  family: text
    .optional()
    .describe('Who made the judge, so that a panel can keep it from rating its own family.'),
  sampling: samplingSchema
    .optional()
    .describe(
      'Where the judge is sampled differently from a judge’s defaults (temperature 0, max_tokens 4096, seed 1).',
    ),
  context_tokens: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Tokens that the judge’s context holds, prompt and answer together: longer transcripts are shortened to fit. Default: not known; shortened to 400,000 characters.',
    ),
  judging: z
    .enum(['one-by-one', 'together'])
    .optional()
    .describe(
      'Where an eval asks many things of one text: a call for each (one-by-one, the default, careful), or all in one call (together, cheap).',
    ),
});

const ruleSchema = z.strictObject({
  id: id.describe('The rater’s name in records.'),
  kind: z.literal('rule').describe('A rule in code that the eval brings.'),
  rule: text.describe('The rule’s name, such as string-match.'),
});

const panelSchema = z.strictObject({
  id: id.describe('The rater’s name in findings.'),
  kind: z.literal('panel').describe('Other raters combined when findings are made; rates nothing itself.'),
  members: z.array(id).min(2).describe('Ids of the raters that sit on it; at least two.'),
  combine: z
    .enum(['median', 'majority', 'any'])
    .optional()
    .describe(
      'How their values become one: median (the default), majority, or any (the largest: one that finds it is enough).',
    ),
  exclude_own_family: z
    .boolean()
    .optional()
    .describe('Whether a member does not count for a stage of its own family. Default true.'),
});

export const raterSchema = z.discriminatedUnion('kind', [autoraterSchema, ruleSchema, panelSchema]);

const margin = z.number().gt(0);

const priceSchema = z.strictObject({
  input: z.number().min(0).describe('USD per million input tokens.'),
  output: z.number().min(0).describe('USD per million output tokens, thoughts included.'),
});

const endpointSchema = z
  .strictObject({
    concurrency: z.int().min(1).describe('The most requests under way at once.'),
    requests_per_minute: z.number().gt(0).describe('The endpoint’s rate limit of requests.'),
    tokens_per_minute: z.number().gt(0).describe('The endpoint’s rate limit of tokens, input + output.'),
    timeout: duration.describe(`How long one request may take: ${DURATION_FORM}.`),
    retries: z.int().min(0).describe('How often a failed request is tried again, with growing pauses.'),
    api_key_env: text
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the NAME of an environment variable, never a key itself')
      .describe('The NAME of the environment variable that holds the key. The key itself is never recorded.'),
    headers: z
      .record(text, text)
      .describe(
        `Sent with every request. \${NAME} in a value stands for an environment variable; it is filled in only on the wire.`,
      ),
    price: priceSchema.describe(
      'What tokens cost there, for the plan and the budget. { input: 0, output: 0 } for a server of your own.',
    ),
    prices: z
      .record(text, priceSchema)
      .describe(
        'By a model’s name there (gpt-5.5-mini: { input: 0.25, output: 2 }): what its tokens cost, where that is not `price`.',
      ),
  })
  .partial();

const whole = z.int().min(1);

export const sandboxSchema = z
  .strictObject({
    engine: z
      .enum(['auto', 'bubblewrap', 'docker'])
      .describe('What keeps agents in. Default auto: bubblewrap where it works, else Docker.'),
    base_image: text.describe('The Docker image that built-in scenarios and tasks start from (Docker only).'),
    at_once: whole.describe('The most sandboxes open at once. Default: twice the CPUs.'),
    limits: z
      .strictObject({
        timeout: duration.describe(`How long one command may take: ${DURATION_FORM}. Default 60s.`),
        memory_mb: whole.describe('Memory of one sandbox, in MiB. Default 1024.'),
        processes: whole.describe('Processes and threads at once. Default 256.'),
        file_mb: whole.describe('The largest file that can be written, in MiB. Default 256.'),
        disk_mb: whole.describe('Everything written, together, in MiB. Default 1024.'),
        cpus: z.number().gt(0).describe('CPUs. Default 1.'),
        output_kb: whole.describe('Of each stream of a command, in KiB. Default 1024.'),
      })
      .partial()
      .describe('What one sandbox may use up.'),
  })
  .partial();

const bound = z.string().refine((value) => boundOf(value) !== null, `must be ${BOUND_FORM}`);

export const expectationSchema = z.strictObject({
  measure: text.describe('The measure that it is about.'),
  from: id.optional().describe('The first stage of the contrast that `verdict` and `change` are about.'),
  to: id.optional().describe('Its second stage.'),
  verdict: z
    .union([z.enum(VERDICTS), z.array(z.enum(VERDICTS)).min(1)])
    .optional()
    .describe('The verdict that must come out, or any of several.'),
  change: z.enum(['rises', 'falls']).optional().describe('Which way the measure must go.'),
  share: z
    .record(id, bound)
    .optional()
    .describe('How much of the whole change a stage must carry: { sft: at least 0.8 }.'),
  estimate: z
    .record(id, bound)
    .optional()
    .describe('What a stage itself must come out at: { base: at least 0.9 }.'),
  seeds: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe('The share of seeds in which it must come out. Default 1: all of them.'),
});

export const studySchema = z.strictObject({
  name: text
    .describe(`The study’s name, and that of its run folder: ${ID_FORM}.`)
    .meta({ pattern: ID_PATTERN }),
  description: z.string().optional().describe('What it asks, for people.'),
  stages: z
    .array(stageSchema)
    .min(1)
    .describe(
      'The checkpoints, one per training stage, in training order: usually a chain; a branch says its `from`.',
    ),
  evals: z
    .array(z.union([text, evalEntrySchema]))
    .min(1)
    .describe('What is put to each stage: the name of an eval, or { id, eval, options, epochs }.'),
  raters: z
    .array(raterSchema)
    .min(1)
    .describe('Who turns transcripts into ratings. The first makes the headlines.'),
  sampling: samplingSchema.optional().describe('How every stage is sampled.'),
  margins: z
    .object({
      default: margin
        .optional()
        .describe('For every measure that has none of its own. Default 0.05: five points.'),
    })
    .catchall(margin)
    .optional()
    .describe(
      'The largest differences that still count as the same, declared before any data: `default`, and by measure id ' +
        '(refusals/over-refusal: 0.03), in the measure’s own unit.',
    ),
  budget: z
    .strictObject({
      tokens: z.number().gt(0).describe('Input + output tokens, of stages and judges.'),
      usd: z.number().gt(0).describe('US dollars, by the endpoints’ prices.'),
      wall: duration.describe(`Wall time: ${DURATION_FORM}.`),
    })
    .partial()
    .optional()
    .describe('What a run may use up before it stops, cleanly and resumably.'),
  endpoints: z
    .record(text, endpointSchema)
    .optional()
    .describe(
      'Limits, keys and prices, by base URL (http://host:8000/v1) or provider (openai, anthropic, gemini).',
    ),
  controls: z
    .strictObject({
      again: z
        .union([id, z.array(id).min(1)])
        .describe(
          'Stages that are put to every eval once more, from other seeds (A/A): nothing differs, so nothing should be found to.',
        ),
    })
    .partial()
    .optional()
    .describe('Arms that show what the method itself does.'),
  sandbox: sandboxSchema
    .optional()
    .describe('Where agents act, in evals whose trials happen in a sandbox; the same for every stage.'),
  analysis: z
    .strictObject({
      contrasts: z
        .union([z.enum(['chain', 'all']), z.array(z.tuple([id, id])).min(1)])
        .describe(
          'Which stages are compared: chain (each with the one it comes from), all, or [[a, b], …]. Default chain.',
        ),
      bootstrap: z
        .int()
        .min(0)
        .max(1_000_000)
        .describe('Resamples of the cluster bootstrap shown beside the intervals; 0 for none. Default 2000.'),
      headline_rater: id.describe('The rater whose values make the headlines. Default: the first.'),
      seed: z.int().min(0).describe('The seed of resampling in the analysis. Default 1.'),
    })
    .partial()
    .optional()
    .describe('How the findings are made.'),
  expect: z
    .array(expectationSchema)
    .min(1)
    .optional()
    .describe(
      'What is planted, and so must be found: `stemma verify` holds the findings of several seeds against it.',
    ),
});

/** A study as its file writes it. */
export type StudyFile = z.infer<typeof studySchema>;
export type StageFile = StudyFile['stages'][number];
export type EvalFile = StudyFile['evals'][number];
export type RaterFile = StudyFile['raters'][number];
export type ModelFile = NonNullable<StageFile['model']>;
export type SamplingFile = NonNullable<StudyFile['sampling']>;
export type ExpectationFile = NonNullable<StudyFile['expect']>[number];
export type EndpointFile = NonNullable<StudyFile['endpoints']>[string];
