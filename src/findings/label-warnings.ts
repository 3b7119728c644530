import { inSentence, listed, percent, pInWords } from '../format/index.ts';
import type { RawContrast, ShareFindings } from './contrast-findings.ts';
import type { FindingsStage, Interval, MeasureFindings } from './findings.ts';
import type { CorrectedShareFindings } from './label-findings.ts';
import { branchesOf } from './lineage.ts';
import { titleOf } from './titles.ts';
import type { Warned } from './warned.ts';
import { change, level, range } from './words.ts';

/** What sentences about labels are drawn from. */
type Labelled = Pick<Warned, 'measures' | 'stages' | 'manifest'>;

/** Below this a judge's errors are said to differ between two stages. */
const ERRORS_DIFFER = 0.05;

/** Below this the labelled trials are said not to be a random part in what the judge says. */
const NOT_RANDOM = 0.05;

/** Sentences on what human labels say of the judges, what they change, and how far the labels themselves can be trusted. */
export function labelWarnings(labelled: Labelled): string[] {
  return [
    ...differingErrors(labelled),
    ...changedVerdicts(labelled),
    ...changedCarriers(labelled),
    ...chosenLabels(labelled),
    ...modelLabels(labelled),
  ];
}

function differingErrors({ measures, stages, manifest }: Labelled): string[] {
  return measures.flatMap((measure) => {
    const differing = (measure.corrected?.contrasts ?? []).filter(
      ({ errorP, errorDifference }) => errorP !== null && errorP < ERRORS_DIFFER && errorDifference !== null,
    );
    if (differing.length === 0) return [];
    const offs = new Map<string, number>();
    for (const { from, to, meanErrors } of differing) {
      if (meanErrors === undefined) continue;
      offs.set(from, meanErrors.from);
      offs.set(to, meanErrors.to);
    }
    const amounts = [...offs].map(([id, off]) => `${change(measure, off)} (${titleOf(stages, id)})`);
    const smallest = Math.min(...differing.map(({ errorP }) => errorP!));
    const pairs = differing.length === 1 ? '' : `smallest `;
    const sharesCorrected = isCorrected(measure.corrected?.shares);
    const rated = measure.shares?.raw ?? measure.shares;
    const alsoShares = rated?.identified && !sharesCorrected ? ', and the shares made of them,' : '';
    const leads = differing.every(({ from, to }) =>
      measure.contrasts.some((one) => one.from === from && one.to === to && one.raw !== undefined),
    );
    const see = leads
      ? 'the corrected ones are reported'
      : `see the corrected differences${sharesCorrected ? ' and shares' : ''}`;
    return [
      `${titleOf(manifest.raters, measure.rater)}'s mistakes differ by stage: on ${inSentence(measure.title)} it is off by ${listed(amounts)}; ${pairs}${pInWords(smallest)}. Its own differences between these stages${alsoShares} are not to be trusted; ${see}.`,
    ];
  });
}

/** Headline verdicts that are others than those of the rater alone. */
function changedVerdicts({ measures, stages, manifest }: Labelled): string[] {
  return measures.flatMap((measure) => {
    const { contrasts } = measure;
    const changed = contrasts.flatMap((contrast) => {
      const { raw } = contrast;
      return raw !== undefined && raw.verdict !== contrast.verdict ? [{ contrast, raw }] : [];
    });
    if (changed.length === 0) return [];
    const by = titleOf(manifest.raters, measure.rater);
    if (changed.length > 3) {
      return [
        `Corrected by labels, the verdict on ${inSentence(measure.title)} is another than by ${by} alone for ${changed.length} of ${contrasts.length} comparisons.`,
      ];
    }
    const each = changed.map(
      ({ contrast, raw }) =>
        `${titleOf(stages, contrast.to)} against ${titleOf(stages, contrast.from)} is ${contrast.verdict}${amount(measure, contrast)}, not ${raw.verdict}${amount(measure, raw)}`,
    );
    return [
      `Corrected by labels, on ${inSentence(measure.title)} ${each.join('; ')} as ${by} alone would have it.`,
    ];
  });
}

function amount(
  measure: MeasureFindings,
  { difference, interval }: Pick<RawContrast, 'difference' | 'interval'>,
): string {
  if (difference === null) return '';
  const within = interval === null ? '' : ` ${range(measure, interval as Interval)}`;
  return ` (${change(measure, difference)}${within})`;
}

/** Whether labels were enough to correct the shares, and the corrected change could be divided. */
function isCorrected(shares: CorrectedShareFindings | undefined): shares is CorrectedShareFindings {
  return shares?.identified === true && shares.lambdas !== null;
}

/** Headline measures of which human labels show another stage to have carried most of the change, along any chain. */
function changedCarriers({ measures, stages }: Labelled): string[] {
  return measures
    .filter(({ headline }) => headline)
    .flatMap((measure) =>
      branchesOf(measure.corrected ?? {}).flatMap((fixed, branch) => {
        const shown = branchesOf(measure)[branch];
        return isCorrected(fixed) ? otherCarriers(measure, stages, shown?.raw ?? shown, fixed) : [];
      }),
    );
}

function otherCarriers(
  { title: name, branches }: MeasureFindings,
  stages: readonly FindingsStage[],
  rated: ShareFindings | undefined,
  fixed: CorrectedShareFindings,
): string[] {
  const named = (carriers: readonly string[]) =>
    carriers.length === 0 ? null : listed(carriers.map((id) => titleOf(stages, id)));
  const [before, labelled] = [named(rated?.carriers ?? []), named(fixed.carriers)];
  if (before === labelled) return [];
  const parts = fixed.parts.map(
    ({ to, share, interval }) =>
      `${titleOf(stages, to)} ${percent(share!)}${interval === null ? '' : ` [${interval.map((end) => percent(end)).join(', ')}]`}`,
  );
  const until = branches === undefined ? '' : ` up to ${titleOf(stages, fixed.to)}`;
  const who =
    labelled === null
      ? `no one stage is shown to have carried most of the change in ${inSentence(name)}${until}`
      : `${labelled} carried most of the change in ${inSentence(name)}${until}`;
  const not = before === null || labelled === null ? '' : `, not ${before}`;
  return [`Corrected by labels, ${who}${not}: ${parts.join('; ')}.`];
}

/** Headline measures corrected by labels that stemma did not draw. */
function chosenLabels({ measures, manifest }: Labelled): string[] {
  return measures.flatMap((measure) => {
    const selection = measure.corrected?.selection;
    if (!measure.headline || selection?.kind !== 'not drawn' || selection.mean === undefined) return [];
    const { randomP = null, labelledMean, mean } = selection;
    const by = titleOf(manifest.raters, measure.rater);
    const name = inSentence(measure.title);
    const chosen =
      randomP !== null && randomP < NOT_RANDOM
        ? ` They are not a random part: ${by} gives ${level(measure, labelledMean!)} of the labelled trials and ${level(measure, mean)} of all (${pInWords(randomP)}).`
        : '';
    return [
      `The labels on ${name} were not drawn by stemma: they are weighted by what ${by} says at each stage. Whether they were chosen by anything else can't be seen.${chosen}`,
    ];
  });
}

/** Headline measures corrected by the labels of a model: its own errors are in the corrected values. */
function modelLabels({ measures, manifest }: Labelled): string[] {
  const models = new Map(
    manifest.raters.filter(({ kind }) => kind === 'model').map(({ id, title }) => [id, title]),
  );
  const corrected = measures.filter(
    ({ headline, corrected: by }) => headline && by !== undefined && models.has(by.labeller),
  );
  if (corrected.length === 0) return [];
  const by = listed([...new Set(corrected.map(({ corrected: found }) => models.get(found!.labeller)!))]);
  return [
    `The labels on ${listed(corrected.map(({ title: name }) => inSentence(name)))} are by a model, and not by people: ${by}. What it gets wrong is not corrected.`,
  ];
}
