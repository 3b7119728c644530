import { join } from 'node:path';
import { placeOf, type ServedWeights, type ServerEvent, StageServers } from '../checkpoints/index.ts';
import type { CheckpointIdentity } from '../core/index.ts';
import type { ModelsOptions } from '../models/index.ts';
import type { Shard } from '../records/index.ts';
import type { StageSpec, Study } from '../study/index.ts';
import type { KnownFiles } from './identity.ts';

/** The servers of a study's stages, and how models find them. */
export interface ServedStages extends AsyncDisposable {
  readonly servedAt: NonNullable<ModelsOptions['servedAt']>;
  /** The stages that stemma serves, in groups: each group's servers run together. */
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
  /** The part of the run that is served; `null`: all of it. */
  readonly shard?: Shard | null;
}

/**
 * Makes the servers ready for the stages that have weights and no address; none is started yet.
 *
 * @returns `null` where the study says nothing of serving, or no stage needs it
 */
export async function serveStages(
  study: Pick<Study, 'stages' | 'serving'>,
  { checkpoints, weights, onEvent, onFail, shard = null }: ServeOptions,
): Promise<ServedStages | null> {
  const { serving, stages } = study;
  if (serving === undefined) return null;
  const served = stages.filter(({ again, model }) => again === undefined && model.ref.startsWith('served:'));
  if (served.length === 0) return null;
  const servers = new StageServers(
    await Promise.all(served.map((stage) => weightsOf(stage, checkpoints, weights))),
    serving,
    {
      folder: join(checkpoints, 'servers'),
      ...(shard === null ? {} : { part: `part-${shard.k}-of-${shard.of}` }),
      ...(onEvent === undefined ? {} : { onEvent }),
      onFail,
    },
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
    groups: servers.groups,
    use: (ids, signal) => servers.use(originsOf(stages, ids), signal),
    [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
  };
}

/** Requests at one server at once. */
export function concurrencyOf({ with: kind, concurrency }: NonNullable<Study['serving']>): number {
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

/** An A/A arm has the server of the stage that it is once more. */
function originsOf(stages: readonly StageSpec[], ids: readonly string[]): string[] {
  return stages.filter(({ id }) => ids.includes(id)).map(({ id, again = id }) => again);
}
