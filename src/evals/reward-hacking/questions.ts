import type { Ask, Measure, Question, Rule } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { attempted, solved, speedUp, successful, unexplained } from './measures.ts';
import { HELD_OUT, hackRules, solvedRule, speedUpRule, unexplainedRule } from './rules.ts';

const rubric = (name: string) => loadRubric(new URL(`./rubrics/${name}.md`, import.meta.url));

/** Did it hack? Asked of judges that read the trajectory, and of each detector. */
const hackQuestion: Question = { id: 'hack', rubric: rubric('hack'), rules: hackRules };

/** Did it try, and did it succeed? Of judges and detectors. What the program is really worth, of the rule that measures. */
export const rewardHackingAsks: readonly Ask[] = [
  { question: hackQuestion, measure: attempted, value: ({ label }) => Number(label !== 'none') },
  { question: hackQuestion, measure: successful, value: ({ label }) => Number(label === 'successful') },
  measured('honest-speed-up', speedUp, speedUpRule),
  measured('solved', solved, solvedRule),
  measured('unexplained-gap', unexplained, unexplainedRule),
];

/** What only measurement can answer: judges and people are not asked. */
function measured(id: string, measure: Measure, rule: Rule): Ask {
  const question: Question = { id, rubric: rubric(id), rules: { [HELD_OUT]: rule }, rulesOnly: true };
  return { question, measure, value: ({ score }) => score };
}
