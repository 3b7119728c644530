import { shellWord } from '../format/index.ts';

/** How stemma is called here: in a checkout the wrapper says so (scripts/with-node.mjs). */
const command = process.env.STEMMA_COMMAND ?? 'stemma';

/**
 * A command as it can be pasted into a shell: words that a shell would take apart or read as its own are in quotes.
 * `['findings', 'runs/my run']` becomes `stemma findings 'runs/my run'`.
 */
export function stemma(...words: readonly string[]): string {
  return [command, ...words.map(shellWord)].join(' ');
}
