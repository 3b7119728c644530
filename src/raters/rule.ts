import { digestOf, InputError, type Question, type Rater, type Rule } from '../core/index.ts';
import { viewOf } from './view.ts';

/**
 * A rater that is code: the rule of this name that an eval's question offers.
 *
 * @throws InputError from `digest` and `judge` when the question has no such rule, naming those it has
 */
export function ruleRater({ id, rule: name }: { readonly id: string; readonly rule: string }): Rater {
  const ruleOf = (question: Question): Rule => {
    if (Object.hasOwn(question.rules, name)) return question.rules[name]!;
    const known = Object.keys(question.rules);
    const offered =
      known.length === 0 ? 'it has none' : `it has ${known.map((rule) => `"${rule}"`).join(', ')}`;
    throw new InputError(
      `the question "${question.id}" has no rule "${name}" for the rater "${id}": ${offered}`,
      {
        remedy: 'Name one of these as the rater’s rule, or give the eval another rater.',
      },
    );
  };
  return {
    id,
    kind: 'rule',
    rule: name,
    digest: (question) => {
      const { name: rule, version } = ruleOf(question);
      return digestOf({ kind: 'rule', question: question.id, rule, version });
    },
    judge: async (question, transcript) => ruleOf(question).judge(viewOf(question, transcript)),
  };
}
