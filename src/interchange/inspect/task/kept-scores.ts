import type { Json, JsonObject } from '../../../core/index.ts';
import { asNumber, asObject, asObjects, asText } from '../json-access.ts';
import type { ReadScore } from '../scores.ts';

/** A score as a transcript keeps it: scorers are rules that read it there. */
export type KeptScore = Omit<ReadScore, 'status'>;

/** What a transcript keeps of the scores that Inspect gave. */
export function stateOfScores(scores: readonly KeptScore[]): JsonObject {
  return { inspect: { scores: JSON.parse(JSON.stringify(scores)) as Json } };
}

/** The scores that a transcript keeps; none where it is not one of an Inspect task. */
export function keptScores(state: Json | undefined): KeptScore[] {
  return asObjects(asObject(asObject(state).inspect).scores).map((score) => {
    const [label, explanation] = [asText(score.label), asText(score.explanation)];
    return {
      scorer: asText(score.scorer) ?? '',
      key: asText(score.key),
      value: asNumber(score.value),
      graded: score.graded === true,
      ...(label === null ? {} : { label }),
      ...(explanation === null ? {} : { explanation }),
    };
  });
}
