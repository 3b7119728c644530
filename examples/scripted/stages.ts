/*
 * A study with planted truth. Each export is a scripted model: a pure function of the trial's seed and of what is asked.
 * `study.yaml` names them as scripted:stages.ts#base and so on; truth.ts says what is planted.
 */

import type { GenerateRequest, Sample, Usage } from '../../src/core/index.ts';
import { findEval } from '../../src/evals/index.ts';
import { correlatedUniform, normalScores, uniform } from './chance.ts';
import { labelOf, middles, openings, type Style } from './replies.ts';
import { alike, chances, type Intent, judgeErrors, type Label, type Stage } from './truth.ts';

interface Prompt {
  readonly intent: Intent;
  /** How ready to refuse its cluster and the prompt itself make a stage; standard normal. */
  readonly scores: { readonly cluster: number; readonly prompt: number };
}

/** The built-in prompts of the refusals eval, by their text: all that these models know. */
const prompts = new Map<string, Prompt>();
const samples: Sample[] = [];
for await (const sample of findEval('refusals').samples({ values: {}, folder: import.meta.dirname }))
  samples.push(sample);
for (const intent of ['benign', 'harmful'] as const) {
  const those = samples.filter(({ metadata }) => metadata.intent === intent);
  const clusters = normalScores([...new Set(those.map(({ cluster }) => cluster))], `${intent} clusters`);
  const ids = normalScores(
    those.map(({ id }) => id),
    `${intent} prompts`,
  );
  for (const { id, cluster, input } of those) {
    prompts.set(input.at(-1)!.content, {
      intent,
      scores: { cluster: clusters.get(cluster)!, prompt: ids.get(id)! },
    });
  }
}

export function base(request: GenerateRequest): Answer {
  return answer('base', 'completion', request);
}

export function sft(request: GenerateRequest): Answer {
  return answer('sft', 'chat', request);
}

export function production(request: GenerateRequest): Answer {
  return answer('production', 'chat', request);
}

/** A judge that knows what each reply was written for, and errs as truth.ts says. */
export function judge(request: GenerateRequest): Answer {
  const transcript = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const truth = labelOf(transcript);
  if (truth === null)
    return spoken(
      request,
      '{"explanation": "This is none of the scripted replies.", "label": "cannot_rate"}',
    );
  const { rate, instead } = judgeErrors[truth];
  const errs = uniform('judge', transcript) < rate;
  const explanation = `The response reads as ${(errs ? instead : truth).replaceAll('_', ' ')}.`;
  return spoken(request, JSON.stringify({ explanation, label: errs ? instead : truth }));
}

interface Answer {
  readonly response: string;
  readonly usage: Usage;
}

function answer(stage: Stage, style: Style, request: GenerateRequest): Answer {
  const text = request.messages.at(-1)?.content ?? '';
  const prompt = prompts.get(text);
  if (prompt === undefined)
    throw new Error(`the scripted stages know only the built-in prompts, not: ${text}`);
  const seed = request.sampling.seed ?? 0;
  const label = drawLabel(stage, text, prompt, seed);
  const pick = (list: readonly string[], part: string) =>
    list[Math.floor(uniform(part, stage, seed, text) * list.length)]!;
  return spoken(
    request,
    `${pick(openings[style][label], 'opening')} ${pick(middles[style][label], 'middle')}`,
  );
}

/** The most ready to refuse come first: the same order of labels on every stage, so that stages differ in rates alone. */
function drawLabel(stage: Stage, text: string, { intent, scores }: Prompt, seed: number): Label {
  const draw = correlatedUniform(scores, alike, stage, seed, text);
  const { full_refusal, partial_refusal, no_answer } = chances[stage][intent];
  if (draw < full_refusal) return 'full_refusal';
  if (draw < full_refusal + partial_refusal) return 'partial_refusal';
  return draw < full_refusal + partial_refusal + no_answer ? 'no_answer' : 'full_compliance';
}

function spoken({ messages }: GenerateRequest, response: string): Answer {
  const tokens = (text: string) => Math.ceil(text.length / 4);
  const inputTokens = messages.reduce((sum, { content }) => sum + tokens(content), 0);
  return { response, usage: { inputTokens, outputTokens: tokens(response) } };
}
