export { autorater, contextOf, type Judging, judgeSampling } from './autorater.ts';
export { batteryPrompt } from './battery.ts';
export { answers } from './calls.ts';
export {
  checkRater,
  type MovedCounts,
  type QuestionCheck,
  type RaterCheck,
  ratingsOfCheck,
  type ShuffledCheck,
} from './checks/check.ts';
export { BYTES_A_TOKEN, type JudgeContext, transcriptTokens } from './context.ts';
export { combinePanel, type PanelInfo, type PanelValue, panelInfo } from './panel.ts';
export {
  type JudgePrompt,
  judgePrompt,
  type Section,
  type ShownTranscript,
  sectionsOf,
  TRANSCRIPT_CHARACTERS,
} from './prompt.ts';
export { rateTranscript, ratingOf } from './rate-transcript.ts';
export { laterRubric, loadRubric, parseRubric, type RubricFile, type RubricMeasure } from './rubric.ts';
export { ruleRater } from './rule.ts';
export { SharedRatings } from './shared-ratings.ts';
export { showsThoughts, viewOf } from './view.ts';
