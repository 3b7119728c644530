import { type HubProgress, hubFolder, isHubRef } from '../hub/index.ts';
import type { Study } from '../study/index.ts';

export interface FetchOptions {
  /** Stops at once; what has come stays, and the next call goes on there. */
  readonly signal?: AbortSignal;
  /** After every piece of the weights of a stage that come from the hub. */
  readonly onDownload?: (progress: HubProgress) => void;
}

/**
 * Fetches the weights that stages have on the Hugging Face hub into its cache on this machine. What is there already is not
 * asked for.
 *
 * @returns the stage whose weights were being fetched when `signal` came; `null` where all are there
 * @throws InputError where they are neither in the cache nor to be had
 */
export async function fetchWeights(
  { stages }: Pick<Study, 'stages'>,
  { signal, onDownload }: FetchOptions,
): Promise<string | null> {
  for (const { id, checkpoint } of stages) {
    if (checkpoint?.kind !== 'given' || checkpoint.gguf !== undefined) continue;
    if (checkpoint.weights === undefined || !isHubRef(checkpoint.weights)) continue;
    try {
      await hubFolder(checkpoint.weights, process.env, {
        ...(signal === undefined ? {} : { signal }),
        ...(onDownload === undefined ? {} : { onProgress: onDownload }),
      });
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) return id;
      throw error;
    }
  }
  return null;
}
