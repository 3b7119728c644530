export {
  type CheckOptions,
  checkRater,
  type EmptyCheck,
  type Move,
  type Moves,
  type QuestionCheck,
  type RaterCheck,
  ratingsOfCheck,
  type ShuffledCheck,
} from './check.ts';
export { type Injection, injections, injectionText, neutralAdditions, withText } from './injections.ts';
