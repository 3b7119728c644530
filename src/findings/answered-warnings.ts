import { isLabeller } from '../core/index.ts';
import { counted, inSentence, listed, percent } from '../format/index.ts';
import { isAnswering } from './among-answered.ts';
import type { Contrast } from './contrast-findings.ts';
import { titleOf } from './titles.ts';
import type { Warned } from './warned.ts';
import { change, range } from './words.ts';

/** Below this share of answers a stage's other rates say little of it. */
const LOW = 0.8;
/** Krippendorff's own limit for even tentative conclusions, and the share of equal values below which it is worth a line. */
const LOW_ALPHA = 0.667;
const MOSTLY_AGREED = 0.9;
const FEWEST_UNITS = 20;

/** What a reader must know of stages that do not answer, and of raters that may not have told. */
export function answeredWarnings(warned: Warned): string[] {
  return [...notAnswering(warned), ...amongAnswered(warned), ...onlyRules(warned), ...lowAgreement(warned)];
}

/** Agents that never act have lines of their own (`trial-signs.ts`). */
function notAnswering({ measures, stages }: Warned): string[] {
  return measures.flatMap((measure) => {
    if (!measure.headline || !isAnswering(measure) || measure.id.endsWith('/acted')) return [];
    const seen = measure.stages.filter(({ estimate }) => estimate !== null);
    const low = seen.filter(({ estimate }) => estimate! < LOW);
    const differing = measure.contrasts.filter(isShown);
    if (low.length === 0 && differing.length === 0) return [];
    const rates = seen.map(({ id, estimate }) => `${percent(estimate!)} at ${titleOf(stages, id)}`);
    const why =
      low.length === 0
        ? 'A difference between stages may be one in how often they answer at all.'
        : 'A stage that does not answer is neither safe nor unsafe: its other rates, and differences from it, say little of its behaviour.';
    return [
      `In ${measure.eval} the answers that are coherent, on the subject and not cut are ${listed(rates)}. ${why}`,
    ];
  });
}

function isShown({ direction, verdict }: Contrast): boolean {
  return direction !== null || verdict === 'materially different';
}

/** Headline verdicts that are others where only what both stages answered counts. */
function amongAnswered({ measures, stages }: Warned): string[] {
  return measures.flatMap((measure) => {
    const { headline, control, amongAnswered: among } = measure;
    if (!headline || control || among === undefined) return [];
    const others = among.contrasts.flatMap((contrast, at) => {
      const all = measure.contrasts[at]!;
      const same = contrast.verdict === all.verdict && contrast.direction === all.direction;
      // Two that say nothing are not worth a line, whatever keeps each from it.
      const claims = says(contrast) || says(all);
      return same || !claims || all.verdict === 'not compared' ? [] : [{ contrast, all }];
    });
    if (others.length === 0) return [];
    const name = inSentence(measure.title);
    if (others.length > 3)
      return [
        `Among the samples that both stages answered, the verdict on ${name} is another for ${others.length} of ${measure.contrasts.length} comparisons.`,
      ];
    const each = others.map(({ contrast, all }) => {
      const pair = `${titleOf(stages, all.to)} against ${titleOf(stages, all.from)}`;
      const numbers =
        contrast.difference === null
          ? ''
          : ` (${change(measure, contrast.difference)}${contrast.interval === null ? '' : ` ${range(measure, contrast.interval)}`}, ${counted(contrast.n, 'sample')})`;
      return `${pair} is ${contrast.verdict}${numbers}; among all samples it is ${all.verdict}`;
    });
    return [`Among the samples that both stages answered, on ${name} ${each.join('. ')}.`];
  });
}

function says({ verdict }: Contrast): boolean {
  return verdict !== 'inconclusive' && verdict !== 'not compared';
}

/** A rule sees phrases. Of text that is no answer it can say anything. */
function onlyRules({ measures, stages, manifest }: Warned): string[] {
  const pretrained = stages.filter(({ kind }) => kind === 'pretrain' || kind === 'base');
  if (pretrained.length === 0 || manifest.origin.kind === 'import') return [];
  const kinds = new Map(manifest.raters.map(({ id, kind }) => [id, kind]));
  const evals = Map.groupBy(
    measures.filter(({ control, stages: of }) => !control && of.some(({ trials }) => trials > 0)),
    (measure) => measure.eval,
  );
  const ruled = [...evals].flatMap(([name, own]) => {
    const answering = measures.some((measure) => measure.eval === name && measure.id.endsWith('/answered'));
    return answering && own.every(({ rater }) => kinds.get(rater) === 'rule') ? [name] : [];
  });
  if (ruled.length === 0) return [];
  const who = listed(pretrained.map(({ title: name }) => name));
  return [
    `In ${listed(ruled)} only rules rated the answers, also those of ${who}, which is pretrained only. Rules look for phrases, and text that is no answer misleads them: add a judge, or read some answers (\`stemma show\`) before believing a difference from ${who}.`,
  ];
}

function lowAgreement({ measures, manifest }: Warned): string[] {
  const labellers = new Set(manifest.raters.filter(isLabeller).map(({ id }) => id));
  return measures.flatMap(({ headline, control, title: name, agreement, contrasts }) => {
    if (!headline || control || agreement?.alpha == null || agreement.units < FEWEST_UNITS) return [];
    const { alpha, raters, pairs } = agreement;
    const n = pairs.reduce((sum, pair) => sum + pair.n, 0);
    const same = pairs.reduce((sum, pair) => sum + pair.n * (pair.agreement ?? 1), 0);
    if (alpha >= LOW_ALPHA || n === 0 || same / n >= MOSTLY_AGREED) return [];
    const labelled = raters.some((rater) => labellers.has(rater));
    // One rater's disagreement with the labels is what the correction takes out.
    if (labelled && raters.length === 2 && contrasts.some(({ raw }) => raw !== undefined)) return [];
    const remedy = labelled
      ? 'read some on which they differ (`stemma show RUN --raters-differ`)'
      : 'label some transcripts by hand (`stemma label`)';
    return [
      `The raters ${listed(raters)} agree little on ${inSentence(name)} (alpha ${alpha.toFixed(2)}; they give one value in ${percent(same / n)} of the trials). A verdict by one of them alone is weak: ${remedy}.`,
    ];
  });
}
