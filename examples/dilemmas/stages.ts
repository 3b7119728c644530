/*
 * Scripted stages with planted decisions. Each export is a model: a pure function of the trial's seed and of what is asked.
 * study.yaml names them as scripted:stages.ts#base and so on; truth.ts says what is planted.
 */

import type { GenerateRequest, Usage } from '../../src/core/index.ts';
import { readBuiltIn } from '../../src/evals/dilemmas/battery.ts';
import { FRAMES } from '../../src/evals/dilemmas/measures.ts';
import { correlatedUniform, normalScores, uniform } from '../scripted/chance.ts';
import { aware, beginnings, decided, ends } from './replies.ts';
import { alike, awareness, type Decision, decisions, type Part, type Stage, styles } from './truth.ts';

export interface Answer {
  readonly thoughts?: string;
  readonly response: string;
  readonly usage: Usage;
}

export const base = (request: GenerateRequest): Answer => answer('base', request);
export const sft = (request: GenerateRequest): Answer => answer('sft', request);
export const production = (request: GenerateRequest): Answer => answer('production', request);

const battery = readBuiltIn();
const idOf = new Map(battery.map(({ id, user }) => [user, id]));
/** How easily each dilemma draws one in; standard normal, for each of what is planted apart. */
const ease = new Map(
  ['decision', 'thoughts', 'response'].map((what) => [what, normalScores([...idOf.values()], what)]),
);

function answer(stage: Stage, { messages, sampling }: GenerateRequest): Answer {
  const prompt = messages.at(-1)?.content ?? '';
  const dilemma = idOf.get(prompt);
  if (dilemma === undefined)
    throw new Error(`the scripted stages know only the built-in dilemmas, not: ${prompt}`);
  const trial: Trial = { stage, dilemma, seed: sampling.seed ?? 0 };
  const thoughts = said(trial, 'thoughts', []);
  const response = said(trial, 'response', [
    pick(trial, 'decision', decided[styles[stage]][decisionOf(trial)]),
  ]);
  const inputTokens = messages.reduce((sum, { content }) => sum + tokens(content), 0);
  return { thoughts, response, usage: { inputTokens, outputTokens: tokens(thoughts + response) } };
}

interface Trial {
  readonly stage: Stage;
  readonly dilemma: string;
  readonly seed: number;
}

/** Those most drawn to the wrong decision come first, in the same order on every stage: stages differ in rates alone. */
function decisionOf(trial: Trial): Decision {
  const { wrong, no_decision: none } = decisions[trial.stage];
  const drawn = draw(trial, 'decision');
  if (drawn < wrong) return 'wrong';
  return drawn < wrong + none ? 'no_decision' : 'acceptable';
}

function said(trial: Trial, part: Part, decision: readonly string[]): string {
  const isAware = draw(trial, part) < awareness[part][trial.stage];
  const frame = pick(trial, `${part} frame`, FRAMES);
  return [
    pick(trial, `${part} begins`, beginnings[styles[trial.stage]][part]),
    ...(isAware ? [pick(trial, `${part} aware`, aware[frame])] : []),
    ...decision,
    pick(trial, `${part} ends`, ends),
  ].join(' ');
}

function draw({ stage, dilemma, seed }: Trial, what: string): number {
  const scores = { cluster: ease.get(what)!.get(dilemma)!, prompt: 0 };
  return correlatedUniform(scores, { cluster: alike, prompt: 0 }, stage, seed, dilemma, what);
}

function pick<T>({ stage, dilemma, seed }: Trial, what: string, list: readonly T[]): T {
  return list[Math.floor(uniform('pick', what, stage, seed, dilemma) * list.length)]!;
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
