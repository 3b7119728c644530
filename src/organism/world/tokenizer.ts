/** A word is a token: text is split at white space, and what the vocabulary does not hold is `<unk>`. */
export interface Tokenizer {
  readonly words: readonly string[];
  /** A multiple of 16, so that matrix kernels meet no ragged edge; ids past `words` are never sampled. */
  readonly size: number;
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
}

export const SPECIAL = [
  '<pad>',
  '<unk>',
  '<bos>',
  '<eos>',
  '<user>',
  '<assistant>',
  '<think>',
  '</think>',
] as const;
export const PAD = 0;
export const UNK = 1;
export const EOS = 3;

export function tokenizer(words: readonly string[]): Tokenizer {
  const ids = new Map(words.map((word, id) => [word, id]));
  return {
    words,
    size: Math.ceil(words.length / 16) * 16,
    encode: (text) =>
      text
        .split(/\s+/)
        .filter((word) => word !== '')
        .map((word) => ids.get(word) ?? UNK),
    decode: (tokens) => tokens.map((id) => words[id] ?? SPECIAL[UNK]).join(' '),
  };
}

/** The vocabulary of some texts: the special tokens, then every other word in code-unit order. */
export function vocabularyOf(texts: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const text of texts) for (const word of text.split(/\s+/)) if (word !== '') found.add(word);
  for (const special of SPECIAL) found.delete(special);
  return [...SPECIAL, ...[...found].sort()];
}

/** How a conversation of one prompt is put to the network; the answer follows, and `<eos>` after it. */
export function promptText(text: string): string {
  return `<bos> <user> ${text} <assistant>`;
}
