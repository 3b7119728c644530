import { coefficient, columns, type Notation, notation, wrapped } from '../../format/index.ts';
import type { ExpectedArm } from './expected.ts';
import type { LabelPlan, PlannedContrast, PlannedStage } from './plan.ts';

/** A plan for people, as lines no wider than the page. */
export function renderLabelPlan(plan: LabelPlan, width: number): string[] {
  const room = Math.min(width, 100);
  const say = notation(plan.kind);
  return [
    `${plan.title} (${plan.measure}), as ${plan.judge} rated it; labels a stage`,
    '',
    ...columns(stageRows(plan, say), { gap: 2, indent: 2, width: room, right: [1, 2, 3] }),
    '',
    ...columns(contrastRows(plan, say), { gap: 2, indent: 2, width: room }),
    '',
    ...plan.contrasts.flatMap((contrast) =>
      wrapped(settled(plan, contrast, say), { indent: 2, width: room }),
    ),
    '',
    ...assumptions(plan).flatMap((line) => wrapped(line, { indent: 2, width: room })),
  ];
}

/** Half of an interval: `±3.1`. */
function reach([low, high]: readonly [number, number], say: Notation): string {
  return say.within((high - low) / 2);
}

function stageRows({ stages }: LabelPlan, say: Notation): string[][] {
  const labels = stages[0]?.after.map((one) => one.labels) ?? [];
  return [
    ['', 'trials', 'judge', 'expected', ...labels.map((n) => `after ${n}`), ''],
    ...stages.map((stage) => [
      stage.title,
      String(stage.trials),
      say.value(stage.judged),
      say.value(stage.expected),
      ...stage.after.map(({ interval }) => reach(interval, say)),
      '',
    ]),
  ];
}

function contrastRows({ contrasts }: LabelPlan, say: Notation): string[][] {
  if (contrasts.length === 0) return [];
  const labels = contrasts[0]!.after.map((one) => one.labels);
  return [
    ['', 'expected', ...labels.map((n) => `after ${n}`), ''],
    ...contrasts.map(({ from, to, expected, after }) => [
      `${from} → ${to}`,
      say.changeInWords(expected),
      ...after.map(({ interval }) => reach(interval, say)),
      '',
    ]),
  ];
}

function settled(
  { margin }: LabelPlan,
  { from, to, settledBy, after, asRated }: PlannedContrast,
  say: Notation,
): string {
  const pair = `${to} against ${from}`;
  const size = margin === null ? 'none declared' : `±${say.size(margin)}`;
  const last = after.at(-1)!;
  if (settledBy === null) {
    return `${pair}: as rated ${asRated}; not even ${last.labels} labels a stage are expected to settle it at a margin of ${size}: more samples would be needed.`;
  }
  const then = after.find(({ labels }) => labels >= settledBy)!.verdict;
  return `${pair}: as rated ${asRated}; about ${settledBy} labels a stage are expected to settle it at a margin of ${size} (${then}).`;
}

function assumptions({ stages, kind }: LabelPlan): string[] {
  const assumed = stages.filter(({ observed }) => !observed);
  const known = stages.filter(({ observed }) => observed);
  return [
    ...(known.length === 0
      ? []
      : [
          `Observed: ${known.map((stage) => `${stage.title} ${errorsOf(stage)} (${stage.labels} labels)`).join('; ')}.`,
        ]),
    ...(assumed.length === 0
      ? []
      : [
          `Assumed, because fewer than 50 labels tell: ${assumedErrors(assumed[0]!.errors)} at ${kind === 'rate' ? 'every stage without them' : 'every stage'}. Judges need not err alike at every stage; take 50 labels first and plan again.`,
        ]),
    'Half-widths of 95 % intervals, to be expected where the truth is as the judge and these errors have it; a verdict settled that way is settled with about an even chance. In the last column every trial is labelled: what stays is what other samples would change.',
  ];
}

function assumedErrors(errors: ExpectedArm['errors']): string {
  if (errors.kind === 'score')
    return `a correlation of ${errors.correlation} between the judge's scores and people's`;
  return `a sensitivity of ${errors.sensitivity} and a specificity of ${errors.specificity}`;
}

function errorsOf({ errors }: PlannedStage): string {
  return errors.kind === 'score'
    ? `correlation ${errors.correlation}`
    : `sensitivity ${coefficient(errors.sensitivity)}, specificity ${coefficient(errors.specificity)}`;
}
