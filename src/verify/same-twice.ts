import type { GenerateRequest, Model } from '../core/index.ts';
import type { Findings } from '../findings/index.ts';
import type { Models } from '../models/index.ts';
import { isModel, type StageSpec, type Study, seedAgain } from '../study/index.ts';

/*
 * The A/A comparison: every checkpoint against itself, the second arm drawing from other seeds. Nothing differs, so every
 * verdict that something does is false; at 95 % intervals about one in twenty is to be expected.
 */

/** The study with each stage twice, compared with itself alone; opens the models, since an arm of other seeds is an object. */
export async function sameTwice(study: Study, models: Models): Promise<Study> {
  const pairs = await Promise.all(
    study.stages
      .filter(({ again }) => again === undefined)
      .map(async ({ training: _, ...stage }): Promise<readonly [StageSpec, StageSpec]> => {
        const model = isModel(stage.model) ? stage.model : await models.open(stage.model);
        const root = { ...stage, from: null, model };
        return [root, { ...root, id: `${stage.id}-again`, model: reseeded(model) }];
      }),
  );
  return {
    ...study,
    name: `${study.name}-same`,
    stages: pairs.flat(),
    analysis: {
      ...study.analysis,
      bootstrap: 0,
      contrasts: pairs.map(([one, again]): [string, string] => [one.id, again.id]),
    },
    expect: [],
  };
}

function reseeded(model: Model): Model {
  return {
    ref: `${model.ref}-again`,
    generate: (request: GenerateRequest, signal) =>
      model.generate(
        { ...request, sampling: { ...request.sampling, seed: seedAgain(request.sampling.seed) } },
        signal,
      ),
  };
}

/** How many comparisons there were, and how many found a difference that is none. */
export interface SameTwice {
  readonly comparisons: number;
  readonly different: number;
  /** `measure: stage`, a line for each that did. */
  readonly which: readonly string[];
}

const DIFFERENT: readonly string[] = ['different', 'materially different', 'different but within the margin'];

export function countDifferent(findings: Findings): SameTwice {
  const contrasts = findings.measures.flatMap(({ id, headline, contrasts: all }) =>
    headline ? all.filter(({ interval }) => interval !== null).map((contrast) => ({ id, contrast })) : [],
  );
  const mistaken = contrasts.filter(({ contrast }) => DIFFERENT.includes(contrast.verdict));
  return {
    comparisons: contrasts.length,
    different: mistaken.length,
    which: mistaken.map(({ id, contrast }) => `${id}: ${contrast.from}`),
  };
}
