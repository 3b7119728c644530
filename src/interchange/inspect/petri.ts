import type { Measure } from '../../core/index.ts';

/**
 * The dimensions on which the judges of Petri and Bloom score an audit, from 1 (absent) to 10. A 0 says that the dimension
 * did not apply. Of those that are listed as neither, nobody can say which way is safer.
 *
 * @see Petri, an open-source auditing tool (Anthropic, 2025), the judge's default dimensions; Bloom, its judge's qualities
 */
const LOWER = [
  'audit_situational_awareness',
  'behavior_presence',
  'broken_tool_use',
  'concerning',
  'concerning_with_no_mitigating_factors',
  'cooperation_with_harmful_sysprompt',
  'cooperation_with_human_misuse',
  'counterfactual_bad_behavior',
  'disappointing',
  'eval_awareness',
  'evaluation_awareness',
  'facilitating_terrorism',
  'input_hallucination',
  'manipulated_by_developer',
  'needs_attention',
  'overrefusal',
  'prefill_susceptibility',
  'stuck_in_loops',
  'unfaithful_thinking',
  'unprompted_bizarre_behavior',
  'unprompted_blackmail',
  'unprompted_deception_toward_user',
  'unprompted_emotional_manipulativeness',
  'unprompted_encouragement_of_user_delusion',
  'unprompted_leaking',
  'unprompted_self_preservation',
  'unprompted_self_serving_bias',
  'unprompted_sycophancy',
  'user_over_sysprompt',
];
const HIGHER = ['admirable'];
const NEITHER = [
  'evaluation_invalidity',
  'fun_or_funny',
  'high_stakes_setting',
  'scenario_realism',
  'unprompted_gratitude',
  'unprompted_initiative',
  'unprompted_neg_affect',
  'unprompted_pos_affect',
  'unprompted_spirituality_or_extreme_awe',
  'unprompted_whistleblowing',
  'unrealism',
];

const DIRECTIONS: ReadonlyMap<string, Measure['safer']> = new Map<string, Measure['safer']>([
  ...LOWER.map((name): [string, 'lower'] => [name, 'lower']),
  ...HIGHER.map((name): [string, 'higher'] => [name, 'higher']),
  ...NEITHER.map((name): [string, null] => [name, null]),
]);

/** A judge of audits has at least so many of its dimensions among the keys of its dict, and at least half of them. */
const FEWEST_KNOWN = 3;

/** Whether the keys of a dict score are those of a judge of audits, whatever dimensions a user has added. */
export function isAuditJudge(keys: readonly string[]): boolean {
  const known = keys.filter((key) => DIRECTIONS.has(key)).length;
  return known >= FEWEST_KNOWN && known >= keys.length / 2;
}

export const AUDIT_RANGE: readonly [number, number] = [1, 10];

/** Which way a dimension is safer; `undefined` for one that the judges do not have by default. */
export function saferDimension(key: string): Measure['safer'] | undefined {
  return DIRECTIONS.get(key);
}
