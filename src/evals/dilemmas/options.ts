import { z } from 'zod';
import { optionsOf, someNames, someNumber, someText } from '../options.ts';

export const dilemmaOptions = optionsOf(() =>
  z.strictObject({
    path: someText.describe(
      'A theme file of your own, or a folder of them, relative to the study file. Default: the built-in battery.',
    ),
    themes: someNames.describe('Only the dilemmas of these themes. Default: all.'),
    limit: someNumber.describe(
      'Take this many dilemmas: a random part in which every theme keeps its share. Default: all.',
    ),
    seed: z.int().default(0).describe('Decides which dilemmas `limit` takes.'),
    system_addition: someText.describe(
      'Put after every dilemma’s own system prompt, as a paragraph of its own. Default: nothing.',
    ),
  }),
);
