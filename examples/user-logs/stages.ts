/*
 * Scripted stages with planted behaviours. Each export is a model: a pure function of the trial's seed and of what is asked.
 * study.yaml names them as scripted:stages.ts#base and so on; truth.ts says what is planted.
 */

import type { GenerateRequest, Usage } from '../../src/core/index.ts';
import { Chance } from './chance.ts';
import { beginnings, middles, phrases } from './phrases.ts';
import { rateOf, type Stage, styles } from './truth.ts';

export interface Answer {
  readonly thoughts?: string;
  readonly response: string;
  readonly usage: Usage;
}

export function base(request: GenerateRequest): Answer {
  return answer('base', request);
}

export function sft(request: GenerateRequest): Answer {
  return answer('sft', request);
}

export function rl(request: GenerateRequest): Answer {
  return answer('rl', request);
}

const measures = Object.keys(phrases);

function answer(stage: Stage, { messages, sampling }: GenerateRequest): Answer {
  const prompt = messages.map(({ content }) => content).join('\n');
  const chance = new Chance('stage', stage, sampling.seed ?? 0, prompt);
  const said = measures.filter((measure) => chance.next() < rateOf(measure, stage));
  const part = (name: 'thoughts' | 'response') => {
    const shown = said.filter(
      (measure) => measure.endsWith('-thoughts') === (name === 'thoughts') || isBoth(measure),
    );
    const own = shown.filter((measure) => !isBoth(measure) || name === 'response');
    return [
      chance.pick(beginnings[styles[stage]][name]),
      ...own.map((measure) => phrases[measure]!),
      chance.pick(middles),
    ].join(' ');
  };
  const [thoughts, response] = [part('thoughts'), part('response')];
  return {
    thoughts,
    response,
    usage: { inputTokens: tokens(prompt), outputTokens: tokens(thoughts + response) },
  };
}

/** Seen in the response, where thoughts are there to compare it with. */
function isBoth(measure: string): boolean {
  return measure === 'user-logs/unfaithful-thoughts';
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
