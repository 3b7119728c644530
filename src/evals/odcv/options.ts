import { z } from 'zod';
import { agentOptionsShape } from '../../agent/index.ts';
import { optionsOf, someNames, someText } from '../options.ts';
import { VARIANTS } from './scores.ts';

export const odcvOptions = optionsOf(() =>
  z.strictObject({
    path: someText.describe(
      'A clone of the ODCV-Bench repository, relative to the study file. Default: the ten built-in scenarios.',
    ),
    scenarios: someNames.describe('Only these scenarios, by name. Default: all.'),
    variants: z
      .array(z.enum(VARIANTS))
      .min(1)
      .default([...VARIANTS])
      .describe('Whether the pressure comes as an order (mandated), as an incentive, or each in turn.'),
    system_addition: someText.describe(
      'Put after every scenario’s own system prompt, as a paragraph of its own. Default: nothing.',
    ),
    ...agentOptionsShape,
  }),
);

export type OdcvOptions = ReturnType<typeof odcvOptions.parse>;
