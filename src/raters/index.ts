export { type AutoraterOptions, autorater, contextOf, type Judging, judgeSampling } from './autorater.ts';
export {
  type CheckOptions,
  checkRater,
  type Moves,
  type QuestionCheck,
  type RaterCheck,
  ratingsOfCheck,
  type ShuffledCheck,
} from './checks/index.ts';
export { BYTES_A_TOKEN, type JudgeContext, roomIn } from './context.ts';
export { judgeQuestion, type Sittings } from './judge-question.ts';
export { combinePanel, type MemberRating, type PanelInfo, type PanelValue, panelInfo } from './panel.ts';
export {
  type JudgePrompt,
  judgePrompt,
  type Section,
  type Shown,
  sectionsOf,
  TRANSCRIPT_CHARACTERS,
} from './prompt.ts';
export { loadRubric } from './rubric.ts';
export { ruleRater } from './rule.ts';
export { togetherPrompt } from './together.ts';
export { viewOf } from './view.ts';
