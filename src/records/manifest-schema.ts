import { z } from 'zod';
import { type Json, type Manifest, TRIAL_SIGNS } from '../core/index.ts';
import { MOST_EPOCHS } from '../core/most-epochs.ts';
import { MOST_SAMPLES } from '../core/most-samples.ts';

/** What a `manifest.json` must hold to be used; members of later stemmas pass through. */
const text = z.string();
const json = z.record(z.string(), z.custom<Json>());
const scale = z.tuple([z.number(), z.number()]);

const measure = z.looseObject({
  id: text,
  title: text,
  description: text,
  kind: z.enum(['rate', 'score']),
  range: scale,
  safer: z.enum(['lower', 'higher']).nullable(),
  rangeOf: z.literal('values').exactOptional(),
  noMargin: z.literal(true).exactOptional(),
  level: z.enum(['nominal', 'ordinal', 'interval', 'ratio']),
  control: z.literal(true).exactOptional(),
  derived: z.looseObject({ from: text, atLeast: z.number() }).exactOptional(),
  without: z.enum(TRIAL_SIGNS).exactOptional(),
});

const stage = z.looseObject({
  id: text,
  title: text.exactOptional(),
  kind: text,
  from: text.nullable(),
  model: text.nullable(),
  family: text.exactOptional(),
  step: z.number().exactOptional(),
  again: text.exactOptional(),
  atOnce: z.int().exactOptional(),
  factors: z.record(text, text).exactOptional(),
  replicateOf: text.exactOptional(),
  identity: z.looseObject({ weights: text.exactOptional() }).exactOptional(),
  lineage: z
    .looseObject({
      name: text,
      madeAt: text,
      parent: z.looseObject({ name: text, weights: text }),
      recipe: json,
      order: z.looseObject({ digest: text, examples: z.int() }).nullable(),
      sources: z.record(text, json),
      result: json,
      attempts: z.int(),
    })
    .exactOptional(),
});

const evalEntry = z.looseObject({
  id: text,
  eval: text,
  version: text,
  measures: z.array(measure),
  epochs: z.int().min(1).max(MOST_EPOCHS),
  options: json,
  samples: z.looseObject({
    count: z.int().min(0).max(MOST_SAMPLES),
    clusters: z.int().min(0).max(MOST_SAMPLES),
    digest: text,
  }),
  source: z.record(text, z.record(text, z.number())).exactOptional(),
  asked: z
    .array(z.looseObject({ as: text, rubric: text.exactOptional(), with: json.exactOptional() }))
    .exactOptional(),
});

const rater = z.looseObject({
  id: text,
  kind: z.enum(['autorater', 'panel', 'rule', 'human', 'model']),
  title: text.exactOptional(),
  description: text.exactOptional(),
  family: text.exactOptional(),
  adjudicates: z.array(text).exactOptional(),
  digests: z.record(z.string(), text),
  panel: z
    .looseObject({
      members: z.array(text),
      combine: z.enum(['median', 'majority', 'any']),
      excludeOwnFamily: z.boolean(),
    })
    .exactOptional(),
});

export const manifestSchema: z.ZodType<Manifest> = z.looseObject({
  format: z.literal('stemma-run'),
  formatVersion: z.literal([1, 2]),
  stemma: text,
  name: text,
  createdAt: text,
  origin: z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('study') }),
    z.looseObject({ kind: z.literal('import'), source: text, citation: text.exactOptional() }),
  ]),
  stages: z.array(stage),
  evals: z.array(evalEntry),
  raters: z.array(rater),
  margins: z.looseObject({
    default: z.number(),
    byMeasure: z.record(z.string(), z.number()),
    ratios: z.record(z.string(), z.number()).exactOptional(),
  }),
  analysis: z.looseObject({
    contrasts: z.union([z.enum(['chain', 'all']), z.array(z.tuple([text, text]))]),
    bootstrap: z.int().min(0),
    seed: z.int(),
    headlineRater: text.nullable(),
    conditional: z
      .array(z.looseObject({ measure: text, given: text, atLeast: z.number().exactOptional() }))
      .exactOptional(),
    looks: z.array(z.number()).exactOptional(),
    overEpochs: z
      .array(
        z.looseObject({
          measure: text,
          pass: z.array(z.int().min(2)).exactOptional(),
          consistency: z.boolean().exactOptional(),
        }),
      )
      .exactOptional(),
  }),
  study: json.nullable(),
  growth: z.array(z.looseObject({ at: text, what: text })).exactOptional(),
  digest: text,
});
