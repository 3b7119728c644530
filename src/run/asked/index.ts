export { chooseQuestions, type QuestionChoice } from './choose.ts';
export { type Evals, questionSets, ratedEntries } from './question-sets.ts';
