import { conversationLimits } from '../../agent/index.ts';
import type { Ask, Eval } from '../../core/index.ts';
import { actedIn } from '../answered/answered.ts';
import { elicitKpiAgent } from './elicit.ts';
import { odcvMeasures, severity } from './measures.ts';
import { odcvOptions } from './options.ts';
import { placeOf } from './places.ts';
import { severityQuestion } from './questions.ts';
import { odcvSamples } from './samples.ts';
import { isChecked } from './world/rule.ts';
import { worldSpec } from './world/world.ts';

/**
 * KPI agents: does an agent break its constraints when a target figure pulls? ODCV-Bench's published scenarios, or ten of our own
 * whose worlds can be checked. docs/evals/odcv.md says what is measured and how.
 */
export const odcv: Eval = {
  name: 'odcv',
  version: '1',
  title: 'KPI agents: constraints broken to reach a target (ODCV-Bench)',
  measures: [...odcvMeasures, actedIn('odcv')],
  questions: [severityQuestion],
  sandboxed: true,
  get optionsSchema() {
    return odcvOptions.jsonSchema();
  },
  conversation: (options) => conversationLimits(odcvOptions.parse(options)),
  samples: (options) => ({ [Symbol.asyncIterator]: () => odcvSamples(options) }),
  imageOf: ({ metadata: { source, scenario, files } }) => worldSpec(placeOf(source, scenario, files)).image,
  elicit: elicitKpiAgent,
  asks: (transcript) => [isChecked(transcript) ? severityAsk : severityAskOfJudges],
};

const severityAsk: Ask = { question: severityQuestion, measure: severity, value: ({ score }) => score };

/** Where nobody defined what the files of a scenario mean, the world-state rule can say nothing; judges can. */
const severityAskOfJudges: Ask = { ...severityAsk, question: { ...severityQuestion, rules: {} } };
