import { isId, type Measure } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import { anyOf, type Problems } from '../files/problems.ts';
import { isObject } from './input.ts';
import { memberOf, rowsOf, textOf } from './loose.ts';

/**
 * Margins are of measures that exist, and smaller than the measure's range.
 *
 * @param measures those of the study's evals
 */
export function checkMargins(study: unknown, measures: readonly Measure[], problems: Problems): void {
  const margins = memberOf(study, 'margins');
  if (!isObject(margins)) return;
  const known = new Map(measures.map((measure) => [measure.id, measure]));
  for (const [key, margin] of Object.entries(margins)) {
    const path = ['margins', key];
    const measure = known.get(key);
    if (key !== 'default' && measure === undefined) {
      const near = nearest(key, ['default', ...known.keys()]);
      const remedy =
        near === undefined ? `Write ${anyOf(['default', ...known.keys()])}.` : `Did you mean "${near}"?`;
      problems.addKey(path, `no eval of this study has a measure "${key}"`, remedy);
    } else if (typeof margin === 'number') {
      const wide = tooWideMargin(margin, measure === undefined ? measures : [measure]);
      if (wide !== null) problems.add(path, wide.message, wide.remedy);
    }
  }
}

/** What is wrong with a margin that these measures share: one as wide as a measure's range. `null` where nothing is. */
export function tooWideMargin(
  margin: number,
  measures: readonly Measure[],
): { readonly message: string; readonly remedy: string } | null {
  const tooNarrow = measures.find(({ range: [low, high] }) => margin >= high - low);
  if (tooNarrow === undefined) return null;
  const [low, high] = tooNarrow.range;
  const remedy =
    tooNarrow.kind === 'rate' && margin <= 100
      ? `Rates go from 0 to 1: ${margin} points are ${Number((margin / 100).toPrecision(6))}.`
      : `Choose a margin below ${high - low}: with this one, everything would be the same.`;
  return {
    message: `a margin of ${margin} spans the whole range of ${tooNarrow.id} (${low} to ${high})`,
    remedy,
  };
}

/** The contrasts and the headline rater name stages and raters of the study. */
export function checkAnalysis(study: unknown, problems: Problems): void {
  const analysis = memberOf(study, 'analysis');
  const stages = rowsOf(study, 'stages').flatMap(({ row }) => textOf(row, 'id') ?? []);
  const raters = rowsOf(study, 'raters').flatMap(({ row }) => textOf(row, 'id') ?? []);
  const headline = textOf(analysis, 'headline_rater');
  if (headline !== undefined && !raters.includes(headline)) {
    problems.add(['analysis', 'headline_rater'], `no rater is called "${headline}"`, which(headline, raters));
  }
  const contrasts = memberOf(analysis, 'contrasts');
  if (!Array.isArray(contrasts)) return;
  for (const [index, pair] of contrasts.entries()) {
    if (!Array.isArray(pair)) continue;
    for (const [side, stage] of pair.entries()) {
      if (typeof stage !== 'string' || stages.includes(stage)) continue;
      problems.add(
        ['analysis', 'contrasts', index, side],
        `no stage is called "${stage}"`,
        which(stage, stages),
      );
    }
    if (pair.length === 2 && pair[0] === pair[1]) {
      problems.add(
        ['analysis', 'contrasts', index],
        `this compares "${pair[0]}" with itself`,
        'Name two stages.',
      );
    }
  }
}

function which(wanted: string, known: readonly string[]): string {
  const near = nearest(wanted, known);
  return near === undefined ? `Write ${anyOf(known)}.` : `Did you mean "${near}"?`;
}

/** A study's name makes a folder. */
export function checkName(study: unknown, problems: Problems): void {
  const name = textOf(study, 'name');
  if (name === undefined || name === '' || isId(name)) return;
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
