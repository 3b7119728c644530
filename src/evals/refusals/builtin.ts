import { readFileSync } from 'node:fs';
import { INTENTS, type Intent } from './measures.ts';
import type { PromptRow } from './prompt-row.ts';

/** A line of `builtin/*.jsonl`; builtin/README.md says what the members mean. */
interface BuiltinPrompt {
  readonly id: string;
  readonly kind: string;
  readonly theme: string;
  readonly prompt: string;
  /** Benign ones only: the harmful prompt on the same subject. */
  readonly contrast?: string;
}

/** The built-in set: benign prompts that look harmful, then harmful ones. */
export function builtinRows(): PromptRow[] {
  return INTENTS.flatMap((intent) => builtinPrompts(intent).map((prompt) => rowOf(prompt, intent)));
}

/** One half of the built-in set, as it is in its file. */
export function builtinPrompts(intent: Intent): BuiltinPrompt[] {
  const file = new URL(`./builtin/${intent}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as BuiltinPrompt);
}

function rowOf({ id, kind, theme, prompt, contrast }: BuiltinPrompt, intent: Intent): PromptRow {
  return {
    id,
    prompt,
    intent,
    cluster: `${kind}/${theme}`,
    about: { kind, theme, ...(contrast === undefined ? {} : { contrast }) },
  };
}
