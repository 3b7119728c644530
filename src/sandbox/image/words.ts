import { InputError } from '../../core/index.ts';

/** Where an instruction is: what an error names. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * Splits the arguments of an instruction into words as a Dockerfile does: quotes group and go away, a backslash takes the
 * next sign as it is, `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}` stand for variables of ENV. A name that is
 * not set is empty.
 *
 * @throws InputError for an open quote or another modifier
 */
export function wordsOf(
  text: string,
  variables: Readonly<Record<string, string>>,
  place: Place,
  options: { readonly whole?: boolean } = {},
): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (quote === '' && !options.whole && /\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (sign === '\\' && quote !== "'") {
      at += 1;
      word = (word ?? '') + (text[at] ?? '');
    } else if (quote === '' ? sign === '"' || sign === "'" : sign === quote) {
      quote = quote === '' ? sign : '';
      word ??= '';
    } else if (sign === '$' && quote !== "'") {
      const variable = variableAt(text, at, variables, place);
      word = (word ?? '') + variable.value;
      at += variable.length - 1;
    } else word = (word ?? '') + sign;
  }
  if (quote !== '') throw new InputError(`a ${quote} is opened and not closed`, { place });
  if (word !== undefined) words.push(word);
  return words;
}

/** The whole text as one word: blanks stay. */
export function wordOf(text: string, variables: Readonly<Record<string, string>>, place: Place): string {
  return wordsOf(text, variables, place, { whole: true }).join('');
}

function variableAt(
  text: string,
  at: number,
  variables: Readonly<Record<string, string>>,
  place: Place,
): { value: string; length: number } {
  const rest = text.slice(at);
  const plain = /^\$([A-Za-z_]\w*)/.exec(rest);
  if (plain) return { value: variables[plain[1] as string] ?? '', length: plain[0].length };
  const braced = /^\$\{([A-Za-z_]\w*)(?::([-+])([^{}]*))?\}/.exec(rest);
  if (braced) {
    const value = variables[braced[1] as string] ?? '';
    const other = braced[3] ?? '';
    const chosen = braced[2] === '-' ? value || other : braced[2] === '+' ? value && other : value;
    return { value: chosen, length: braced[0].length };
  }
  if (rest.startsWith('${'))
    throw new InputError(`a variable is written in a way that is not understood: ${rest.split(/\s/, 1)[0]}`, {
      place,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own syntax is shown
      remedy: 'Write $NAME, ${NAME}, ${NAME:-default} or ${NAME:+other}.',
    });
  return { value: '$', length: 1 };
}
