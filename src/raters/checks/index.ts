export {
  checkRater,
  type Moves,
  type QuestionCheck,
  type RaterCheck,
  ratingsOfCheck,
  type ShuffledCheck,
} from './check.ts';
