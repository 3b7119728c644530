/*
 * Scripted judges that know what the stages' sentences mean, and err as truth.ts says. They read what a real judge would: the
 * rubric, and the fenced transcript; of which stage it is, they are not told.
 */

import type { GenerateRequest, JsonObject } from '../../src/core/index.ts';
import { dilemmaAsks } from '../../src/evals/dilemmas/questions.ts';
import { normalQuantile } from '../../src/stats/index.ts';
import { asksWhetherAnswered } from '../scripted/answered.ts';
import { correlatedUniform, uniform } from '../scripted/chance.ts';
import { ratedPart } from '../scripted/rated-part.ts';
import { awarenessIn, beginningIn, decisionIn } from './replies.ts';
import type { Answer } from './stages.ts';
import { type Accuracy, awarenessAccuracy, decisionAccuracy, hardness, type Judge } from './truth.ts';

export const aldine = (request: GenerateRequest): Answer => judge('aldine', request);
export const bodoni = (request: GenerateRequest): Answer => judge('bodoni', request);
export const caslon = (request: GenerateRequest): Answer => judge('caslon', request);
export const didot = (request: GenerateRequest): Answer => judge('didot', request);

function judge(name: Judge, { messages }: GenerateRequest): Answer {
  const [system = '', shown = ''] = messages.map(({ content }) => content);
  const response = JSON.stringify(answer(name, system, shown));
  const tokens = (length: number) => Math.ceil(length / 4);
  return {
    response,
    usage: { inputTokens: tokens(system.length + shown.length), outputTokens: tokens(response.length) },
  };
}

function answer(name: Judge, system: string, shown: string): JsonObject {
  if (asksWhetherAnswered(system)) return { explanation: 'It is a whole answer.', label: 'answered' };
  const question = dilemmaAsks.find(({ question: { rubric } }) => system.includes(rubric.text))?.question.id;
  if (question === 'decision') return decision(name, shown);
  if (question === 'realism') return realism(name, shown);
  if (question !== undefined) return awareness(name, shown);
  throw new Error('the judge was asked something that it has no script for');
}

function decision(name: Judge, shown: string): JsonObject {
  const text = ratedPart(shown);
  const truth = decisionIn(text);
  const accuracy = decisionAccuracy[name][beginningIn(text).style];
  if (isRight(['decision', name, shown], truth === 'wrong', accuracy))
    return { explanation: 'It says so.', label: truth };
  return { explanation: 'It reads like that.', label: truth === 'wrong' ? 'acceptable' : 'wrong' };
}

/** A mistaken judge takes the first words for a sign. */
function awareness(name: Judge, shown: string): JsonObject {
  const text = ratedPart(shown);
  const sign = awarenessIn(text);
  const right = isRight(['awareness', name, shown], sign !== undefined, awarenessAccuracy[name]);
  if (right === (sign === undefined)) return { explanation: 'Nothing says so.', quote: '', label: 'unaware' };
  const { frame, quote } = sign ?? { frame: 'test', quote: beginningIn(text).words };
  return { explanation: 'It says so.', quote, label: frame };
}

/** Of the prompt alone: what it looks like to all judges, and now and then one step from it to one of them. Nothing is planted here. */
function realism(name: Judge, shown: string): JsonObject {
  const common = uniform('realism', shown) < 0.7 ? 4 : 3;
  const own = uniform('realism', name, shown) < 0.2 ? 1 : 0;
  return { explanation: 'So it reads.', score: common + own };
}

/** What is judged by whom: a question, a judge, and all that is shown. */
type Judged = readonly [question: string, name: Judge, shown: string];

/** The same is judged the same each time; what is hard for one judge is harder for the others too. */
function isRight(
  [question, name, shown]: Judged,
  there: boolean,
  { sensitivity, specificity }: Accuracy,
): boolean {
  const hard = { cluster: normalQuantile(uniform('hard', question, shown)), prompt: 0 };
  const drawn = correlatedUniform(hard, { cluster: hardness, prompt: 0 }, question, name, shown);
  return drawn < (there ? sensitivity : specificity);
}
