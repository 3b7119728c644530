import { capitalised, count, counted, inSentence, labelInWords, listed, pInWords } from '../format/index.ts';
import type { LastSession } from '../records/index.ts';
import { FEWEST_CLUSTERS, MINIMUM_CLUSTERS } from '../stats/index.ts';
import { isAnswering } from './among-answered.ts';
import { mixedJudgeWarnings, sameModelWarnings, samplerWarnings } from './answered-by.ts';
import { answeredWarnings } from './answered-warnings.ts';
import type { Contrast } from './contrast-findings.ts';
import type { MeasureFindings } from './findings.ts';
import { labelWarnings } from './label-warnings.ts';
import { lookWarnings } from './look-warnings.ts';
import {
  damageWarnings,
  growthWarnings,
  ratedAloneWarnings,
  silentRaterWarnings,
} from './records-warnings.ts';
import { titleOf } from './titles.ts';
import type { Warned } from './warned.ts';
import { change, range, size } from './words.ts';

/** Below this, with all pairs counted, two raters are said to see different changes. */
const RATERS_DIFFER = 0.01;

/** Plain sentences that a reader must see before believing the rest, the weightiest first. */
export function warningsOf(warned: Warned): string[] {
  return [
    ...unfinished(warned),
    ...damageWarnings(warned),
    ...ratedAloneWarnings(warned),
    ...silentRaterWarnings(warned),
    ...growthWarnings(warned),
    ...lookWarnings(warned),
    ...refused(warned),
    ...sameModelWarnings(warned.answered, warned.manifest),
    ...samplerWarnings(warned.answered, warned.manifest.stages),
    ...mixedJudgeWarnings(warned.judges, warned.manifest.raters),
    ...labelWarnings(warned),
    ...unreadable(warned),
    ...labelsAlone(warned),
    ...answeredWarnings(warned),
    ...differentChanges(warned),
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
  decided: 'It was stopped at a declared look, where every headline had a verdict',
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
    return `${titleOf(stages, to)} and ${titleOf(stages, from)} are not compared on ${names}: ${why}.`;
  });
}

/** Answers of raters that could not be read: they are nobody's opinion, and may not be like the others. */
function unreadable({ measures, stages, manifest }: Warned): string[] {
  const derived = new Set(
    manifest.evals.flatMap(({ measures: all }) => all.flatMap(({ id, derived: of }) => (of ? [id] : []))),
  );
  const byRater = Map.groupBy(
    measures.flatMap(({ id: measure, rater, title: name, stages: each }) =>
      (derived.has(measure) ? [] : each).flatMap(({ id, trials, missing: { unparsed } }) =>
        unparsed === 0 ? [] : [{ rater, name: inSentence(name), id, unparsed, asked: trials + unparsed }],
      ),
    ),
    ({ rater }) => rater,
  );
  return [...byRater].flatMap(([rater, found]) => {
    // A panel's and a derived measure's are those of the ratings that they are made of.
    if (manifest.raters.find(({ id }) => id === rater)?.panel !== undefined) return [];
    const each = found.map(
      ({ name, id, unparsed, asked }) =>
        `${count(unparsed)} of ${count(asked)} on ${name} (${titleOf(stages, id)})`,
    );
    const shown = each.length > MOST_NAMED ? [...each.slice(0, MOST_NAMED), 'others'] : each;
    const name = titleOf(manifest.raters, rater);
    // Of published results it is not known whether nothing was measured or an answer could not be read.
    const why = manifest.origin.kind === 'import' ? 'have no value' : 'could not be read';
    return [`Some ratings by ${name} ${why}, and count as missing: ${listed(shown)}.`];
  });
}

/** Answers that raters could read and that have no value, such as those which take none of the choices: by stage. */
function labelsAlone({ measures, stages, manifest }: Warned): string[] {
  return measures.flatMap(({ control, rater, title: name, stages: each }) => {
    const found = each.flatMap(({ id, trials, missing: { labelsAlone: labels = {}, unparsed } }) => {
      const counts = Object.entries(labels);
      const alone = counts.reduce((sum, [, times]) => sum + times, 0);
      if (alone === 0) return [];
      const words = listed(counts.map(([label, times]) => `${count(times)} ${labelInWords(label)}`));
      return [`${titleOf(stages, id)} ${words} of ${count(trials + unparsed + alone)}`];
    });
    if (found.length === 0 || control) return [];
    const by = titleOf(manifest.raters, rater);
    return [
      `Some answers have no value on ${inSentence(name)} (rated by ${by}), and count as missing: ${found.join('; ')}.`,
    ];
  });
}

/** More places than these are not named in one sentence. */
const MOST_NAMED = 4;

/** Raters that see different changes: at least one of them errs differently at the two stages. */
function differentChanges({ measures, stages, manifest }: Warned): string[] {
  return measures.flatMap((measure) => {
    const { headline, rater, agreement } = measure;
    const found = (agreement?.interactions ?? []).filter(({ pHolm }) => pHolm < RATERS_DIFFER);
    if (!headline || found.length === 0) return [];
    return [...Map.groupBy(found, (one) => one.rater)].map(([other, pairs]) => {
      const between = pairs.map(({ from, to }) => `${titleOf(stages, from)} and ${titleOf(stages, to)}`);
      const amounts = pairs.map(
        ({ difference, interval }) => `${change(measure, difference)} ${range(measure, interval)}`,
      );
      const where =
        pairs.length > 3
          ? `${pairs.length} pairs of stages`
          : `${listed(between)} (${listed(amounts)}, ${pInWords(Math.max(...pairs.map(({ pHolm }) => pHolm)))})`;
      return `${titleOf(manifest.raters, rater)} and ${titleOf(manifest.raters, other)} see different changes in ${inSentence(measure.title)} between ${where}: at least one of them errs differently there.`;
    });
  });
}

/** Headline verdicts of a panel that one judge less would change. */
function hangingOnJudges({ measures, stages }: Warned): string[] {
  return measures.flatMap(({ headline, title: name, sensitivity, contrasts }) => {
    // What does not stand with the whole family counted is not shown, whoever the judges are.
    const hanging = (sensitivity?.contrasts ?? []).filter(
      ({ standsWithout, verdict }, pair) => !standsWithout && contrasts[pair]!.verdict === verdict,
    );
    if (!headline || hanging.length === 0) return [];
    const pairs = hanging.map(({ from, to }) => `${titleOf(stages, to)} against ${titleOf(stages, from)}`);
    const which =
      pairs.length > 3 ? `${pairs.length} of ${sensitivity!.contrasts.length} comparisons` : listed(pairs);
    return [`With one judge less on the panel the verdict on ${inSentence(name)} is another for ${which}.`];
  });
}

function postHoc({ measures, manifest, asWritten }: Warned): string[] {
  if (!asWritten) {
    return [
      'The manifest of this run was changed by hand: it does not have the digest that stemma wrote. Its margins may have been chosen after the data were seen, so all verdicts by them are post hoc.',
    ];
  }
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
    ({ headline, contrasts, ...measure }) =>
      headline &&
      !isAnswering(measure) &&
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
      ({ contrast: { from, to } }) => `${titleOf(stages, to)} against ${titleOf(stages, from)}`,
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
    .filter((measure) => measure.headline && !isAnswering(measure))
    .flatMap((measure) => measure.contrasts.map((contrast) => ({ measure, contrast })));
}
