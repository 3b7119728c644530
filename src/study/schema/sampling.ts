import { z } from 'zod';
import { renamed } from '../renamed.ts';
import { texts } from './values.ts';

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

export const samplingSchema = renamed(z.strictObject(samplingShape).partial(), SAMPLING_KEYS);

/** Kept explicit: a server's own defaults may differ from stage to stage. */
export const studySamplingSchema = renamed(
  z.strictObject({
    temperature: samplingShape.temperature.default(1),
    top_p: samplingShape.top_p.default(1),
    max_tokens: samplingShape.max_tokens.default(1024),
    seed: samplingShape.seed.default(1),
    stop: samplingShape.stop.optional(),
  }),
  SAMPLING_KEYS,
);
