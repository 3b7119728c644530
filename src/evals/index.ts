import { type Eval, InputError } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import { dilemmas } from './dilemmas/index.ts';
import { microEvals } from './micro/index.ts';
import { odcv } from './odcv/index.ts';
import { refusals } from './refusals/index.ts';
import { rewardHacking } from './reward-hacking/index.ts';
import { userLogs } from './user-logs/index.ts';

/** Every eval family that a study can name, by its name. */
export const evals: Readonly<Record<string, Eval>> = Object.fromEntries(
  [refusals, dilemmas, odcv, userLogs, rewardHacking, ...microEvals].map((each) => [each.name, each]),
);

/** @throws InputError with the nearest name when there is no such eval */
export function findEval(name: string): Eval {
  if (Object.hasOwn(evals, name)) return evals[name]!;
  const known = Object.keys(evals);
  const meant = nearest(name, known);
  throw new InputError(`there is no eval "${name}"`, {
    remedy: meant === undefined ? `Known evals: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  });
}
