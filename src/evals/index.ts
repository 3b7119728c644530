import { type Eval, InputError, type Rule } from '../core/index.ts';
import { didYouMean } from '../files/index.ts';
import { choice } from './choice/index.ts';
import { dilemmas } from './dilemmas/index.ts';
import { microEvals } from './micro/index.ts';
import { odcv } from './odcv/index.ts';
import { refusals } from './refusals/index.ts';
import { rewardHacking } from './reward-hacking/index.ts';
import { userLogs } from './user-logs/index.ts';

export { elicitSingleTurn } from './single-turn.ts';

const registered: Record<string, Eval> = Object.fromEntries(
  [refusals, dilemmas, odcv, userLogs, rewardHacking, choice, ...microEvals].map((each) => [each.name, each]),
);

/** Every eval family that a study can name, by its name: stemma's own, and those of the plugins loaded so far. */
export const evals: Readonly<Record<string, Eval>> = registered;

/** Makes an eval of a plugin known to this process. @throws InputError when another eval has its name */
export function addEval(added: Eval): void {
  const taken = Object.hasOwn(evals, added.name) ? evals[added.name] : undefined;
  if (taken !== undefined && taken !== added)
    throw new InputError(`there is an eval "${added.name}" already`, { remedy: 'Give it another name.' });
  registered[added.name] = added;
}

/**
 * Adds a rule of a plugin to a question of an eval.
 *
 * @throws InputError when there is no such eval or question, or the question has another rule by this name
 */
export function addRule(name: string, id: string, rule: Rule): void {
  const { questions } = findEval(name);
  const question = questions.find((each) => each.id === id);
  if (question === undefined) {
    const remedy = didYouMean(
      id,
      questions.map((each) => each.id),
    );
    throw new InputError(`the eval "${name}" has no question "${id}"`, { remedy });
  }
  const taken = Object.hasOwn(question.rules, rule.name) ? question.rules[rule.name] : undefined;
  if (taken !== undefined && taken !== rule)
    throw new InputError(`the question "${id}" of the eval "${name}" has a rule "${rule.name}" already`, {
      remedy: 'Give it another name.',
    });
  (question.rules as Record<string, Rule>)[rule.name] = rule;
}

/** @throws InputError with the nearest name when there is no such eval */
export function findEval(name: string): Eval {
  if (Object.hasOwn(evals, name)) return evals[name]!;
  throw new InputError(`there is no eval "${name}"`, {
    remedy: didYouMean(name, Object.keys(evals), (known) => `Known evals: ${known.join(', ')}.`),
  });
}
