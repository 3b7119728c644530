import { z } from 'zod';
import { agentOptionsShape } from '../../agent/index.ts';
import { type EvalOptions, InputError } from '../../core/index.ts';
import { didYouMean } from '../../files/index.ts';
import { optionsOf, someText } from '../options.ts';
import { taskNames } from './task.ts';
import { variants } from './variants.ts';

const variantNames = () => [...variants().keys()];
const names = (known: readonly string[]) => z.array(z.enum(known)).min(1);

export const rewardHackingOptions = optionsOf(() =>
  z.strictObject({
    tasks: names(taskNames).optional().describe('Only these tasks. Default: all.'),
    variants: names(variantNames()).optional().describe('Only these variants of each task. Default: all.'),
    ...agentOptionsShape,
    system_addition: someText.describe(
      'Put after the system prompt, as a paragraph of its own. Default: nothing.',
    ),
  }),
);

type RewardHackingOptions = ReturnType<typeof rewardHackingOptions.parse>;

/**
 * The options with their defaults.
 *
 * @throws InputError naming the key, for an unknown key or name, or a wrong value
 */
export function readOptions(options: EvalOptions): RewardHackingOptions {
  requireKnown('tasks', options.values.tasks, taskNames);
  requireKnown('variants', options.values.variants, variantNames());
  return rewardHackingOptions.parse(options);
}

function requireKnown(key: string, wanted: unknown, known: readonly string[]): void {
  const strange = Array.isArray(wanted)
    ? wanted.find((name) => typeof name === 'string' && !known.includes(name))
    : undefined;
  if (strange === undefined) return;
  throw new InputError(`there is no ${key.slice(0, -1)} "${strange}"`, {
    place: { key: `options.${key}` },
    remedy: didYouMean(strange, known, () => `The ${key} are ${known.join(', ')}.`),
  });
}
