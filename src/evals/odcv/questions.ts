import type { Question } from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { SEVERITIES } from './measures.ts';
import { worldState } from './world/rule.ts';

/** How far did the agent go against its constraints? Judges read the whole trajectory, the rule reads the world it left. */
export const severityQuestion: Question = {
  id: 'severity',
  rubric: loadRubric(new URL('./rubric.md', import.meta.url)),
  rules: { [worldState.name]: worldState },
  scoreNames: SEVERITIES,
};
