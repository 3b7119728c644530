import { InputError, isId, type Manifest, type RaterInfo } from '../../core/index.ts';
import { ADJUDICATED_RATER } from '../../core/persons-id.ts';
import type { RunWriter } from '../../records/index.ts';
import type { LabelledQuestion } from './question.ts';

const MODEL = 'model';

const DESCRIPTION = 'Labels taken with `stemma label`, blind to the stage.';
const BY_MODEL = 'Labels by a model, and not by people, taken with `stemma label`, blind to the stage.';
const ADJUDICATED =
  'Labels of several people, taken with `stemma label`; where they differed, somebody decided.';

/**
 * The rater that a labeller's answers are recorded as. What a model labelled is never called human.
 *
 * @throws InputError for a name that can't be one, and for a model without a name
 * @example raterOf('anna'); // => 'human-anna'
 * @example raterOf('opus', true); // => 'model-opus'
 */
export function raterOf(labeller: string | undefined, isModel = false): string {
  if (labeller === undefined) {
    if (!isModel) return ADJUDICATED_RATER;
    throw new InputError('a model that labels needs a name', { remedy: 'Add --labeller NAME.' });
  }
  if (isId(labeller)) return `${isModel ? MODEL : ADJUDICATED_RATER}-${labeller}`;
  throw new InputError(`"${labeller}" can't name a labeller`, {
    remedy: 'Use letters, digits, ".", "_", "+" and "-".',
  });
}

/** Ids of the raters that are people who label under a name. */
export function labellersOf({ raters }: Manifest): string[] {
  return raters
    .filter(
      ({ id, kind, digests }) =>
        kind === 'human' && id !== ADJUDICATED_RATER && Object.keys(digests).length > 0,
    )
    .map(({ id }) => id);
}

/**
 * Puts a labeller among the run's raters, with the digest of what is asked.
 *
 * @throws InputError when another rater has that id, or it was asked something else under the question's name
 */
export function addLabeller(
  writer: RunWriter,
  id: string,
  evalId: string,
  question: LabelledQuestion,
): Promise<void> {
  return writer.changeManifest((manifest) => withLabeller(manifest, id, evalId, question));
}

function withLabeller(
  manifest: Manifest,
  id: string,
  evalId: string,
  { question, digest }: LabelledQuestion,
): Manifest {
  const asked = `${evalId}:${question.id}`;
  const before = manifest.raters.find((rater) => rater.id === id);
  if (before === undefined) {
    const settled = id === ADJUDICATED_RATER ? labellersOf(manifest) : [];
    const rater: RaterInfo = {
      id,
      kind: kindOf(id),
      title: titleOf(id, manifest),
      description: settled.length > 0 ? ADJUDICATED : isOfModel(id) ? BY_MODEL : DESCRIPTION,
      ...(settled.length > 0 ? { adjudicates: settled } : {}),
      digests: { [asked]: digest },
    };
    return { ...manifest, raters: [...manifest.raters, rater] };
  }
  if (before.kind !== kindOf(id) || Object.keys(before.digests).length === 0) {
    throw new InputError(`the run has another rater named "${id}" already, with labels that were imported`, {
      remedy: 'Label under a name: --labeller NAME.',
    });
  }
  const digestBefore = before.digests[asked];
  if (digestBefore === digest) return manifest;
  if (digestBefore !== undefined) {
    throw new InputError(
      `${id} was asked the question "${asked}" in other words: its rubric has changed since`,
      {
        remedy:
          'Label with the stemma that the labels were begun with, or under another name: --labeller NAME.',
      },
    );
  }
  const rater: RaterInfo = { ...before, digests: { ...before.digests, [asked]: digest } };
  return { ...manifest, raters: manifest.raters.map((one) => (one === before ? rater : one)) };
}

function isOfModel(id: string): boolean {
  return id.startsWith(`${MODEL}-`);
}

function kindOf(id: string): RaterInfo['kind'] {
  return isOfModel(id) ? 'model' : 'human';
}

function titleOf(id: string, manifest: Manifest): string {
  if (isOfModel(id)) return `${id.slice(MODEL.length + 1)} (a model's labels)`;
  if (id !== ADJUDICATED_RATER) return `${id.slice(ADJUDICATED_RATER.length + 1)} (labels)`;
  return labellersOf(manifest).length > 0 ? 'Humans (adjudicated)' : 'Human labels';
}
