import type { JsonObject, Message, Sample } from '../../core/index.ts';
import type { Intent } from './measures.ts';

/** One prompt of this family, from whichever source. */
export interface PromptRow {
  readonly id: string;
  readonly prompt: string;
  readonly intent: Intent;
  /** What it shares with its like: kind and theme, a type, a category. */
  readonly cluster: string;
  /** What a reader of the records may want to know of it; never shown to the checkpoint. */
  readonly about: JsonObject;
}

/** @param system goes before the prompt as a system message; `null` for none */
export function sampleOf({ id, prompt, intent, cluster, about }: PromptRow, system: string | null): Sample {
  const user: Message = { role: 'user', content: prompt };
  return {
    id,
    cluster,
    input: system === null ? [user] : [{ role: 'system', content: system }, user],
    metadata: { ...about, intent },
  };
}
