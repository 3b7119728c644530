import { definedOnly } from '../../core/defined-only.ts';
import { InputError, type PublishedResults } from '../../core/index.ts';
import { nearest } from '../../files/index.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import { refuseWideMargins } from '../measure-survey.ts';

/**
 * The results with what the user declares of their measures: kind, range, margin, ratio, direction.
 *
 * @param declared each by the measure's id, or by its name without the family where that is clear
 * @throws InputError for a measure that is not there, and for a margin as wide as the measure's range
 */
export function withDeclared(
  results: PublishedResults,
  declared: readonly DeclaredMeasure[],
): PublishedResults {
  const ids = results.evals.flatMap(({ measures }) => measures.map(({ id }) => id));
  const byId = new Map<string, DeclaredMeasure>();
  for (const measure of declared) {
    const id = idOf(measure.name, ids);
    byId.set(id, { ...byId.get(id), ...measure });
  }
  const margins = results.margins ?? { default: 0.05, byMeasure: {} };
  const said = (key: 'margin' | 'ratio') =>
    Object.fromEntries([...byId].flatMap(([id, one]) => (one[key] === undefined ? [] : [[id, one[key]]])));
  const evals = results.evals.map((info) => ({
    ...info,
    measures: info.measures.map((measure) => {
      const { kind, range, safer } = byId.get(measure.id) ?? {};
      const { rangeOf, ...rest } = measure;
      return {
        ...rest,
        ...(range === undefined && rangeOf !== undefined ? { rangeOf } : {}),
        ...definedOnly({ kind, range, safer }),
      };
    }),
  }));
  refuseWideMargins(
    evals.flatMap(({ measures }) => measures),
    (id) => byId.get(id)?.margin,
  );
  return {
    ...results,
    evals,
    margins: {
      ...margins,
      byMeasure: { ...margins.byMeasure, ...said('margin') },
      ratios: { ...margins.ratios, ...said('ratio') },
    },
  };
}

function idOf(name: string, ids: readonly string[]): string {
  const found = ids.includes(name) ? [name] : ids.filter((id) => id.endsWith(`/${name}`));
  if (found.length === 1) return found[0]!;
  const near =
    nearest(name, ids) ??
    nearest(
      name,
      ids.map((id) => id.slice(id.indexOf('/') + 1)),
    );
  if (ids.length === 0) {
    throw new InputError('the two have no measure: their samples were not scored', {
      remedy: '`inspect score LOG` scores the samples of a log.',
    });
  }
  throw new InputError(`there is no measure "${name}"`, {
    remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}The measures are: ${ids.join(', ')}.`,
  });
}
