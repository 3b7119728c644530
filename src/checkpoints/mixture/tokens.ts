import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../core/index.ts';
import { readWholeFile } from '../../files/index.ts';
import { chatTemplate } from '../weights/weights-facts.ts';
import type { SourceRow } from './file-source.ts';

/** Counts the tokens of a conversation. */
export interface TokenCounter {
  /** Whether the checkpoint's own tokenizer counts; else it is a rule of thumb. */
  readonly exact: boolean;
  count(messages: readonly ChatMessage[]): number;
}

interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** Characters a token, and tokens around a message, where no tokenizer is at hand. */
const CHARACTERS_A_TOKEN = 4;
const AROUND_A_MESSAGE = 5;

const BY_LENGTH: TokenCounter = {
  exact: false,
  count: (messages) =>
    messages.reduce(
      (sum, { content }) => sum + AROUND_A_MESSAGE + Math.ceil(content.length / CHARACTERS_A_TOKEN),
      0,
    ),
};

/**
 * The counter of a checkpoint: its tokenizer on the text that its chat template writes.
 *
 * @param folder   of the weights; `null` where they are not on this machine
 * @param template a template that takes the place of the checkpoint's own
 */
export async function tokenCounter(folder: string | null, template: string | null): Promise<TokenCounter> {
  if (folder === null || !existsSync(join(folder, 'tokenizer.json'))) return BY_LENGTH;
  const source = template ?? (await chatTemplate(folder));
  if (source === null) return BY_LENGTH;
  const [{ Tokenizer }, { Template }] = await Promise.all([
    import('@huggingface/tokenizers'),
    import('@huggingface/jinja'),
  ]);
  try {
    const read = (name: string) => JSON.parse(readWholeFile(join(folder, name)).toString('utf8'));
    const settings = existsSync(join(folder, 'tokenizer_config.json')) ? read('tokenizer_config.json') : {};
    const tokenizer = new Tokenizer(read('tokenizer.json'), settings);
    const chat = new Template(source);
    const special = Object.fromEntries(
      ['bos_token', 'eos_token', 'pad_token'].map((name) => [name, textOf(settings[name])]),
    );
    const count = (messages: readonly ChatMessage[]) =>
      tokenizer.encode(chat.render({ messages: [...messages], ...special }), { add_special_tokens: false })
        .ids.length;
    count([{ role: 'user', content: 'a' }]);
    return { exact: true, count };
  } catch {
    // A tokenizer or a template that only Python understands: the plan says that it estimates.
    return BY_LENGTH;
  }
}

function textOf(token: Json | undefined): string {
  if (typeof token === 'string') return token;
  return typeof token === 'object' && token !== null && 'content' in token ? String(token.content) : '';
}

/** Rows of a source that are counted: more would not make its mean more certain. */
const COUNTED = 500;

/** Tokens of an example of a source, on average. */
export function meanTokens(rows: readonly SourceRow[], counter: TokenCounter): number {
  if (rows.length === 0) return 0;
  const every = Math.max(1, Math.floor(rows.length / COUNTED));
  const some = rows.filter((_, index) => index % every === 0);
  return some.reduce((sum, { example }) => sum + counter.count(conversationOf(example)), 0) / some.length;
}

function conversationOf(example: SourceRow['example']): ChatMessage[] {
  const { messages, prompt, chosen } = example as unknown as Readonly<
    Record<string, ChatMessage[] | undefined>
  >;
  return messages ?? [...(prompt ?? []), ...(chosen ?? [])];
}
