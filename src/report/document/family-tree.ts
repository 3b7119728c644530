import type { Findings, FindingsStage, TrainingSummary } from '../../findings/findings.ts';
import { count, counted, listed } from '../../format/index.ts';
import type { Figure } from './block.ts';
import type { TreeChart } from './chart.ts';

/**
 * Which stage was trained from which, on what. `null` where a table of the stages says as much: nothing of the training is known,
 * and no stage has two that come from it.
 */
export function familyTree({ stages }: Pick<Findings, 'stages'>): Figure | null {
  const ids = new Set(stages.map(({ id }) => id));
  const parents = stages.flatMap(({ from }) => (from !== null && ids.has(from) ? [from] : []));
  const branches = new Set(parents).size < parents.length;
  if (parents.length === 0 || !(branches || stages.some(({ training }) => training !== undefined)))
    return null;
  return {
    kind: 'figure',
    chart: treeChart(stages),
    caption:
      'The family tree of the checkpoints: which was trained from which, and on how many examples of each source.',
    alternative: inWords(stages),
  };
}

function treeChart(stages: readonly FindingsStage[]): TreeChart {
  const ids = new Set(stages.map(({ id }) => id));
  const nodes: TreeChart['nodes'][number][] = [];
  const add = (stage: FindingsStage, parent: number | null) => {
    const number = nodes.push({ parent, label: stage.title, role: stage.role, words: wordsOf(stage) }) - 1;
    for (const child of stages.filter(({ from }) => from === stage.id)) add(child, number);
  };
  for (const stage of stages.filter(({ from }) => from === null || !ids.has(from))) add(stage, null);
  return { kind: 'tree', nodes };
}

function wordsOf({ id, title, kind, factors = {}, training, weights }: FindingsStage): string[] {
  const about = [
    ...(id === title ? [] : [id]),
    ...(kind === '' || kind === id ? [] : [kind]),
    ...Object.entries(factors).map(([factor, level]) => `${factor} = ${level}`),
    ...(weights === undefined ? [] : [`weights ${weights.slice(0, 12)}`]),
  ];
  return [
    ...(about.length === 0 ? [] : [about.join(', ')]),
    ...(training === undefined ? [] : [trainingWords(training)]),
  ];
}

function trainingWords({ engine, method, steps, seed, examples }: TrainingSummary): string {
  const drawn = Object.entries(examples).filter(([, number]) => number > 0);
  const how = [
    ...(steps === null ? [] : [counted(steps, 'step')]),
    ...(method === null ? [] : [`of ${method}`]),
    `by ${engine}`,
    ...(seed === null ? [] : [`(seed ${seed})`]),
  ].join(' ');
  return drawn.length === 0
    ? how
    : `${how} on ${listed(drawn.map(([name, number]) => `${count(number)} × ${name}`))}`;
}

function inWords(stages: readonly FindingsStage[]): string {
  const titles = new Map(stages.map(({ id, title }) => [id, title]));
  const families = Map.groupBy(
    stages.filter(({ from }) => from !== null && titles.has(from)),
    ({ from }) => from!,
  );
  return [...families]
    .map(([from, all]) => `From ${titles.get(from)}: ${listed(all.map(({ title }) => title))}.`)
    .join(' ');
}
