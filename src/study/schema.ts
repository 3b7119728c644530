import { z } from 'zod';
import { changeSchema, HOLDS } from '../checkpoints/index.ts';
import { isId, type JsonObject, type Margins, type Model } from '../core/index.ts';
import { areSeeds, FEWEST_REPLICATES } from '../core/replicate.ts';
import { DURATION_FORM, durationMs } from '../format/duration.ts';
import type { ModelSpec } from '../models/index.ts';
import { type DifferenceVerdict, VERDICTS } from '../stats/index.ts';
import { BOUND_FORM, type Bound, boundOf, boundText } from './bound.ts';
import type { Plugin } from './plugins.ts';
import { type Defined, defined, renamed } from './renamed.ts';

/*
 * The study file, key by key. One schema describes a file to editors, decodes its keys and units into those of the code,
 * and encodes them again. What depends on several keys at once (a stage that comes from no stage, a rule that no eval has)
 * is checked in check.ts.
 */

const ID_FORM = 'letters, digits, and . _ + - after the first';
/** As `isId`, for editors: white space and other ASCII marks are left out, because \p{L} needs a flag that some lack. */
const ID_PATTERN = '^[^\\s!-/:-@\\[-`{-~][^\\s!-*,/:-@\\[-^`{-~]*$';
const id = z.string().refine(isId, `must be ${ID_FORM}`).meta({ pattern: ID_PATTERN });

/** In code a number of milliseconds. */
const duration = z.codec(
  z.union([z.number(), z.string()]).refine((value) => durationMs(value) !== null, `must be ${DURATION_FORM}`),
  z.number(),
  { decode: (written) => durationMs(written) as number, encode: (ms) => ms / 1_000 },
);

/** A whole number of larger units; in code a number of bytes. */
function inBytes(unit: number): z.ZodCodec<z.ZodInt, z.ZodNumber> {
  return z.codec(whole, z.number(), { decode: (count) => count * unit, encode: (bytes) => bytes / unit });
}

const whole = z.int().min(1);
const SLURM_TIME = /^(\d+|(\d+-)?\d+(:\d+){1,2}|\d+-\d+)$/;
const KIB = 1024;
const MIB = KIB * KIB;

const text = z.string().min(1);
const jsonObject = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject, JsonObject>;
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

const SAMPLING_KEYS = { top_p: 'topP', max_tokens: 'maxTokens' } as const;

const samplingSchema = renamed(z.strictObject(samplingShape).partial(), SAMPLING_KEYS);

/** Kept explicit: a server's own defaults may differ from stage to stage. */
const studySamplingSchema = renamed(
  z.strictObject({
    temperature: samplingShape.temperature.default(1),
    top_p: samplingShape.top_p.default(1),
    max_tokens: samplingShape.max_tokens.default(1024),
    seed: samplingShape.seed.default(1),
    stop: samplingShape.stop.optional(),
  }),
  SAMPLING_KEYS,
);

const modelSpecSchema = renamed(
  z.strictObject({
    ref: text.describe('How to reach the model, as the short form writes it.'),
    also: texts
      .optional()
      .describe('More servers of the same checkpoint, as refs: each request goes to the least busy one.'),
    template: text
      .optional()
      .describe('A prompt template file for text completions, relative to the study file.'),
    stop: texts.optional().describe('Stop sequences sent to this model on top of the sampling’s.'),
    body: jsonObject
      .optional()
      .describe(
        'Extra members of the request body, such as { reasoning_effort: low }. Never put a secret here.',
      ),
    response_from: z
      .literal('reasoning')
      .optional()
      .describe(
        'For a server that leaves the whole answer in its reasoning field: where the content is empty, that field is the response.',
      ),
    opens_thoughts: z
      .boolean()
      .optional()
      .describe(
        'true: the chat template writes the opening tag of the thoughts (<think>), so the first closing tag ends them wherever it is.',
      ),
    system_role: z
      .literal('merge')
      .optional()
      .describe(
        'merge: system messages are folded into the first user message, for chat templates that refuse them or drop them.',
      ),
  }),
  { response_from: 'responseFrom', opens_thoughts: 'opensThoughts', system_role: 'systemRole' },
);

/** A study in TypeScript may hold the model itself. */
const modelObject = z.custom<Model>(isModel);

/** One ref, several servers of one checkpoint, or a ref with its settings. */
const modelFileSchema = z.union([text, z.array(text).min(1), modelSpecSchema, modelObject]);

const modelSchema = z.codec(modelFileSchema, z.custom<ModelSpec | Model>(), {
  decode: (written) => {
    if (typeof written === 'string') return { ref: written };
    if (Array.isArray(written)) {
      const [ref, ...also] = written as [string, ...string[]];
      return also.length === 0 ? { ref } : { ref, also };
    }
    return isModel(written) ? written : defined(written);
  },
  encode: (model) =>
    isModel(model)
      ? { ref: model.ref }
      : defined({ ...model, stop: model.stop && [...model.stop], also: model.also && [...model.also] }),
});

/** Whether a study holds the model itself rather than how to open it. */
export function isModel(model: unknown): model is Model {
  return (
    model !== null && typeof model === 'object' && 'generate' in model && typeof model.generate === 'function'
  );
}

const MODEL_FORMS =
  '"openai:NAME", "anthropic:NAME", "gemini:NAME", "http://host:8000/v1#NAME" (chat completions there), ' +
  '"completions+http://host:8000/v1#NAME" (text completions, for a pretrained-only checkpoint), "scripted:FILE#NAME", ' +
  '"replay:RUN#STAGE", "organism:base" (the embedded model)';

type StageModel = z.output<typeof modelSchema>;

/** What one level of a factor changes at its stage. */
const levelSchema = z
  .strictObject({
    from: id.describe('The stage it is trained from.'),
    recipe: text.describe('The recipe that trains it.'),
    change: z
      .record(text, changeSchema)
      .describe('An intervention on the mixture, added to the stage’s own.'),
    hold: z.enum(HOLDS).describe('What stays the same where the change alters an amount.'),
    weights: text.describe('The checkpoint’s own files.'),
    model: modelSchema.describe('The checkpoint, or the server that you started with it.'),
  })
  .partial();

/** The levels of each factor by name; `from` is a factor whose levels are stages. */
interface Grid<Level> {
  from?: string[] | undefined;
  seeds?: number[] | undefined;
  [factor: string]: string[] | number[] | Record<string, Level> | undefined;
}

// The type is written by hand: zod's own says of `from` and `seeds` that they are levels too, which no user's project compiles.
const gridSchema: z.ZodType<Grid<z.output<typeof levelSchema>>, Grid<z.input<typeof levelSchema>>> = z
  .object({
    from: z.array(id).min(2).optional().describe('Stages that it is trained from, each a level.'),
    seeds: z
      .array(z.int().min(0))
      .min(2)
      .optional()
      .describe('Replicates of each combination; never a factor.'),
  })
  .catchall(z.record(id, levelSchema));

const stageFileSchema = z.strictObject({
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
  factors: z
    .record(id, text)
    .optional()
    .describe(
      'Its level of each factor of the experiment: { base: sft, prompts: diverse }. `grid` writes them itself.',
    ),
  step: z
    .number()
    .min(0)
    .optional()
    .describe(
      'At which step (or after how many tokens) of its training the checkpoint was taken. Three or more of one kind make a curve.',
    ),
  replicate_of: id
    .optional()
    .describe('The stage that was trained in the same way from another seed. `replicates` writes it itself.'),
  family: text
    .optional()
    .describe(
      'Who made it (openai, anthropic, …), so that a panel can keep judges from rating their own family.',
    ),
  model: modelSchema
    .optional()
    .describe(
      `The checkpoint: ${MODEL_FORMS}; or { ref, template, stop, body }. Or give weights, or a recipe; a model beside them is the server that you started with them.`,
    ),
  weights: text
    .optional()
    .describe(
      'The checkpoint’s own files: a folder of safetensors with its tokenizer, relative to the study file, or hf:ORG/NAME@REVISION.',
    ),
  adapter: text.optional().describe('A folder of LoRA weights (peft) that go on top of `weights`.'),
  gguf: text.optional().describe('The checkpoint as a GGUF file, instead of `weights`.'),
  replicates: z
    .union([
      z.array(modelSchema).min(FEWEST_REPLICATES),
      z.int().min(FEWEST_REPLICATES).max(100),
      z.array(z.int().min(0)).min(FEWEST_REPLICATES),
    ])
    .optional()
    .describe(
      'The training runs of this stage, at least three. Instead of a model: the checkpoint of each. Beside a recipe: how many (3 stands for the seeds 1, 2, 3), or a list of seeds. Run k comes from run k of the stage in `from`, where that has as many. How they differ is counted in every interval.',
    ),
  recipe: text
    .optional()
    .describe(
      'Instead of a model: the recipe file that trains this stage from the one in `from`, relative to the study file. It is trained before the first trial.',
    ),
  change: z
    .record(text, changeSchema)
    .optional()
    .describe(
      'An intervention on the mixture of its recipe, by source: drop, ×2 (or x2), { where: … }, { replace: SOURCE or FILE }, { teacher: NAME }, or { swap: { teacher: NAME, share: 0.1 } }.',
    ),
  hold: z
    .enum(HOLDS)
    .optional()
    .describe(
      'What stays the same where a change alters an amount: steps (others grow), others (fewer or more steps), or tokens. There is no default.',
    ),
  seed: z.int().min(0).optional().describe('The seed of its training, instead of its recipe’s.'),
  grid: gridSchema
    .optional()
    .describe(
      'Factors with their levels: each combination becomes a stage. A level says what differs: { from, recipe, change, hold, weights, model }; `from: [a, b]` is a factor too; `seeds: [1, 2, 3]` are replicates.',
    ),
  template: text
    .optional()
    .describe(
      'A prompt template file for text completions, relative to the study file (short for model.template).',
    ),
  stop: texts.optional().describe('Stop sequences for this stage alone (short for model.stop).'),
  system: text
    .optional()
    .describe(
      'A system prompt for this stage alone. It stands before the system messages of the samples; comparisons with stages that are told something else say so.',
    ),
  sampling: samplingSchema
    .optional()
    .describe('Where it is sampled differently. Comparisons between stages sampled differently are refused.'),
});

const stageSchema = z.codec(
  stageFileSchema,
  z.custom<
    Defined<Omit<z.output<typeof stageFileSchema>, 'replicate_of'>> & {
      readonly replicateOf?: string;
    }
  >(),
  {
    decode: ({ template, stop, model, replicates, replicate_of: replicateOf, ...stage }) => {
      const told = (one: StageModel) =>
        isModel(one) ? one : defined({ ...one, ...defined({ template, stop }) });
      return defined({
        ...stage,
        // Of a stage that stemma serves itself, they go with the server's own address later.
        ...(model === undefined && replicates === undefined ? { template, stop } : {}),
        replicateOf,
        model: model === undefined ? undefined : told(model),
        replicates:
          replicates === undefined || areSeeds(replicates)
            ? replicates
            : (replicates as StageModel[]).map(told),
      });
    },
    encode: ({ replicateOf, ...stage }) => defined({ ...stage, replicate_of: replicateOf }),
  },
);

const evalFileSchema = z.strictObject({
  id: id.optional().describe('The entry’s name in records. Default: the eval’s name.'),
  eval: text.describe('Which eval: the name of a family.'),
  options: jsonObject
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

/** An eval's name alone, or with its settings; the code always has the long form. */
const evalSchema = z.codec(z.union([text, evalFileSchema]), z.custom<EvalSettings>(), {
  decode: (written) => {
    const {
      id,
      eval: name,
      options = {},
      epochs = 1,
    } = typeof written === 'string' ? { eval: written } : written;
    return { id: id ?? name, eval: name, options, epochs };
  },
  encode: (settings) => settings,
});

interface EvalSettings {
  readonly id: string;
  readonly eval: string;
  readonly options: JsonObject;
  readonly epochs: number;
}

const autoraterSchema = renamed(
  z.strictObject({
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
  }),
  { context_tokens: 'contextTokens' },
);

const ruleSchema = z.strictObject({
  id: id.describe('The rater’s name in records.'),
  kind: z.literal('rule').describe('A rule in code that the eval brings.'),
  rule: text.describe('The rule’s name, such as string-match.'),
});

const panelSchema = renamed(
  z.strictObject({
    id: id.describe('The rater’s name in findings.'),
    kind: z.literal('panel').describe('Other raters combined when findings are made; rates nothing itself.'),
    members: z.array(id).min(2).describe('Ids of the raters that sit on it; at least two.'),
    combine: z
      .enum(['median', 'majority', 'any'])
      .default('median')
      .describe(
        'How their values become one: median (the default), majority, or any (the largest: one that finds it is enough).',
      ),
    exclude_own_family: z
      .boolean()
      .default(true)
      .describe('Whether a member does not count for a stage of its own family. Default true.'),
  }),
  { exclude_own_family: 'excludeOwnFamily' },
);

const raterSchema = z.discriminatedUnion('kind', [autoraterSchema, ruleSchema, panelSchema]);

const margin = z.number().gt(0);

const priceSchema = z.strictObject({
  input: z.number().min(0).describe('USD per million input tokens.'),
  output: z.number().min(0).describe('USD per million output tokens, thoughts included.'),
});

const endpointSchema = renamed(
  z
    .strictObject({
      concurrency: z.int().min(1).describe('The most requests under way at once.'),
      requests_per_minute: z.number().gt(0).describe('The endpoint’s rate limit of requests.'),
      tokens_per_minute: z.number().gt(0).describe('The endpoint’s rate limit of tokens, input + output.'),
      timeout: duration.describe(`How long one request may take: ${DURATION_FORM}.`),
      retries: z.int().min(0).describe('How often a failed request is tried again, with growing pauses.'),
      api_key_env: text
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the NAME of an environment variable, never a key itself')
        .describe(
          'The NAME of the environment variable that holds the key. The key itself is never recorded.',
        ),
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
    .partial(),
  {
    requests_per_minute: 'requestsPerMinute',
    tokens_per_minute: 'tokensPerMinute',
    timeout: 'timeoutMs',
    api_key_env: 'apiKeyEnv',
  },
);

const sandboxSchema = renamed(
  z.strictObject({
    engine: z
      .enum(['auto', 'bubblewrap', 'docker'])
      .default('auto')
      .describe('What keeps agents in. Default auto: bubblewrap where it works, else Docker.'),
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

const bound = z.codec(
  z.string().refine((value) => boundOf(value) !== null, `must be ${BOUND_FORM}`),
  z.custom<Bound>(),
  { decode: (written) => boundOf(written) as Bound, encode: boundText },
);

const bounds = z.record(id, bound);

const expectationFileSchema = z.strictObject({
  measure: text.describe('The measure that it is about.'),
  from: id.optional().describe('The first stage of the contrast that `verdict` and `change` are about.'),
  to: id.optional().describe('Its second stage.'),
  verdict: z
    .union([z.enum(VERDICTS), z.array(z.enum(VERDICTS)).min(1)])
    .optional()
    .describe('The verdict that must come out, or any of several.'),
  change: z.enum(['rises', 'falls']).optional().describe('Which way the measure must go.'),
  share: bounds
    .default({})
    .describe('How much of the whole change a stage must carry: { sft: at least 0.8 }.'),
  estimate: bounds.default({}).describe('What a stage itself must come out at: { base: at least 0.9 }.'),
  seeds: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('The share of seeds in which it must come out. Default 1: all of them.'),
});

/** `verdict` in a file is one or several; in code always a list. */
const expectationSchema = z.codec(
  expectationFileSchema,
  z.custom<
    Omit<Defined<z.output<typeof expectationFileSchema>>, 'verdict'> & {
      readonly verdicts: readonly DifferenceVerdict[];
    }
  >(),
  {
    decode: ({ verdict = [], ...others }) =>
      defined({ ...others, verdicts: typeof verdict === 'string' ? [verdict] : verdict }),
    encode: ({ verdicts, ...others }) => ({
      ...others,
      verdict: verdicts.length === 0 ? undefined : [...verdicts],
    }),
  },
);

const marginsOfMeasure = z.strictObject({
  points: margin
    .optional()
    .describe('In the measure’s own unit: 0.05 are five points of a rate. Default: `default`.'),
  ratio: z
    .number()
    .gt(1)
    .optional()
    .describe(
      'Of a rate: the largest ratio of the two stages’ rates, either way, that still counts as the same. With both, both must hold.',
    ),
});

const marginsSchema = z.codec(
  z
    .object({
      default: margin
        .default(0.05)
        .describe('For every measure that has none of its own. Default 0.05: five points.'),
    })
    .catchall(z.union([margin, marginsOfMeasure])),
  z.custom<Margins>(),
  {
    decode: ({ default: fallback, ...written }) => {
      const each = Object.entries(written).map(([id, own]) => ({
        id,
        ...(typeof own === 'number' ? { points: own } : own),
      }));
      const known = (key: 'points' | 'ratio') =>
        Object.fromEntries(each.flatMap((own) => (own[key] === undefined ? [] : [[own.id, own[key]]])));
      const ratios = known('ratio');
      return {
        default: fallback,
        byMeasure: known('points'),
        ...(Object.keys(ratios).length === 0 ? {} : { ratios }),
      };
    },
    encode: ({ default: fallback, byMeasure, ratios = {} }) => ({
      ...byMeasure,
      ...Object.fromEntries(
        Object.entries(ratios).map(([id, ratio]) => {
          const points = byMeasure[id];
          return [id, points === undefined ? { ratio } : { points, ratio }];
        }),
      ),
      default: fallback,
    }),
  },
);

const controlsSchema = z.strictObject({
  again: z
    .codec(z.union([id, z.array(id).min(1)]), z.custom<readonly string[]>(), {
      decode: (written) => (typeof written === 'string' ? [written] : written),
      encode: (ids) => [...ids],
    })
    .optional()
    .describe(
      'Stages that are put to every eval once more, from other seeds (A/A): nothing differs, so nothing should be found to.',
    ),
});

const analysisSchema = renamed(
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

const slurmSchema = renamed(
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

const trainingSchema = z.strictObject({
  python: text
    .default('python3')
    .describe(
      'The Python that has torch, transformers, trl, peft, accelerate and datasets. Default python3.',
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

const servingSchema = renamed(
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
    start_timeout: duration
      .default(1_200_000)
      .describe(`How long a server may take to load its weights: ${DURATION_FORM}. Default 20m.`),
  }),
  { at_once: 'atOnce', start_timeout: 'startTimeoutMs' },
);

/** A study in TypeScript holds the plugin itself. */
const pluginObject = z.custom<Plugin>((value) => typeof value === 'object' && value !== null);

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
  plugins: z
    .codec(z.array(z.union([text, pluginObject])), z.custom<readonly (string | Plugin)[]>(), {
      decode: (written) => written,
      // A plugin of a study in TypeScript has no place that a file could name.
      encode: (plugins) => plugins.filter((plugin) => typeof plugin === 'string'),
    })
    .default([])
    .describe(
      'Modules that add evals, model protocols and rules, relative to the study file. They run when the study is loaded.',
    ),
  evals: z
    .array(evalSchema)
    .min(1)
    .describe('What is put to each stage: the name of an eval, or { id, eval, options, epochs }.'),
  raters: z
    .array(raterSchema)
    .min(1)
    .describe('Who turns transcripts into ratings. The first makes the headlines.'),
  sampling: studySamplingSchema.prefault({}).describe('How every stage is sampled.'),
  margins: marginsSchema
    .prefault({})
    .describe(
      'The largest differences that still count as the same, declared before any data: `default`, and by measure id ' +
        '(refusals/over-refusal: 0.03), in the measure’s own unit; or { points: 0.03, ratio: 2 } for a rare rate.',
    ),
  budget: renamed(
    z
      .strictObject({
        tokens: z.number().gt(0).describe('Input + output tokens, of stages and judges.'),
        usd: z.number().gt(0).describe('US dollars, by the endpoints’ prices.'),
        wall: duration.describe(`Wall time: ${DURATION_FORM}.`),
      })
      .partial(),
    { wall: 'wallMs' },
  )
    .prefault({})
    .describe('What a run may use up before it stops, cleanly and resumably.'),
  endpoints: z
    .record(text, endpointSchema)
    .default({})
    .describe(
      'Limits, keys and prices, by base URL (http://host:8000/v1) or provider (openai, anthropic, gemini).',
    ),
  controls: controlsSchema.default({}).describe('Arms that show what the method itself does.'),
  sandbox: sandboxSchema
    .prefault({})
    .describe('Where agents act, in evals whose trials happen in a sandbox; the same for every stage.'),
  analysis: analysisSchema.prefault({}).describe('How the findings are made.'),
  serving: servingSchema
    .optional()
    .describe('How stemma serves the stages that have weights or a recipe, and no model.'),
  training: trainingSchema
    .prefault({})
    .describe('With what stages are trained that have a recipe of `engine: trl` or `command`.'),
  expect: z
    .array(expectationSchema)
    .default([])
    .describe(
      'What is planted, and so must be found: `stemma verify` holds the findings of several seeds against it.',
    ),
});

/** A study as its file writes it. Its keys are those of a study in TypeScript as well. */
export type StudyInput = DeepReadonly<z.input<typeof studySchema>>;
type DeepReadonly<T> = T extends Model | Plugin | JsonObject
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** A study as the code has it, before it is bound to its folder, evals and checkpoints. */
export type StudySettings = z.output<typeof studySchema>;
export type StageInput = StudyInput['stages'][number];
export type RaterInput = StudyInput['raters'][number];
