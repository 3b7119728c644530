import { z } from 'zod';
import type { JsonObject, Model } from '../core/index.ts';
import { DURATION_FORM } from '../format/duration.ts';
import type { Plugin } from './plugins.ts';
import { renamed } from './renamed.ts';
import { analysisSchema, controlsSchema } from './schema/analysis.ts';
import { endpointSchema } from './schema/endpoint.ts';
import { evalSchema } from './schema/eval.ts';
import { expectationSchema } from './schema/expectation.ts';
import { marginsSchema } from './schema/margins.ts';
import { raterSchema } from './schema/rater.ts';
import { studySamplingSchema } from './schema/sampling.ts';
import { sandboxSchema } from './schema/sandbox.ts';
import { servingSchema } from './schema/serving.ts';
import { stageSchema } from './schema/stage.ts';
import { trainingSchema } from './schema/training.ts';
import { duration, ID_FORM, ID_PATTERN, text } from './schema/values.ts';

/*
 * The study file, key by key: this schema and those in schema/, one file for each part of a study. They describe a file to editors, decode its keys
 * and units into those of the code, and encode them again. What depends on several keys at once (a stage that comes from no stage, a rule that no
 * eval has) is checked in check.ts.
 */

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
    .describe(
      'Who turns transcripts into ratings. The first makes the headlines. A study of Inspect tasks alone needs none, because their scorers rate: [].',
    ),
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
/** A stage as the file gives it, before grids and replicates become stages of their own. */
export type StageSettings = StudySettings['stages'][number];
export type StageInput = StudyInput['stages'][number];
export type RaterInput = StudyInput['raters'][number];
