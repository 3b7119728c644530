import { join } from 'node:path';
import { placeOf, type ServedWeights, type ServerEvent, StageServers } from '../checkpoints/index.ts';
import type { CheckpointIdentity } from '../core/index.ts';
import type { ModelsOptions } from '../models/index.ts';
import type { StageSpec, Study } from '../study/index.ts';
import type { KnownFiles } from './identity.ts';

/** The servers of a study's stages, and how models find them. */
export interface ServedStages extends AsyncDisposable {
  readonly servedAt: NonNullable<ModelsOptions['servedAt']>;
  /** Groups of stages: each group's servers run together. Stages with a server of the user's own are in the first. */
  readonly groups: readonly (readonly string[])[];
  /** Has the servers of these stages run, and no others. */
  use(stages: readonly string[], signal: AbortSignal): Promise<void>;
}

interface ServeOptions {
  readonly checkpoints: string;
  /** What is known of each stage's files. */
  readonly weights: ReadonlyMap<string, KnownFiles>;
  readonly onEvent?: (event: ServerEvent) => void;
  readonly onFail: (error: Error) => void;
}

/**
 * Makes the servers ready for the stages that have weights and no address; none is started yet.
 *
 * @returns `null` where the study says nothing of serving, or no stage needs it
 */
export async function serveStages(
  study: Pick<Study, 'stages' | 'serving'>,
  { checkpoints, weights, onEvent, onFail }: ServeOptions,
): Promise<ServedStages | null> {
  const { serving, stages } = study;
  if (serving === undefined) return null;
  const served = stages.filter(({ again, model }) => again === undefined && model.ref.startsWith('served:'));
  if (served.length === 0) return null;
  const servers = new StageServers(
    await Promise.all(served.map((stage) => weightsOf(stage, checkpoints, weights))),
    serving,
    { folder: join(checkpoints, 'servers'), ...(onEvent === undefined ? {} : { onEvent }), onFail },
  );
  return {
    async servedAt(id) {
      const stage = served.find((one) => one.id === id)!;
      return {
        ...(await servers.addressOf(id)),
        protocol: protocolOf(stage, weights.get(id)?.identity),
        settings: { concurrency: concurrencyOf(serving) },
      };
    },
    groups: groupsOf(stages, servers.groups),
    use: (ids, signal) => servers.use(ids, signal),
    [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
  };
}

/** Requests at one server at once. */
function concurrencyOf({ with: kind, concurrency }: NonNullable<Study['serving']>): number {
  return concurrency ?? (kind === 'transformers' ? 1 : 32);
}

async function weightsOf(
  { id, checkpoint }: StageSpec,
  checkpoints: string,
  weights: ReadonlyMap<string, KnownFiles>,
): Promise<ServedWeights> {
  if (checkpoint === undefined || checkpoint.kind === 'organism')
    throw new TypeError(`the stage "${id}" has no weights to serve`);
  return {
    stage: id,
    ...(await placeOf(checkpoint, checkpoints)),
    digest: weights.get(id)!.identity.weights!,
  };
}

/**
 * A checkpoint without a chat template is asked for text completions, and so is a pretrained stage whose file does not tell. A GGUF
 * file holds its template within, where stemma does not read it.
 */
function protocolOf(
  { kind, checkpoint, model }: StageSpec,
  known: CheckpointIdentity | undefined,
): 'openai-chat' | 'openai-completions' {
  const isGguf = checkpoint?.kind === 'given' && checkpoint.gguf !== undefined;
  const framed = 'template' in model && model.template !== undefined;
  const chats = isGguf ? !/^(pretrain|pretrained|base)$/.test(kind) : known?.template !== undefined;
  return framed || !chats ? 'openai-completions' : 'openai-chat';
}

/** A/A arms go with the stage that they are once more, and stages with an address of their own with the first group. */
function groupsOf(
  stages: readonly StageSpec[],
  groups: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const groupOf = ({ id, again = id }: StageSpec) =>
    Math.max(
      0,
      groups.findIndex((group) => group.includes(again)),
    );
  return groups.map((_, number) => stages.filter((stage) => groupOf(stage) === number).map(({ id }) => id));
}
