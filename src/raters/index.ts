export { type AutoraterOptions, autorater, type Judging, judgeSampling } from './autorater.ts';
export { combinePanel, type MemberRating, type PanelInfo, type PanelValue, panelInfo } from './panel.ts';
export { type JudgePrompt, judgePrompt, type Shown } from './prompt.ts';
export { loadRubric } from './rubric.ts';
export { ruleRater } from './rule.ts';
export { togetherPrompt } from './together.ts';
export { viewOf } from './view.ts';
