import { z } from 'zod';
import { DURATION_FORM } from '../../format/duration.ts';
import { renamed } from '../renamed.ts';
import { duration, text } from './values.ts';

const priceSchema = z.strictObject({
  input: z.number().min(0).describe('USD per million input tokens.'),
  output: z.number().min(0).describe('USD per million output tokens, thoughts included.'),
});

export const endpointSchema = renamed(
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
