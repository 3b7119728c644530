import {
  columns,
  compact,
  count,
  counted,
  dollars,
  durationText,
  listed,
  painter,
  percent,
  type Style,
  type TerminalPage,
  wrapped,
} from '../../format/index.ts';
import { ENOUGH_CLUSTERS, FEWEST_CLUSTERS } from '../../stats/index.ts';
import type { EndpointLoad, Tokens } from './estimate.ts';
import type { Plan, PlannedTeacher } from './planned.ts';
import type { MeasurePower } from './power.ts';
import type { TimeEstimate } from './time.ts';

/**
 * A plan as a terminal shows it: what is run, what it takes, what it can prove, and what to look at.
 *
 * @param time where speeds were measured
 */
export function renderPlan(plan: Plan, page: TerminalPage, time: TimeEstimate | null = null): string {
  const title = paint(page, 'bold');
  const sections = [
    head(plan, title),
    section(page, 'Stages', stageRows(plan)),
    trainingSection(plan, page),
    sourcesSection(plan, page),
    section(page, 'Evals', evalRows(plan), [1, 2, 3, 4]),
    sourceSection(plan, page),
    section(page, 'What it takes', costRows(plan, time)),
    secretsSection(plan, page),
    powerSection(plan, page),
    warningSection(plan, page),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function paint({ color }: TerminalPage, style: Style): (text: string) => string {
  return (text) => painter(color)(style, text);
}

/** Rows under a heading; nothing where there are none. @param right columns that are aligned to the right */
function section(
  page: TerminalPage,
  title: string,
  rows: readonly string[][],
  right: readonly number[] = [],
): string[] {
  if (rows.length === 0) return [];
  return [paint(page, 'bold')(title), ...columns(rows, { gap: 2, indent: 2, width: page.width, right })];
}

function head({ study }: Plan, title: (text: string) => string): string[] {
  return [title(study.name), ...(study.description === undefined ? [] : [study.description])];
}

function stageRows({ study }: Plan): string[][] {
  return study.stages.map(({ id, kind, from, model, again, atOnce }) => [
    id,
    kind,
    again !== undefined
      ? `${again} once more${atOnce === undefined ? '' : `, ${atOnce} at once`}`
      : from === null
        ? ''
        : `from ${from}`,
    model.ref,
  ]);
}

/** What is trained before the first trial, where a stage has a recipe and no checkpoint is there that it has made. */
function trainingSection({ study: { stages } }: Plan, page: TerminalPage): string[] {
  const rows = stages.flatMap(({ id, from, training }) => {
    if (training === undefined) return [];
    const { recipe, file } = training;
    const what = 'mixture' in recipe ? Object.keys(recipe.mixture) : Object.keys(recipe.rewards);
    const words = `${count(recipe.steps)} steps of ${recipe.method} on ${what.join(', ')} (${file})`;
    return [[id, `from ${from}`, words]];
  });
  return section(page, 'Trained first, where the checkpoint is not there yet', rows);
}

/** What each stage that is trained from files will see, and what its change brings with it. */
function sourcesSection({ trainings }: Plan, page: TerminalPage): string[] {
  if (trainings.length === 0) return [];
  const rows = trainings.flatMap(({ stage, sources, exactTokens }) =>
    sources.map(({ name, teacher, rows, drawn, passes, tokens }, index) => [
      index === 0 ? stage : '',
      teacher === undefined ? name : `${name} by ${teacher}`,
      counted(rows, 'row'),
      counted(drawn, 'example'),
      `${passes.toFixed(2)} passes`,
      `${exactTokens ? '' : '≈ '}${count(tokens)} tokens`,
    ]),
  );
  const changed = trainings.flatMap(({ stage, beside }) =>
    beside.length === 0 ? [] : [[stage, beside.join('; ')]],
  );
  return [
    ...section(page, 'Learnt from', rows, [2, 3, 4, 5]),
    ...section(page, 'Changed, in all', changed),
    ...(trainings.some(({ exactTokens }) => !exactTokens)
      ? ['  ≈ estimated by length: the tokenizer is not on this machine']
      : []),
  ];
}

function evalRows({ evals, study, trials }: Plan): string[][] {
  const rows = evals.map(({ entry: { id, epochs }, samples, clusters, trials: own }) => [
    id,
    counted(samples, 'sample'),
    counted(clusters, 'cluster'),
    counted(epochs, 'epoch'),
    counted(own, 'trial'),
  ]);
  const all = evals.length > 1 ? [['all', '', '', '', counted(trials, 'trial')]] : [];
  return [...rows, ...all, ['rated by', study.raters.map(({ id, kind }) => `${id} (${kind})`).join(', ')]];
}

function costRows(plan: Plan, time: TimeEstimate | null): string[][] {
  const { calls, callsAtMost, tokens, usualTokens, endpoints, judges, teachers, fastestMs } = plan;
  const most = callsAtMost > calls ? `; at most ${count(callsAtMost)}` : '';
  return [
    ['calls', `${most === '' ? '' : 'about '}${count(calls)}${most}, without retries`],
    ['tokens', `about ${tokenWords(usualTokens)}; at most ${tokenWords(tokens)}`],
    ['cost', costWords(plan)],
    ...(fastestMs === null
      ? []
      : [['time', `at least ${durationText(fastestMs)}, by the rate limits declared`]]),
    ...(time === null
      ? []
      : [
          [
            'time',
            `about ${durationText(time.ms)}, by the speeds measured ${dateOf(time.measuredAt)} (check)`,
          ],
        ]),
    ...teachers.map((teacher) => [teacher.stage, teacherWords(teacher)]),
    ...withoutRepeats(endpoints.map((endpoint) => [endpoint.endpoint, endpointWords(endpoint)])),
    ...judges.flatMap(({ id, judging, load, other }) => [
      [id, `asked ${judgingWords(judging)}: ${endpointWords(load)}`],
      ['', `${judgingWords(other.judging)} it would be ${endpointWords(other.load)}`],
    ]),
  ];
}

/** @example as the teacher of pupil: 28 of the 40 prompts of safety (the others are answered, and free), about 1.2k in + 9.8k out by length, counted above */
function teacherWords({ source, pupils, prompts, answered, tokens, usd }: PlannedTeacher): string {
  const who = `as the teacher of ${listed(pupils)}`;
  if (answered === prompts)
    return `${who}: all ${counted(prompts, 'prompt')} of ${source} are answered, and free`;
  const which =
    answered === 0
      ? `${counted(prompts, 'prompt')} of ${source}`
      : `${count(prompts - answered)} of the ${counted(prompts, 'prompt')} of ${source} (the others are answered, and free)`;
  const cost = usd === null || usd.atMost === 0 ? '' : `, about ${dollars(usd.usual)}`;
  return `${who}: ${which}, about ${tokenWords(tokens.usual)}${cost}, estimated by length; counted above`;
}

/** Which keys and other secrets go to which host. */
function secretsSection({ endpoints }: Plan, page: TerminalPage): string[] {
  const rows = endpoints.flatMap(({ host, secrets }) =>
    secrets.length === 0 ? [] : [[secrets.join(', '), `to ${host}`]],
  );
  return section(page, 'Secrets that are sent', rows);
}

function dateOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** So many rows that differ by their names alone become one. */
const MANY_ALIKE = 4;

/** @example gpu1:8000 (and 3 more, each)  336 calls */
function withoutRepeats(rows: readonly string[][]): string[][] {
  const groups = Map.groupBy(rows, ([_name, ...cells]) => JSON.stringify(cells));
  return [...groups.values()].flatMap((group) => {
    if (group.length < MANY_ALIKE) return group;
    const [name, ...cells] = group[0]!;
    return [[`${name} (and ${group.length - 1} more, each)`, ...cells]];
  });
}

function judgingWords(judging: 'one-by-one' | 'together'): string {
  return judging === 'together' ? 'all together' : 'one by one';
}

/** What became of the sources of samples, such as how much was left out of a log, and what was taken out of the rest. */
function sourceSection({ evals }: Plan, page: TerminalPage): string[] {
  const rows = evals.flatMap(({ entry, source = {} }) =>
    Object.entries(source).map(([heading, counts]) => {
      const words = Object.entries(counts).map(([what, number]) => `${what} ${count(number)}`);
      return [entry.id, heading, words.join(' · ')];
    }),
  );
  return section(page, 'Where samples come from', rows);
}

function costWords({ usd, usualUsd, usdUnknown }: Plan): string {
  if (usd !== null && usualUsd !== null) {
    return usd === 0
      ? 'nothing, by the prices declared'
      : `about ${dollars(usualUsd)}; at most ${dollars(usd)}`;
  }
  return `not known: no price for ${usdUnknown.join(', ')} (endpoints.….price or prices)`;
}

function endpointWords({ calls, tokens, usd }: EndpointLoad): string {
  const cost = usd === null ? '' : usd.atMost === 0 ? ', free' : `, about ${dollars(usd.usual)}`;
  return `${count(calls)} calls, about ${tokenWords(tokens.usual)}${cost}`;
}

function tokenWords({ input, output }: Tokens): string {
  return `${compact(input)} in + ${compact(output)} out`;
}

function powerSection({ power }: Plan, page: TerminalPage): string[] {
  const [first] = power;
  if (first === undefined) return [];
  const rates = power.find(({ byRate }) => byRate.length > 0)?.byRate.map(({ rate }) => rate) ?? [];
  const header = [
    'measure',
    'samples',
    'clusters',
    'margin',
    ...rates.map((rate) => `at ${percent(rate, 2)}`),
    '',
  ];
  const rows = withoutRepeats(power.map((line) => powerRow(line, page)));
  const { icc, correlation, repeatability, power: wanted } = first.assumptions;
  const note =
    `The smallest margin within which two stages that are the same would be shown to be, at ${percent(wanted, 2)} power, by the ` +
    'rate that they have in common, in points (scores: in their own unit); ✓ where yours is at least that. Assumed correlations: ' +
    `${icc} within a cluster, ${correlation} between stages on one sample, ${repeatability} between epochs of one sample.`;
  const room = { indent: 2, width: page.width };
  return [
    paint(page, 'bold')('What it can prove'),
    ...columns([header, ...rows], { ...room, gap: 2, right: [1, 2, 3, 4, 5, 6, 7] }),
    ...wrapped(note, room).map(paint(page, 'dim')),
    ...fewClusters(power).flatMap((sentence) => wrapped(sentence, room)),
    ...needs(power).flatMap((sentence) => wrapped(sentence, room)),
  ];
}

function powerRow(line: MeasurePower, page: TerminalPage): string[] {
  const { measure, samples, margin, kind, smallestMargin, byRate } = line;
  const shown = (found: number | null): string => {
    if (found === null) return 'none  ';
    const text = `±${amount(kind, found)}`;
    return found <= margin ? paint(page, 'green')(`${text} ✓`) : `${text}  `;
  };
  const margins = kind === 'rate' ? byRate.map((at) => shown(at.smallestMargin)) : [shown(smallestMargin)];
  return [measure, count(samples), clustersOf(line), `±${amount(kind, margin)}`, ...margins, ''];
}

/** `20`, or `20 (G* 6.3)` where sizes are so uneven that fewer of equal size would tell as much. */
function clustersOf({ clusters, effectiveClusters: effective }: MeasurePower): string {
  const uneven = effective !== null && effective < 0.8 * clusters;
  return uneven ? `${count(clusters)} (G* ${effective.toFixed(1)})` : count(clusters);
}

/** What few or uneven clusters do to verdicts, a sentence for all measures alike. */
function fewClusters(power: readonly MeasurePower[]): string[] {
  const planned = power.filter(({ samples }) => samples > 0);
  const none = planned.filter(({ clusters }) => clusters < FEWEST_CLUSTERS);
  const tests = planned.filter(
    (one) => !none.includes(one) && (one.effectiveClusters ?? 0) < ENOUGH_CLUSTERS,
  );
  const named = (lines: readonly MeasurePower[]) =>
    [...new Set(lines.map(({ measure }) => measure))].join(', ');
  return [
    ...(none.length > 0
      ? [
          `${named(none)}: fewer than ${FEWEST_CLUSTERS} clusters of samples, so there will be counts and no verdict.`,
        ]
      : []),
    ...(tests.length > 0
      ? [
          `${named(tests)}: as informative as fewer than ${ENOUGH_CLUSTERS} clusters of equal size (G*), so a difference must also stand in a permutation of whole clusters.`,
        ]
      : []),
  ];
}

/** What it would take, a sentence for all measures that lack the same. */
function needs(power: readonly MeasurePower[]): string[] {
  const lacking = power.filter(({ provable, samples }) => !provable && samples > 0);
  const bySentence = Map.groupBy(lacking, needWords);
  return [...bySentence].map(
    ([sentence, lines]) => `${lines.map(({ measure }) => measure).join(', ')}: ${sentence}`,
  );
}

function needWords({ margin, needs, kind, assumptions, smallestMargin }: MeasurePower): string {
  const at = kind === 'rate' ? ` at a rate of ${percent(assumptions.rate, 2)}` : '';
  const ways = [
    needs?.clusters == null ? null : `${count(needs.clusters)} clusters of as many samples each`,
    needs?.samples == null ? null : `${count(needs.samples)} samples in the same clusters`,
    needs?.epochs == null ? null : `${needs.epochs} epochs`,
  ].filter((way) => way !== null);
  const unit = kind === 'rate' ? ' points' : '';
  const cure = ways.length === 0 ? 'more of the same would not do' : `it takes about ${ways.join(', or ')}`;
  const wider = smallestMargin === null ? '' : `; or declare ±${amount(kind, smallestMargin)}${unit}`;
  return `a margin of ±${amount(kind, margin)}${unit} is not provable${at}: ${cure}${wider}.`;
}

/** A difference in the reader's unit: points for a rate, the measure's own for a score. Rounded up: it is to be enough. */
function amount(kind: MeasurePower['kind'], value: number): string {
  const unit = kind === 'rate' ? value * 100 : value;
  const decimals = unit < 1 ? 2 : 1;
  const up = Math.ceil(Number((unit * 10 ** decimals).toPrecision(12))) / 10 ** decimals;
  return String(up);
}

function warningSection({ warnings }: Plan, page: TerminalPage): string[] {
  if (warnings.length === 0) return [];
  const lines = warnings.flatMap((warning) => wrapped(warning, { indent: 2, width: page.width }));
  return [paint(page, 'bold')('Look at this'), ...lines.map(paint(page, 'yellow'))];
}
