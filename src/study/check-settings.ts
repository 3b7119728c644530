import { isId, type Measure } from '../core/index.ts';
import { tooWideMargin } from '../core/wide-margin.ts';
import { didYouMean, type Problems } from '../files/index.ts';
import { idsOf, type SoundStudy } from './rows.ts';

/**
 * Margins are of measures that exist, and smaller than the measure's range.
 *
 * @param measures those of the study's evals
 */
export function checkMargins(
  { margins = {} }: SoundStudy,
  measures: readonly Measure[],
  problems: Problems,
): void {
  const known = new Map(measures.map((measure) => [measure.id, measure]));
  for (const [key, margin] of Object.entries(margins)) {
    const path = ['margins', key];
    const measure = known.get(key);
    if (key !== 'default' && measure === undefined) {
      const remedy = didYouMean(key, ['default', ...known.keys()]);
      problems.addKey(path, `no eval of this study has a measure "${key}"`, remedy);
    } else if (typeof margin === 'number') {
      const wide = tooWideMargin(margin, measure === undefined ? measures : [measure]);
      if (wide !== null) problems.add(path, wide.message, wide.remedy);
    } else if (margin !== undefined && measure !== undefined) {
      const wide = margin.points === undefined ? null : tooWideMargin(margin.points, [measure]);
      if (wide !== null) problems.add([...path, 'points'], wide.message, wide.remedy);
      if (margin.ratio !== undefined && measure.kind !== 'rate')
        problems.addKey(
          [...path, 'ratio'],
          `${key} is a score, and a ratio is of two rates`,
          'Declare its margin in points.',
        );
    }
  }
}

/** The contrasts and the headline rater name stages and raters of the study. */
export function checkAnalysis(study: SoundStudy, problems: Problems): void {
  const { headline_rater: headline, contrasts } = study.analysis ?? {};
  const stages = idsOf(study, 'stages');
  const raters = idsOf(study, 'raters');
  if (typeof headline === 'string' && !raters.includes(headline))
    problems.add(
      ['analysis', 'headline_rater'],
      `no rater is called "${headline}"`,
      didYouMean(headline, raters),
    );
  if (contrasts === undefined || typeof contrasts === 'string') return;
  for (const [index, pair = []] of contrasts.entries()) {
    const path = ['analysis', 'contrasts', index];
    for (const [side, stage] of pair.entries()) {
      if (stage !== undefined && !stages.includes(stage))
        problems.add([...path, side], `no stage is called "${stage}"`, didYouMean(stage, stages));
    }
    if (pair.length === 2 && pair[0] !== undefined && pair[0] === pair[1])
      problems.add(path, `this compares "${pair[0]}" with itself`, 'Name two stages.');
  }
}

/** The measures that the analysis names are those of the study's evals, and epochs are enough for what is made of them. */
export function checkAnalysisMeasures(
  study: SoundStudy,
  evals: readonly { readonly measures: readonly Measure[]; readonly epochs: number }[],
  problems: Problems,
): void {
  const { conditional = [], over_epochs: overEpochs = [] } = study.analysis ?? {};
  const known = new Set(evals.flatMap(({ measures }) => measures.map(({ id }) => id)));
  const check = (id: string | undefined, path: (string | number)[]) => {
    if (id !== undefined && !known.has(id))
      problems.add(path, `no eval of this study has a measure "${id}"`, didYouMean(id, [...known]));
  };
  for (const [index, one] of conditional.entries()) {
    const { measure, given } = one ?? {};
    check(measure, ['analysis', 'conditional', index, 'measure']);
    check(given, ['analysis', 'conditional', index, 'given']);
    const own = evals.find(({ measures }) => measures.some(({ id }) => id === measure));
    if (
      own !== undefined &&
      given !== undefined &&
      known.has(given) &&
      !own.measures.some(({ id }) => id === given)
    )
      problems.add(
        ['analysis', 'conditional', index, 'given'],
        `"${given}" is not measured on the trials of "${measure}"`,
        'Both must be measures of one eval.',
      );
  }
  for (const [index, one] of overEpochs.entries()) {
    const { measure, pass = [], consistency } = one ?? {};
    const path = ['analysis', 'over_epochs', index];
    check(measure, [...path, 'measure']);
    const own = evals.find(({ measures }) => measures.some(({ id }) => id === measure));
    if (own === undefined) continue;
    const needed = Math.max(consistency ? 2 : 1, ...pass.map((k) => k ?? 1));
    if (own.measures.find(({ id }) => id === measure)!.kind !== 'rate')
      problems.add([...path, 'measure'], `"${measure}" is not a rate`, 'Name a measure of yes and no.');
    else if (own.epochs < needed)
      problems.add(
        path,
        `this needs ${needed} epochs, and the eval has ${own.epochs}`,
        `Give the eval \`epochs: ${needed}\` or more.`,
      );
  }
}

/** File systems take names of 255 bytes, and stemma adds endings. */
const LONGEST_NAME = 200;

/** A study's name makes a folder. */
export function checkName({ name }: SoundStudy, problems: Problems): void {
  if (name === undefined || name === '') return;
  if (isId(name)) {
    if (Buffer.byteLength(name) > LONGEST_NAME)
      problems.add(
        ['name'],
        `the name is too long for a folder: more than ${LONGEST_NAME} bytes`,
        'Shorten it; `description` takes any words.',
      );
    return;
  }
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._+-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '');
  const remedy = `Write ${isId(plain) ? plain : 'my-study'}; \`description\` takes any words.`;
  problems.add(
    ['name'],
    `"${name}" can't name a folder: letters, digits, and . _ + - after the first`,
    remedy,
  );
}
