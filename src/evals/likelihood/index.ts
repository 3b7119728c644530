export { elicitLikelihoods } from './elicit.ts';
export { logOddsMeasure, massMeasure, probability } from './measures.ts';
export { likelihoodAsks, likelihoodQuestions } from './questions.ts';
