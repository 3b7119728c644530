import { organismOpener } from '../checkpoints/index.ts';
import { InputError, type Transcript } from '../core/index.ts';
import { openModels } from '../models/index.ts';
import { openRun } from '../records/index.ts';

/** Opens what a study's models name, organisms from where their checkpoints are kept. */
export function openRunModels(
  options: Omit<Parameters<typeof openModels>[0], 'openers'>,
  checkpoints: string,
): ReturnType<typeof openModels> {
  return openModels({
    servedAt: notServed,
    ...options,
    openers: { organism: organismOpener(checkpoints) },
  });
}

/** Weights answer only where something serves them. */
async function notServed(stage: string): Promise<never> {
  throw new InputError(`nothing serves the weights of the stage "${stage}"`, {
    remedy: `Have stemma serve them (serving: { with: vllm }, docs/serving.md), or name a server that you started: model: "http://127.0.0.1:8000/v1#${stage}".`,
  });
}

/** What `replay:` models answer from. */
export async function* transcriptsOf(folder: string): AsyncIterable<Transcript> {
  using reader = await openRun(folder);
  yield* reader.transcripts();
}
