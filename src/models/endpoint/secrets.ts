/**
 * Keeps keys out of everything that is kept or shown. Servers echo them (in error messages, in debugging bodies), so
 * every text that comes from the wire passes through here before anything else reads it.
 */
export class Secrets {
  readonly #forms: readonly string[];

  /** Values shorter than eight characters (`EMPTY`, `none`, for servers without keys) are not secrets. */
  constructor(values: readonly string[]) {
    const secrets = values.filter((value) => value.length >= 8);
    this.#forms = [...new Set(secrets.flatMap(echoes))].sort((a, b) => b.length - a.length);
  }

  scrub(text: string): string {
    const plain = this.#forms.length === 0 ? text : withoutEscapes(text);
    // An answer stays as it came unless its escapes hide a key.
    let clean = plain !== text && this.#forms.some((form) => plain.includes(form)) ? plain : text;
    for (const form of this.#forms) {
      if (clean.includes(form)) clean = withoutForm(clean, form);
    }
    return clean;
  }
}

/**
 * JSON whose escapes of printable characters are the characters: .NET writes `+` as `\u002B`, and any character may be written so. A
 * quote and a backslash stay escaped, so that JSON stays JSON.
 */
function withoutEscapes(text: string): string {
  if (!text.includes('\\u00')) return text;
  return text.replace(/\\(?:\\|u00([2-7][0-9a-f]))/gi, (written: string, code: string | undefined) => {
    const character = code === undefined ? '\\' : String.fromCharCode(Number.parseInt(code, 16));
    if (character === '\x7f') return written;
    return /["\\]/.test(character) ? `\\${character}` : character;
  });
}

/** A backslash that another one escapes is not the first character of the form: it stays, so that JSON stays JSON. */
function withoutForm(text: string, form: string): string {
  return text.replaceAll(form, (_, at: number) => {
    if (!form.startsWith('\\')) return '[key]';
    let before = 0;
    while (text[at - 1 - before] === '\\') before++;
    return before % 2 === 1 ? `\\[key]` : '[key]';
  });
}

/** How a server may write a value back: as it is, in JSON, with slashes escaped, in a URL. */
function echoes(value: string): readonly string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  return [value, inJson, inJson.replaceAll('/', '\\/'), encodeURIComponent(value)];
}
