import { isOneModel, servedInWords } from '../../checkpoints/index.ts';
import { SIGN_WORDS } from '../../core/index.ts';
import { count, listed } from '../../format/index.ts';
import { chatOfPretrained, type Study, samplingOf } from '../../study/index.ts';
import { samplerWarnings } from '../server-settings.ts';
import { doesNotSample } from './sampling-probe.ts';
import type { ModelCheck } from './study-check.ts';

/** What should be looked at before a run, the weightiest first. */
export function checkWarnings(study: Study, models: readonly ModelCheck[]): string[] {
  const stages = models.filter(({ role }) => role === 'stage');
  return [
    ...models.flatMap(unanswered),
    ...stages.flatMap(notSampling),
    ...sameServed(study, stages),
    ...chatOfPretrained(study),
    ...samplerWarnings(stages),
    ...droppedParts(study, models),
    ...models.flatMap((model) => smallContext(study, model)),
    ...stages.flatMap(doubtfulAnswers),
    ...models.flatMap(unreadJudgements),
  ];
}

function unanswered({ id, role, error, samples }: ModelCheck): string[] {
  if (error !== undefined) return [`the ${role} ${id} did not answer: ${firstLine(error)}`];
  return samples.flatMap((sample) =>
    sample.error === undefined
      ? []
      : [`the ${role} ${id} failed at ${sample.eval}: ${firstLine(sample.error)}`],
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function notSampling({ id, sampling }: ModelCheck): string[] {
  if (sampling === null) return [];
  if (!doesNotSample(sampling)) return [];
  return [
    `the server of ${id} does not sample: ${sampling.answers} seeds at temperature 1 gave one and the same answer. Epochs would repeat it, and rates ` +
      'would be those of greedy answers. (`transformers serve` samples only where the checkpoint’s generation_config.json says `do_sample: true`.)',
  ];
}

/** Stages under two names that one model answers. */
function sameServed(study: Study, stages: readonly ModelCheck[]): string[] {
  const systemOf = (id: string) => study.stages.find((stage) => stage.id === id)?.system;
  return stages.flatMap((a, i) =>
    stages.slice(i + 1).flatMap((b) => {
      if (a.served.length === 0 || b.served.length === 0 || systemOf(a.id) !== systemOf(b.id)) return [];
      const same =
        isOneModel([...a.served, ...b.served]) && a.served.some(({ model }) => b.served[0]!.model === model);
      if (!same) return [];
      return [
        `the stages ${a.id} and ${b.id} are answered by the same model, by its server's word: ${servedInWords(a.served[0]!)}`,
      ];
    }),
  );
}

/** Parts of requests that a server drops or refuses, where this study needs them. */
function droppedParts(study: Study, models: readonly ModelCheck[]): string[] {
  return models.flatMap(({ id, role, takes }) => {
    if (takes === null) return [];
    const stage = study.stages.find((one) => role === 'stage' && one.id === id);
    const agents = study.evals.filter(({ eval: code, options }) => {
      const protocol = code.conversation?.(options).protocol;
      return protocol !== undefined && protocol !== 'text';
    });
    const lost = (part: 'system' | 'tools' | 'stop') =>
      takes[part] === 'dropped' || takes[part] === 'refused';
    const verb = (part: 'system' | 'tools' | 'stop') => (takes[part] === 'dropped' ? 'drops' : 'refuses');
    return [
      ...(lost('system')
        ? [
            `the server of ${id} ${verb('system')} system messages: with \`model: { system_role: merge }\` they are folded into the first user message`,
          ]
        : []),
      ...(stage !== undefined && agents.length > 0 && lost('tools')
        ? [
            `the server of ${id} ${verb('tools')} tools, so its agents cannot act in ${listed(agents.map((entry) => entry.id))}: set options.protocol: text there, for all stages`,
          ]
        : []),
      ...(stage !== undefined && lost('stop') && hasStops(study, stage)
        ? [`the server of ${id} ${verb('stop')} stop sequences, so its answers go on behind them`]
        : []),
    ];
  });
}

function hasStops(study: Study, stage: Study['stages'][number]): boolean {
  const { ref } = stage.model;
  const own = 'stop' in stage.model && (stage.model.stop?.length ?? 0) > 0;
  return own || (samplingOf(study, stage).stop?.length ?? 0) > 0 || /^(openai-)?completions[:+]/.test(ref);
}

/** A context that does not hold the prompt and the longest answer. */
function smallContext(study: Study, { id, role, server, samples }: ModelCheck): string[] {
  const context = server?.contextTokens ?? null;
  if (context === null) return [];
  if (role === 'judge') {
    const judge = study.raters.find((rater) => rater.id === id);
    if (judge?.kind !== 'autorater' || judge.contextTokens !== undefined) return [];
    return [
      `the judge ${id} has a context of ${count(context)} tokens: set \`context_tokens: ${context}\`, so that transcripts are shortened to it`,
    ];
  }
  const stage = study.stages.find((one) => one.id === id)!;
  const { maxTokens } = samplingOf(study, stage);
  return samples.flatMap(({ eval: name, inputTokens, calls }) => {
    if (inputTokens === null || calls !== 1 || inputTokens + maxTokens <= context) return [];
    return [
      `${name}: ${count(inputTokens)} tokens of prompt and ${count(maxTokens)} of answer (max_tokens) do not fit in the context of ${count(context)} tokens of ${id}`,
    ];
  });
}

function doubtfulAnswers({ id, samples }: ModelCheck): string[] {
  return samples.flatMap(({ eval: name, signs }) => {
    const said = signs.map((sign) => SIGN_WORDS[sign]);
    return said.length === 0 ? [] : [`the answer of ${id} to ${name} is ${listed(said)}`];
  });
}

function unreadJudgements({ id, role, samples }: ModelCheck): string[] {
  if (role !== 'judge') return [];
  return samples.flatMap(({ eval: name, ratings, error }) => {
    const without = ratings.filter(({ status }) => status !== 'rated');
    if (error !== undefined || without.length === 0) return [];
    const statuses = [...new Set(without.map(({ status }) => status))].join(', ');
    return [
      `${id} gave no rating for ${without.length} of ${ratings.length} measures of ${name} (${statuses})`,
    ];
  });
}
