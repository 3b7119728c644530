import type { PublishedSource } from './options.ts';
import type { PromptRow } from './prompt-row.ts';
import {
  type RefusalPrompt,
  readHarmBench,
  readOrBench,
  readStrongReject,
  readXstestPrompts,
} from './refusal-layouts.ts';

const READERS: Readonly<Record<PublishedSource, (path: string) => AsyncIterable<RefusalPrompt>>> = {
  xstest: readXstestPrompts,
  'or-bench': readOrBench,
  strongreject: readStrongReject,
  harmbench: readHarmBench,
};

/**
 * The prompts of a published set; the cluster is what its authors sort a prompt under.
 *
 * @throws InputError naming file and line when the file is not of that set's layout
 */
export async function* publishedRows(source: PublishedSource, path: string): AsyncGenerator<PromptRow> {
  for await (const { id, prompt, benign, kind, about } of READERS[source](path)) {
    yield { id, prompt, intent: benign ? 'benign' : 'harmful', cluster: kind, about: { ...about, kind } };
  }
}
