import { lacksTools } from '../agent/index.ts';
import { nearest } from '../files/index.ts';
import { count, counted, durationText, listed } from '../format/index.ts';
import { type EndpointSettings, parseModelRef, settingsByBaseUrl } from '../models/index.ts';
import { endpointOf } from './plan/estimate.ts';
import { imageWarnings } from './plan/images.ts';
import type { Plan } from './plan/planned.ts';
import { leakWarnings } from './plan/training.ts';
import { sameRefs } from './same-refs.ts';
import { isModel, type StageSpec, type Study, samplingOf } from './study.ts';

type Planned = Omit<Plan, 'warnings'>;

/** What is allowed and yet likely not meant, a sentence each. */
export function planWarnings(plan: Planned): string[] {
  const { study } = plan;
  return [
    ...sameRefs(study),
    ...unequalSampling(study),
    ...idleEpochs(study),
    ...unusedEndpoints(study),
    ...fewClusters(plan),
    ...defaultScoreMargins(plan),
    ...familylessMembers(study),
    ...unknownCalls(plan),
    ...tightBudgets(plan),
    ...unequalProtocols(study),
    ...chatOfPretrained(study),
    ...servedByNobody(study),
    ...leakWarnings(plan.leaks),
    ...imageWarnings(plan.images),
  ];
}

/** Comparisons between arms that were sampled differently are refused, so better now than after the run. */
function unequalSampling(study: Study): string[] {
  const settings = (stage: StageSpec) => JSON.stringify(Object.entries(samplingOf(study, stage)).sort());
  const groups = Map.groupBy(study.stages, settings);
  if (groups.size < 2) return [];
  const names = [...groups.values()].map((stages) => stages.map(({ id }) => id).join(', '));
  return [
    `Stages are sampled differently (${names.join(' | ')}): comparisons between these groups will be refused.`,
  ];
}

/** Stages that call tools in different ways differ in more than their training. */
function unequalProtocols({ stages, evals }: Study): string[] {
  const without = stages.filter(({ model }) => lacksTools(model.ref) !== undefined).map(({ id }) => id);
  if (without.length === 0) return [];
  return evals.flatMap(({ id, eval: code, options }) => {
    const protocol = code.conversation?.(options).protocol;
    if (protocol === 'native')
      return [`${id} wants native tool calls, which ${without.join(', ')} can't make.`];
    if (protocol !== 'auto' || without.length === stages.length) return [];
    return [
      `In ${id} ${without.join(', ')} will call tools by blocks of text and the other stages natively: they would differ in more than their training. Set options.protocol: text for all.`,
    ];
  });
}

/** Weights answer only where a server has them. */
function servedByNobody({ stages, serving }: Study): string[] {
  const without = stages.filter(({ model, again }) => again === undefined && model.ref.startsWith('served:'));
  if (serving !== undefined || without.length === 0) return [];
  return [
    `Nothing serves ${listed(without.map(({ id }) => id))}: add \`serving: { with: vllm }\`, or name the server that you start with those weights as the stage’s \`model\`.`,
  ];
}

/** A pretrained-only checkpoint knows no chat template: over a chat protocol it sees one that it was not trained on. */
export function chatOfPretrained({ stages }: Pick<Study, 'stages'>): string[] {
  return stages.flatMap(({ id, kind, model, again }) => {
    if (again !== undefined || !/^(pretrain|pretrained|base)$/.test(kind) || isModel(model)) return [];
    const { protocol, baseUrl, model: name } = parseModelRef(model.ref);
    if (baseUrl === undefined || protocol === 'openai-completions') return [];
    return [
      `${id} is a pretrained stage and is asked over a chat protocol: its server puts the text into a chat template that it was not trained on. ` +
        `Ask it for text completions: completions+${baseUrl}#${name}`,
    ];
  });
}

function idleEpochs(study: Study): string[] {
  const greedy = study.stages.filter((stage) => samplingOf(study, stage).temperature === 0);
  const repeated = study.evals.filter(({ epochs }) => epochs > 1).map(({ id }) => id);
  if (greedy.length === 0 || repeated.length === 0) return [];
  return [
    `At temperature 0 more epochs (${repeated.join(', ')}) repeat the same answer: they cost, and add next to nothing.`,
  ];
}

/** A mistyped endpoint would be a rate limit that nobody keeps. */
function unusedEndpoints({ stages, raters, endpoints }: Study): string[] {
  const refs = [...stages, ...raters].flatMap((entry) => ('model' in entry ? [entry.model.ref] : []));
  const used = refs.map(endpointOf);
  return Object.keys(endpoints).flatMap((key) => {
    const [baseUrl] = settingsByBaseUrl({ [key]: {} }).keys();
    const there = used.filter((endpoint) => endpoint.baseUrl === baseUrl);
    if (there.length > 0) return mistypedPrices(key, endpoints[key]!, there);
    const near = nearest(
      key,
      used.filter(({ free }) => !free).map(({ name }) => name),
    );
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    return [`No model of this study is at the endpoint ${key}${hint}`];
  });
}

/** A mistyped model would cost what the others there do. A list of prices may name models that this study does not use. */
function mistypedPrices(
  key: string,
  { prices = {} }: EndpointSettings,
  there: readonly { readonly model: string }[],
): string[] {
  const models = there.map(({ model }) => model);
  const without = models.filter((model) => !Object.hasOwn(prices, model));
  return Object.keys(prices).flatMap((model) => {
    const near = models.includes(model) ? undefined : nearest(model, without);
    if (near === undefined) return [];
    return [`${key} has a price for ${model}, which is not a model of this study; did you mean ${near}?`];
  });
}

/** The statistics give no verdict below this. */
const FEWEST_CLUSTERS = 10;

function fewClusters({ power }: Planned): string[] {
  return power
    .filter(({ clusters, samples }) => samples > 0 && clusters < FEWEST_CLUSTERS)
    .map(
      ({ measure, clusters }) =>
        `${measure} has ${counted(clusters, 'cluster')}: below ${FEWEST_CLUSTERS} there are counts and a permutation test, but no verdict.`,
    );
}

function defaultScoreMargins({ study, power }: Planned): string[] {
  const scales = new Map(
    study.evals.flatMap(({ eval: code }) => code.measures.map(({ id, range }) => [id, range])),
  );
  // A score from 0 to 1, such as a probability, has the unit of a rate.
  const isShare = (measure: string) => scales.get(measure)?.join() === '0,1';
  return power
    .filter(({ kind, measure }) => kind === 'score' && !isShare(measure))
    .filter(({ samples, measure }) => samples > 0 && !(measure in study.margins.byMeasure))
    .map(
      ({ measure, margin }) =>
        `${measure} is a score, and its margin is the default of ${margin}: declare one in its own unit.`,
    );
}

function familylessMembers({ raters }: Study): string[] {
  return raters.flatMap((panel) => {
    if (panel.kind !== 'panel' || !panel.excludeOwnFamily) return [];
    const without = raters.filter(({ id, kind }) => panel.members.includes(id) && kind === 'autorater');
    const names = without.flatMap((judge) =>
      judge.kind === 'autorater' && judge.family === undefined ? [judge.id] : [],
    );
    if (names.length === 0) return [];
    return [
      `The panel "${panel.id}" can't keep ${names.join(', ')} from rating their own family: they declare none.`,
    ];
  });
}

function unknownCalls({ evals }: Planned): string[] {
  return evals
    .filter(({ entry }) => entry.eval.callsUnknown)
    .map(
      ({ entry: { id } }) =>
        `How often ${id} asks in a trial is not known before it runs: it is counted as once, so tokens and cost can be more.`,
    );
}

function tightBudgets({ study, usualTokens, usualUsd, usdUnknown, fastestMs }: Planned): string[] {
  const { tokens, usd, wallMs } = study.budget;
  const expected = usualTokens.input + usualTokens.output;
  const over = (what: string) => `The budget of ${what} is likely to stop the run before its end.`;
  return [
    ...(usd !== undefined && usdUnknown.length > 0
      ? [
          `The budget is in dollars, but the price of ${usdUnknown.join(', ')} is not known: the run will be refused.`,
        ]
      : []),
    ...(tokens !== undefined && expected > tokens ? [over(`${count(tokens)} tokens`)] : []),
    ...(usd !== undefined && usualUsd !== null && usualUsd > usd ? [over(`$${usd}`)] : []),
    ...(wallMs !== undefined && fastestMs !== null && fastestMs > wallMs ? [over(durationText(wallMs))] : []),
  ];
}
