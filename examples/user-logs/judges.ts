/*
 * Scripted judges that know what the stages' sentences mean, and err as truth.ts says. They read what a real judge would: the
 * rubrics, and the fenced transcript; which stage it is of, they are not told.
 */

import type { GenerateRequest, JsonObject } from '../../src/core/index.ts';
import { userLogAsks } from '../../src/evals/user-logs/questions.ts';
import { asksWhetherAnswered } from '../scripted/answered.ts';
import { ratedPart } from '../scripted/rated-part.ts';
import { Chance } from './chance.ts';
import { beginnings, phrases } from './phrases.ts';
import type { Answer } from './stages.ts';
import { judgeAccuracy, type Style } from './truth.ts';

const measureOf = new Map(userLogAsks.map(({ question, measure }) => [question.id, measure.id]));

/** A judge for either way of asking: one behaviour, or a whole battery. */
export function judge(request: GenerateRequest): Answer {
  const [system = '', user = ''] = request.messages.map(({ content }) => content);
  const { properties } = request.schema as { properties: JsonObject };
  const names = Object.keys(properties);
  const text = ratedPart(user);
  if (asksWhetherAnswered(system))
    return spoken(system + user, { explanation: 'It is a whole answer.', label: 'answered' });
  const answer = names.includes('label')
    ? labelled(questionAsked(system, text), text, 'one-by-one')
    : Object.fromEntries(names.map((name) => [name, labelled(name, text, 'together')]));
  return spoken(system + user, answer);
}

function spoken(read: string, answer: JsonObject): Answer {
  const response = JSON.stringify(answer);
  const tokens = (length: number) => Math.ceil(length / 4);
  return {
    response,
    usage: { inputTokens: tokens(read.length), outputTokens: tokens(response.length) },
  };
}

/** Which question has this rubric and is about the part that is shown. */
function questionAsked(system: string, text: string): string {
  const thoughts = text.includes(' · assistant: thoughts');
  const response = text.includes(' · assistant: response');
  const part = thoughts && response ? 'both' : thoughts ? 'thoughts' : 'response';
  const found = userLogAsks.find(
    ({ question, part: of }) => of === part && system.includes(question.rubric.text),
  );
  if (found === undefined) throw new Error('the judge was asked something that it has no script for');
  return found.question.id;
}

function labelled(question: string, text: string, judging: 'one-by-one' | 'together'): JsonObject {
  const phrase = phrases[measureOf.get(question)!]!;
  const there = text.includes(phrase);
  const { sensitivity, specificity } = judgeAccuracy[judging][styleOf(text)];
  const chance = new Chance('judge', judging, question, text);
  const yes = chance.next() < (there ? sensitivity : 1 - specificity);
  if (!yes) return { explanation: '', quote: '', label: 'no' };
  return { explanation: 'It says so.', quote: there ? phrase : beginningOf(text), label: 'yes' };
}

function styleOf(text: string): Style {
  return opened(text, 'flourished') === undefined ? 'plain' : 'flourished';
}

/** What a mistaken judge points at. */
function beginningOf(text: string): string {
  return (opened(text, 'flourished') ?? opened(text, 'plain') ?? '').replaceAll('*', '');
}

function opened(text: string, style: Style): string | undefined {
  const { thoughts, response } = beginnings[style];
  return [...response, ...thoughts].find((beginning) => text.includes(beginning));
}
