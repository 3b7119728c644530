import { capitalised, count, counted, inSentence, listed, percent, pInWords } from '../format/index.ts';
import type { LastSession } from '../records/index.ts';
import { FEWEST_CLUSTERS, MINIMUM_CLUSTERS } from '../stats/index.ts';
import { sameModelWarnings, samplerWarnings } from './answered-by.ts';
import type {
  Contrast,
  CorrectedShareFindings,
  FindingsStage,
  MeasureFindings,
  ShareFindings,
} from './findings.ts';
import { branchesOf } from './lineage.ts';
import { damageWarnings, growthWarnings } from './records-warnings.ts';
import type { Warned } from './warned.ts';
import { change, range, size } from './words.ts';

/** Below this a judge's errors are said to differ between two stages. */
const ERRORS_DIFFER = 0.05;

/** Plain sentences that a reader must see before believing the rest, the weightiest first. */
export function warningsOf(warned: Warned): string[] {
  return [
    ...unfinished(warned),
    ...damageWarnings(warned),
    ...growthWarnings(warned),
    ...refused(warned),
    ...sameModelWarnings(warned.answered, warned.manifest),
    ...samplerWarnings(warned.answered, warned.manifest.stages),
    ...differingErrors(warned),
    ...correctedVerdicts(warned),
    ...correctedCarriers(warned),
    ...hangingOnJudges(warned),
    ...postHoc(warned),
    ...fewClusters(warned),
    ...notRobust(warned),
    ...leftOut(warned),
  ];
}

/** A run that is not complete, and why. Imported results have no plan of their own. */
function unfinished({ manifest, trials: { planned, recorded }, lastSession }: Warned): string[] {
  if (manifest.origin.kind === 'import' || recorded >= planned) return [];
  const asked = `This run is not complete: ${count(recorded)} of ${counted(planned, 'trial')} have been asked`;
  return [
    `${asked}${whyUnfinished(lastSession)}. All that follows is about those. The same \`stemma run\` again goes on.`,
  ];
}

function whyUnfinished(session: LastSession | null): string {
  if (session === null || session.complete) return '';
  if (session.endedAt === null) return '. The last session did not end: it was killed, or is still under way';
  if (session.error !== null) return `. The last session ended with an error: ${firstLine(session.error)}`;
  return session.stoppedBy === null ? '' : `. ${STOPPED[session.stoppedBy]}`;
}

const STOPPED: Readonly<Record<NonNullable<LastSession['stoppedBy']>, string>> = {
  signal: 'The user stopped it',
  tokens: 'Its budget of tokens stopped it',
  usd: 'Its budget in dollars stopped it',
  wall: 'The time that its budget gives a session was over',
};

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/\.$/, '');
}

/** Headline comparisons that were refused; those for want of values say so by themselves, where they are. */
function refused({ measures, stages }: Warned): string[] {
  const cases = headlineContrasts(measures).filter(
    ({ contrast }) => contrast.verdict === 'not compared' && contrast.n > 0,
  );
  const alike = Map.groupBy(cases, ({ contrast }) => `${contrast.from} ${contrast.to} ${contrast.why}`);
  return [...alike.values()].map((group) => {
    const { from, to, why } = group[0]!.contrast;
    const names = listed(group.map(({ measure }) => inSentence(measure.title)));
    return `${title(stages, to)} and ${title(stages, from)} are not compared on ${names}: ${why}.`;
  });
}

function differingErrors({ measures, stages, manifest }: Warned): string[] {
  return measures.flatMap((measure) => {
    const differing = (measure.corrected?.contrasts ?? []).filter(
      ({ errorP, errorDifference }) => errorP !== null && errorP < ERRORS_DIFFER && errorDifference !== null,
    );
    if (differing.length === 0) return [];
    const rater = manifest.raters.find(({ id }) => id === measure.rater);
    const offs = new Map<string, number>();
    for (const { from, to, meanErrors } of differing) {
      if (meanErrors === undefined) continue;
      offs.set(from, meanErrors.from);
      offs.set(to, meanErrors.to);
    }
    const amounts = [...offs].map(([id, off]) => `${change(measure, off)} (${title(stages, id)})`);
    const smallest = Math.min(...differing.map(({ errorP }) => errorP!));
    const pairs = differing.length === 1 ? '' : `smallest `;
    const { shares, corrected } = measure;
    const sharesCorrected = isCorrected(corrected?.shares);
    const alsoShares = shares?.identified && !sharesCorrected ? ', and the shares made of them,' : '';
    return [
      `${rater?.title ?? measure.rater}'s mistakes differ by stage: on ${inSentence(measure.title)} it is off by ${listed(amounts)}; ${pairs}${pInWords(smallest)}. Its own differences between these stages${alsoShares} are not to be trusted; see the corrected differences${sharesCorrected ? ' and shares' : ''}.`,
    ];
  });
}

/** Headline verdicts that human labels would change: as rated the stages compare one way, as corrected another. */
function correctedVerdicts({ measures, stages }: Warned): string[] {
  return measures.flatMap((measure) => {
    const { headline, contrasts, corrected } = measure;
    if (!headline || corrected === undefined) return [];
    const changed = corrected.contrasts.flatMap((contrast, i) => {
      const rated = contrasts[i]!;
      const known = contrast.interval !== null && contrast.difference !== null;
      return known && contrast.verdict !== rated.verdict ? [{ contrast, rated }] : [];
    });
    if (changed.length === 0) return [];
    if (changed.length > 3) {
      return [
        `Corrected by human labels the verdict on ${inSentence(measure.title)} is another for ${changed.length} of ${contrasts.length} comparisons.`,
      ];
    }
    const each = changed.map(
      ({ contrast, rated }) =>
        `${title(stages, rated.to)} against ${title(stages, rated.from)} is ${contrast.verdict} (${change(measure, contrast.difference!)} ${range(measure, contrast.interval!)}), not ${rated.verdict}`,
    );
    return [`Corrected by human labels, on ${inSentence(measure.title)} ${each.join('; ')}.`];
  });
}

/** Whether labels were enough to correct the shares, and the corrected change could be divided. */
function isCorrected(shares: CorrectedShareFindings | undefined): shares is CorrectedShareFindings {
  return shares?.identified === true && shares.lambdas !== null;
}

/** Headline measures of which human labels show another stage to have carried most of the change, along any chain. */
function correctedCarriers({ measures, stages }: Warned): string[] {
  return measures
    .filter(({ headline }) => headline)
    .flatMap((measure) =>
      branchesOf(measure.corrected ?? {}).flatMap((fixed, branch) => {
        const rated = branchesOf(measure)[branch];
        return isCorrected(fixed) ? otherCarriers(measure, stages, rated, fixed) : [];
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
    carriers.length === 0 ? null : listed(carriers.map((id) => title(stages, id)));
  const [before, labelled] = [named(rated?.carriers ?? []), named(fixed.carriers)];
  if (before === labelled) return [];
  const parts = fixed.parts.map(
    ({ to, share, interval }) =>
      `${title(stages, to)} ${percent(share!)}${interval === null ? '' : ` [${interval.map((end) => percent(end)).join(', ')}]`}`,
  );
  const until = branches === undefined ? '' : ` up to ${title(stages, fixed.to)}`;
  const who =
    labelled === null
      ? `no one stage is shown to have carried most of the change in ${inSentence(name)}${until}`
      : `${labelled} carried most of the change in ${inSentence(name)}${until}`;
  const not = before === null || labelled === null ? '' : `, not ${before}`;
  return [`Corrected by human labels, ${who}${not}: ${parts.join('; ')}.`];
}

/** Headline verdicts of a panel that one judge less would change. */
function hangingOnJudges({ measures, stages }: Warned): string[] {
  return measures.flatMap(({ headline, title: name, sensitivity }) => {
    const hanging = (sensitivity?.contrasts ?? []).filter(({ standsWithout }) => !standsWithout);
    if (!headline || hanging.length === 0) return [];
    const pairs = hanging.map(({ from, to }) => `${title(stages, to)} against ${title(stages, from)}`);
    const which =
      pairs.length > 3 ? `${pairs.length} of ${sensitivity!.contrasts.length} comparisons` : listed(pairs);
    return [`With one judge less on the panel the verdict on ${inSentence(name)} is another for ${which}.`];
  });
}

function postHoc({ measures, manifest }: Warned): string[] {
  const chosen = measures.filter(
    ({ headline, contrasts }) =>
      headline && contrasts.some(({ marginSource }) => marginSource === 'post hoc'),
  );
  if (chosen.length === 0) return [];
  const margins = chosen.map((measure) => {
    const own = manifest.margins.byMeasure[measure.id];
    const scoreOfImport = measure.kind === 'score' && manifest.origin.kind === 'import';
    const was =
      own === undefined && scoreOfImport ? 'none' : `±${size(measure, own ?? manifest.margins.default)}`;
    const chosenMargin = measure.contrasts[0]!.margin!;
    return `${inSentence(measure.title)} ±${size(measure, chosenMargin)} (declared: ${was})`;
  });
  return [
    `The margins were chosen after the data were seen: ${listed(margins)}. Verdicts by them are post hoc.`,
  ];
}

function fewClusters({ measures }: Warned): string[] {
  const few = measures.filter(
    ({ headline, contrasts }) =>
      headline &&
      contrasts.some(({ difference, effectiveClusters }) => difference !== null && isFew(effectiveClusters)),
  );
  return few.map((measure) => {
    const clusters = Math.max(...measure.contrasts.map((contrast) => contrast.clusters));
    const worth = Math.min(...measure.contrasts.map(({ effectiveClusters }) => effectiveClusters ?? 1));
    const even =
      Math.abs(worth - clusters) < 0.05
        ? ''
        : `, as informative as ${Number(worth.toPrecision(2))} of equal size`;
    const name = capitalised(inSentence(measure.title));
    const has = `${name} has ${counted(clusters, 'cluster')} of samples${even}`;
    return clusters < FEWEST_CLUSTERS
      ? `${has}, fewer than the ${FEWEST_CLUSTERS} that an interval of a difference needs: no verdict beyond counts and a permutation test.`
      : `${has}: with fewer than ${MINIMUM_CLUSTERS} a difference counts only where a permutation of whole clusters and a test that allows for skewness both show it. An effect that is rarer than the clusters seen can be missed.`;
  });
}

function isFew(effectiveClusters: number | null): boolean {
  return effectiveClusters === null || effectiveClusters < MINIMUM_CLUSTERS - 1e-9;
}

function notRobust({ measures, stages }: Warned): string[] {
  const cases = headlineContrasts(measures).filter(({ contrast }) => contrast.robustToMissing === false);
  const byMeasure = Map.groupBy(cases, ({ measure }) => measure);
  const turned = [...byMeasure].map(([measure, group]) => {
    const pairs = group.map(
      ({ contrast: { from, to } }) => `${title(stages, to)} against ${title(stages, from)}`,
    );
    const named = pairs.length > 3 ? counted(pairs.length, 'comparison') : listed(pairs);
    return { name: inSentence(measure.title), named };
  });
  return [...Map.groupBy(turned, ({ named }) => named)].map(([named, group]) => {
    const verdicts = group.length === 1 ? 'verdict' : 'verdicts';
    return `Trials without a value could change the ${verdicts} on ${listed(group.map(({ name }) => name))} for ${named}, had they all come out one way.`;
  });
}

function leftOut({ unknownRatings, unknownTrials }: Warned): string[] {
  const left = [...unknownRatings]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${counted(count, 'rating')} of ${name}`);
  if (unknownTrials > 0) left.unshift(`${counted(unknownTrials, 'trial')} of stages or evals`);
  return left.length === 0 ? [] : [`Left out, because the manifest does not know of it: ${listed(left)}.`];
}

function headlineContrasts(
  measures: readonly MeasureFindings[],
): { readonly measure: MeasureFindings; readonly contrast: Contrast }[] {
  return measures
    .filter(({ headline }) => headline)
    .flatMap((measure) => measure.contrasts.map((contrast) => ({ measure, contrast })));
}

function title(stages: readonly FindingsStage[], id: string): string {
  return stages.find((stage) => stage.id === id)?.title ?? id;
}
