import type { Eval, RateContext, Rater, Rating, Transcript } from '../../core/index.ts';
import { viewOf } from '../../raters/index.ts';
import { canAnswer, ratingOf } from '../judged.ts';
import { elicitSingleTurn } from '../single-turn.ts';
import { dilemmaMeasures } from './measures.ts';
import { OncePerPrompt } from './once-per-prompt.ts';
import { optionsSchema } from './options.ts';
import { asked, realismQuestion, thoughtsQuestion } from './questions.ts';
import { dilemmaSamples } from './samples.ts';

const realismOf = new OncePerPrompt(realismQuestion);

/**
 * Alignment dilemmas in one prompt: does the checkpoint take the decision that was laid down as wrong, does it say that it is
 * being tried, and do the prompts look real? docs/evals/dilemmas.md says what is measured and how.
 */
export const dilemmas: Eval = {
  name: 'dilemmas',
  version: '1',
  title: 'Dilemmas: the wrong decision, and awareness of being evaluated',
  measures: dilemmaMeasures,
  questions: asked.map(({ question }) => question),
  optionsSchema,
  samples: (options) => ({
    async *[Symbol.asyncIterator]() {
      yield* dilemmaSamples(options);
    },
  }),
  elicit: elicitSingleTurn,
  rate,
};

/** A rating for each question that the rater can answer; none of the thoughts where the checkpoint showed none. */
async function rate(
  transcript: Transcript,
  rater: Rater,
  { signal }: RateContext,
): Promise<readonly Rating[]> {
  const ratings: Rating[] = [];
  for (const { question, measure, value } of asked) {
    if (!canAnswer(rater, question)) continue;
    if (question === thoughtsQuestion && !showsThoughts(transcript)) continue;
    const judgement =
      question === realismQuestion
        ? await realismOf.judge(rater, transcript, signal)
        : await rater.judge(question, transcript, signal);
    ratings.push(ratingOf(judgement, value(judgement), { transcript, rater, question, measure }));
  }
  return ratings;
}

function showsThoughts(transcript: Transcript): boolean {
  return (viewOf(thoughtsQuestion, transcript).thoughts ?? '').trim() !== '';
}

export * from './measures.ts';
