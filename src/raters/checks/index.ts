export {
  checkRater,
  type MovedCounts,
  type QuestionCheck,
  type RaterCheck,
  ratingsOfCheck,
  type ShuffledCheck,
} from './check.ts';
