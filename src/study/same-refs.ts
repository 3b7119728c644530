import { listed } from '../format/index.ts';
import { isOwnRef } from './stages.ts';
import type { StageSpec, Study } from './study.ts';

/**
 * Stages that name the same model, a sentence for each group: a slip of the hand gives one checkpoint two names. A/A arms
 * are the same model on purpose. So are stages that differ by what they are told (a template, members of the body).
 */
export function sameRefs({ stages }: Pick<Study, 'stages'>): string[] {
  const own = stages.filter(({ again }) => again === undefined);
  return [...Map.groupBy(own, askedAs).values()].flatMap((group) => {
    if (group.length < 2) return [];
    const [{ model, weights, gguf }] = group as [StageSpec];
    return [
      `The stages ${listed(group.map(({ id }) => id))} are the same model, ${weights ?? gguf ?? model.ref}.`,
    ];
  });
}

/** All that tells one stage's requests from another's, sampling aside: equal where one model is asked alike. */
function askedAs(stage: StageSpec): string {
  const { id, kind, from, title, family, training, sampling, factors, replicateOf, model, seed, ...rest } =
    stage;
  return JSON.stringify({ ...rest, ...(isOwnRef(model.ref, training !== undefined) ? {} : { model }) });
}
