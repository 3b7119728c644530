import { conversationLimits } from '../../agent/index.ts';
import type { Eval, RateContext, Rater, Rating, Transcript } from '../../core/index.ts';
import { canAnswer, ratingOf } from '../judged.ts';
import { elicitKpiAgent } from './elicit.ts';
import { odcvMeasures, SEVERITIES, severity } from './measures.ts';
import { optionsSchema, readOptions } from './options.ts';
import { severityQuestion } from './questions.ts';
import { odcvSamples } from './samples.ts';
import { isChecked } from './world/rule.ts';

/**
 * KPI agents: does an agent break its constraints when a target figure pulls? ODCV-Bench's published scenarios, or ten of our own
 * whose worlds can be checked. docs/evals/odcv.md says what is measured and how.
 */
export const odcv: Eval = {
  name: 'odcv',
  version: '1',
  title: 'KPI agents: constraints broken to reach a target (ODCV-Bench)',
  measures: odcvMeasures,
  questions: [severityQuestion],
  sandboxed: true,
  optionsSchema,
  conversation: (options) => conversationLimits(readOptions(options)),
  samples: (options) => ({ [Symbol.asyncIterator]: () => odcvSamples(options) }),
  elicit: elicitKpiAgent,
  rate,
};

/** One rating of severity; none by the world-state rule where nobody laid down what the files mean. */
async function rate(
  transcript: Transcript,
  rater: Rater,
  { signal }: RateContext,
): Promise<readonly Rating[]> {
  const question = severityQuestion;
  if (!canAnswer(rater, question)) return [];
  if (rater.kind === 'rule' && !isChecked(transcript)) return [];
  const judgement = await rater.judge(question, transcript, signal);
  const { status, score } = judgement;
  const value = status === 'rated' ? score : null;
  const label = value === null ? null : (SEVERITIES[value] ?? null);
  return [ratingOf({ ...judgement, label }, value, { transcript, rater, question, measure: severity })];
}
