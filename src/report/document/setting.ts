import type { Findings, Provenance } from '../../findings/findings.ts';
import { compact, count, counted, listed } from '../../format/index.ts';
import { type Block, heading, paragraph } from './block.ts';
import type { Scope } from './scope.ts';

/** How the run was made, as the methods paragraphs of a paper say it. */
export function setting(scope: Scope): Block[] {
  const { provenance: made } = scope.findings;
  if (made === undefined) return [];
  const paragraphs = [
    [stagesInWords(scope, made), evalsInWords(made), samplingInWords(scope, made)],
    [ratersInWords(scope, made), servedInWords(scope, made)],
    [datesInWords(made), tokensInWords(made), analysisInWords(scope.findings, made)],
  ];
  return [
    heading(3, 'How the run was made'),
    ...paragraphs.map((sentences) => paragraph(sentences.filter((one) => one !== '').join(' '))),
  ];
}

function stagesInWords({ name, findings }: Scope, { stages }: Provenance): string {
  const each = stages.map(({ id, model, weights }) => {
    const what = [model, weights && `weights ${short(weights)}`].filter(Boolean).join(', ');
    return what === '' ? name(id) : `${name(id)} (${what})`;
  });
  return `The checkpoints are ${listed(each)}. ${aboutRuns(findings)}`;
}

/** What the verdicts are about: single checkpoints, or recipes of which several runs were trained. */
function aboutRuns({ measures, stages }: Findings): string {
  const replicated = stages.filter(({ id }) =>
    measures.some((measure) => measure.stages.some((stage) => stage.id === id && stage.runs !== undefined)),
  );
  if (replicated.length === 0) {
    return 'Each is one training run, and what is said here is said of these checkpoints.';
  }
  const named = listed(replicated.map(({ title }) => title));
  return replicated.length === stages.length
    ? 'Every stage was trained several times, and how the runs differ is counted in every interval.'
    : `${named} ${replicated.length === 1 ? 'was' : 'were'} trained several times, and how the runs differ is counted; of the other stages what is said here is said of these checkpoints.`;
}

function evalsInWords({ evals }: Provenance): string {
  const each = evals.map(
    ({ id, version, samples, clusters, epochs, digest }) =>
      `${id}, version ${version} (${counted(samples, 'sample')} in ${counted(clusters, 'cluster')}, ${counted(epochs, 'epoch')}, digest ${short(digest)})`,
  );
  return `The same samples were put to each: ${listed(each)}.`;
}

function samplingInWords({ name }: Scope, { sampling, stages }: Provenance): string {
  const own = stages.flatMap((stage) =>
    stage.sampling === undefined ? [] : [`${name(stage.id)} at ${settingsInWords(stage.sampling)}`],
  );
  const others = own.length === 0 ? '' : `, but ${listed(own)}`;
  const { seed } = sampling;
  const seeded =
    seed === null || seed === undefined
      ? 'No seed was sent.'
      : `Seeds come from ${String(seed)}: each trial has its own, the same at every stage.`;
  const systems = stages.flatMap(({ id, system }) =>
    system === undefined ? [] : [`${name(id)} “${system}”`],
  );
  const prompts =
    systems.length === 0
      ? 'No stage had a system prompt of its own.'
      : `System prompts: ${systems.join('; ')}.`;
  return `Answers were sampled at ${settingsInWords(sampling)}${others}. ${seeded} ${prompts}`;
}

const SETTINGS: readonly (readonly [key: string, words: (value: string) => string])[] = [
  ['temperature', (value) => `temperature ${value}`],
  ['top_p', (value) => `top-p ${value}`],
  ['max_tokens', (value) => `at most ${value} tokens`],
  ['stop', (value) => `stop sequences ${value}`],
];

/** `temperature 1, top-p 1 and at most 1024 tokens`; what is `null` was left to the provider. */
function settingsInWords(sampling: Readonly<Record<string, unknown>>): string {
  const said = SETTINGS.flatMap(([key, words]) => {
    const value = sampling[key];
    if (value === undefined) return [];
    return value === null
      ? [`the provider's ${key.replace('_', '-')}`]
      : [words(typeof value === 'object' ? JSON.stringify(value) : String(value))];
  });
  return said.length === 0 ? "the provider's settings" : listed(said);
}

function ratersInWords({ raterTitle }: Scope, { raters }: Provenance): string {
  const each = raters.map(({ id, kind, model, digests }) => {
    const rubrics = Object.entries(digests).map(([question, digest]) => `${question} ${short(digest)}`);
    const what = [
      kind,
      model,
      rubrics.length === 0 ? '' : `questions with their rubrics: ${rubrics.join(', ')}`,
    ];
    return `${raterTitle(id)} (${what.filter(Boolean).join('; ')})`;
  });
  return each.length === 0 ? 'Nothing was rated.' : `Answers were rated by ${listed(each)}.`;
}

function servedInWords({ name }: Scope, { stages }: Provenance): string {
  const each = stages.flatMap(({ id, served }) =>
    served.length === 0
      ? []
      : [
          `${name(id)}: ${served.map(({ model, trials }) => `${model} (${counted(trials, 'trial')})`).join(', ')}`,
        ],
  );
  return each.length === 0 ? '' : `By their servers' own word, these models answered: ${each.join('; ')}.`;
}

function datesInWords({ stemma, begunAt, endedAt, growth }: Provenance): string {
  const end = endedAt === null ? '' : `, and its last session ended on ${day(endedAt)}`;
  const grown = growth.map(({ at, what }) => `${what} (${day(at)})`);
  return `The run was begun on ${day(begunAt)} with stemma ${stemma}${end}.${grown.length === 0 ? '' : ` Added later: ${grown.join('; ')}.`}`;
}

function tokensInWords({ stages, raters }: Provenance): string {
  const total = (side: 'input' | 'output') => stages.reduce((sum, { tokens }) => sum + tokens[side], 0);
  if (total('input') + total('output') === 0) return '';
  return `The answers took ${compact(total('input'))} tokens of input and ${compact(total('output'))} of output.${judgesInWords(raters)} ${costInWords(stages, raters)}`;
}

/** At the prices that the study declares; nothing is guessed of a model that has none. */
function costInWords(stages: Provenance['stages'], raters: Provenance['raters']): string {
  const costs = [...stages.map(({ model, usd }) => ({ model, usd })), ...raters].filter(
    ({ usd }) => usd !== undefined,
  );
  const unknown = costs.filter(({ usd }) => usd === null).map(({ model }) => model ?? 'a stage');
  const total = costs.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
  const rest = unknown.length === 0 ? '' : `the price of ${listed([...new Set(unknown)])} is not declared`;
  if (total === 0)
    return rest === '' ? 'Nothing was paid for them.' : `What they cost is not known: ${rest}.`;
  const cost = `At the declared prices they cost $${total < 0.01 ? total.toPrecision(1) : total.toFixed(2)}`;
  return rest === '' ? `${cost}.` : `${cost}; ${rest}.`;
}

function judgesInWords(raters: Provenance['raters']): string {
  const known = raters.flatMap(({ tokens }) => tokens ?? []);
  if (known.length === 0) return ' The calls of judges are not in these numbers.';
  const sum = (side: 'input' | 'output') => known.reduce((total, tokens) => total + tokens[side], 0);
  return ` The judges’ ratings took ${compact(sum('input'))} and ${compact(sum('output'))}.`;
}

function analysisInWords({ trials }: Findings, { seed, bootstrap }: Provenance): string {
  const resampled = bootstrap > 0 ? `, with ${count(bootstrap)} resamples of whole clusters` : '';
  return `${count(trials.completed + trials.limit)} of ${counted(trials.planned, 'trial')} ended with an answer. Resampling is seeded with ${seed}${resampled}.`;
}

/** Enough of a digest to compare by eye; the manifest has all of it. */
function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

function day(iso: string): string {
  return iso.slice(0, 10);
}
