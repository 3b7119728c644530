import {
  checkIdentity,
  organismFile,
  placeOf,
  readLineage,
  readOrganismLineage,
  type ServedGuard,
  weightsDigest,
  weightsFacts,
} from '../checkpoints/index.ts';
import type { CheckpointIdentity, StageInfo } from '../core/index.ts';
import { type Models, parseModelRef } from '../models/index.ts';
import type { TrialRow } from '../records/index.ts';
import { isModel, type Plan, type StageSpec, type Study, samplingOf } from '../study/index.ts';
import { samplerWarnings, serverOf } from './server-settings.ts';

/** What is known of a stage's files: which weights they are, and how stemma made them. */
export type KnownFiles = Pick<StageInfo, 'lineage'> & { readonly identity: CheckpointIdentity };

function asRecorded(whole: ReturnType<typeof readLineage>): Pick<StageInfo, 'lineage'> {
  if (whole === null) return {};
  const { name, madeAt, parent, recipe, order, sources, result, attempts } = whole;
  return { lineage: { name, madeAt, parent, recipe, order, sources, result, attempts: attempts.length } };
}

/**
 * What is known of the stages whose checkpoints are files: digests of their weights, tokenizer and chat template.
 *
 * @param verify read every byte, also where the digest of a file in this state is kept
 * @throws InputError where such a file is missing or damaged
 */
export async function stageWeights(
  { stages, folder }: Pick<Study, 'stages' | 'folder'>,
  checkpoints: string,
  { verify = false }: { readonly verify?: boolean | undefined },
): Promise<ReadonlyMap<string, KnownFiles>> {
  const known = new Map<string, KnownFiles>();
  for (const { id, checkpoint } of stages) {
    if (checkpoint?.kind === 'organism') {
      const file = organismFile(checkpoint.name, checkpoints, folder);
      const weights = await weightsDigest(file, { verify });
      const written = readOrganismLineage(file);
      known.set(id, {
        identity: { weights },
        ...asRecorded(written?.identity.weights === weights ? written : null),
      });
    } else if (checkpoint !== undefined) {
      const place = await placeOf(checkpoint, checkpoints);
      known.set(id, {
        identity: await weightsFacts(place, { verify }),
        ...asRecorded(checkpoint.kind === 'trained' ? readLineage(place.path) : null),
      });
    }
  }
  return known;
}

interface IdentityOptions {
  /** The stages that are about to be asked. */
  readonly ids: readonly string[];
  readonly models: Models;
  /** The run folder. */
  readonly folder: string;
  /** The recorded trials that stand: those that are asked again are left out. */
  readonly recorded: readonly Pick<TrialRow, 'stage' | 'status' | 'served'>[];
  readonly signal: AbortSignal;
  readonly command: (...flags: readonly string[]) => string;
  readonly onWarning: (warning: string) => void;
}

/**
 * Compares, before the first trial, who answers the stages with who answered the recorded trials: see `checkIdentity`. A
 * stage that lacks no trial is not asked.
 *
 * @returns what each further answer is to be checked with
 * @throws InputError where another model answers now
 */
export async function identityOfStages(
  { study, evals }: Pick<Plan, 'study' | 'evals'>,
  { models, recorded, ids, ...rest }: IdentityOptions,
): Promise<ServedGuard> {
  const counts = new Map<string, number>();
  for (const { stage } of recorded) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const planned = evals.reduce((sum, { entry, samples }) => sum + samples * entry.epochs, 0);
  const lacking = study.stages.filter(({ id }) => ids.includes(id) && (counts.get(id) ?? 0) < planned);
  const stages = await Promise.all(
    lacking.map(async ({ id, again, ...stage }) => {
      const origin = lacking.find((one) => one.id === again)?.id;
      const model = origin === undefined && isServed(stage) ? await models.open(stage.model) : null;
      const { system } = stage;
      return {
        id,
        ...(origin === undefined ? {} : { again: origin }),
        ...(system === undefined ? {} : { system }),
        model,
        sampling: samplingOf(study, stage),
      };
    }),
  );
  await models.learnServers(rest.signal);
  const described = stages.map((stage) => ({ ...stage, server: serverOf(models, stage) }));
  for (const warning of samplerWarnings(described)) rest.onWarning(warning);
  return checkIdentity({ ...rest, stages: described, recorded });
}

/** Whether a server answers for a stage: files, records and functions say by a digest who they are. */
function isServed(
  stage: Pick<StageSpec, 'model'>,
): stage is { readonly model: Exclude<StageSpec['model'], { generate: unknown }> } {
  if (isModel(stage.model)) return false;
  const { baseUrl, protocol } = parseModelRef(stage.model.ref);
  return baseUrl !== undefined || protocol === 'served';
}
