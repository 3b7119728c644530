import { type ErrorPlace, InputError } from '../core/errors.ts';
import { withoutUrlSecrets } from '../core/url-secrets.ts';
import { nearest } from './nearest.ts';

/** Where a value is in a document: the keys that lead to it, from the top. */
export type KeyPath = readonly (string | number)[];

/** Turns the place of a key or value within a document into a place for people. */
export type Locate = (path: KeyPath, at?: 'key' | 'value') => ErrorPlace;

/** The most problems that are printed. */
const SHOWN = 50;

/** All that is wrong with a document, found in one reading. Exit code 2; nothing was changed. */
export class DocumentError extends InputError {
  /** In the order of the document; those of other files that it names come last. */
  readonly problems: readonly InputError[];

  constructor(name: string, problems: readonly InputError[]) {
    const [first, ...others] = problems;
    if (first === undefined) throw new RangeError('DocumentError: no problem');
    const remedy = first.remedy === undefined ? {} : { remedy: first.remedy };
    if (others.length === 0) super(first.message, { place: first.place, ...remedy });
    else super(`${problems.length} problems in ${name}`, { place: first.place });
    this.problems = problems;
  }

  /** Each problem as `file:line:column: key: what is wrong`, with what to do on the line below. */
  override toString(): string {
    if (this.problems.length === 1) return super.toString();
    const more = this.problems.length - SHOWN;
    return [
      this.message,
      ...this.problems.slice(0, SHOWN).map(String),
      ...(more > 0 ? [`… and ${more} more`] : []),
    ].join('\n');
  }
}

/** Gathers what is wrong with a document, so that all of it is reported at once. */
export class Problems {
  readonly #found: InputError[] = [];
  readonly #elsewhere: InputError[] = [];
  readonly #locate: Locate;

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  /** In the order of the document; those of other files come last. */
  get found(): readonly InputError[] {
    return [...this.#found.toSorted(byPlace), ...this.#elsewhere];
  }

  get count(): number {
    return this.#found.length + this.#elsewhere.length;
  }

  /** Notes a problem with the value at `path`. */
  add(path: KeyPath, message: string, remedy?: string): void {
    this.#note(path, 'value', message, remedy);
  }

  /** Notes a problem with the key at the end of `path` itself. */
  addKey(path: KeyPath, message: string, remedy?: string): void {
    this.#note(path, 'key', message, remedy);
  }

  /** Notes what another part found wrong with the value at `path`; its own file and line are named in the message. */
  addError(path: KeyPath, error: InputError): void {
    if (error instanceof DocumentError && error.problems.length > 1) {
      this.addElsewhere(error);
      return;
    }
    const { file, key } = error.place;
    const inside = file === undefined ? '' : `${[file, error.place.line].filter(Boolean).join(':')}: `;
    const under = key === undefined || file !== undefined ? '' : `${key}: `;
    this.add(path, `${inside}${under}${error.message}`, error.remedy);
  }

  /** Notes an error whose own key says which part of the value at `path` is wrong: `options.path`. */
  addInside(path: KeyPath, error: InputError): void {
    const { key, file } = error.place;
    if (error instanceof DocumentError && error.problems.length > 1) {
      for (const problem of error.problems) this.addInside(path, problem);
    } else if (key === undefined || file !== undefined) this.addError(path, error);
    else this.add([...path, ...key.split('.')], error.message, error.remedy);
  }

  /** Notes what is wrong in another file that the document names, at its place there. */
  addElsewhere(error: InputError): void {
    this.#elsewhere.push(...(error instanceof DocumentError ? error.problems : [error]));
  }

  /** What a function returns; `undefined` where it finds the user's input at fault, which is noted at `path`, or as it is. */
  attempt<T>(read: () => T, path?: KeyPath): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (path === undefined) this.addElsewhere(error);
      else this.addError(path, error);
      return undefined;
    }
  }

  /** @throws DocumentError when anything was found */
  throwIfAny(name: string): void {
    if (this.count > 0) throw new DocumentError(name, this.found);
  }

  #note(path: KeyPath, at: 'key' | 'value', message: string, remedy: string | undefined): void {
    const place = this.#locate(path, at);
    this.#found.push(new InputError(message, remedy === undefined ? { place } : { place, remedy }));
  }
}

/** Compares two problems by line and column. */
export function byPlace(a: InputError, b: InputError): number {
  return (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0);
}

/** `stages[1].from`; keys that are not plain names in quotes, without what a URL may hold of keys: `margins["refusals/over-refusal"]`. */
export function keyPathText(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `[${JSON.stringify(withoutUrlSecrets(part))}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** `"a", "b" or "c"`. */
export function anyOf(names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name));
  if (quoted.length <= 1) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** What to write instead of a name that is not known: the nearest one, else `otherwise`, else all of them. */
export function didYouMean(
  typed: string,
  known: Iterable<string>,
  otherwise: (known: readonly string[]) => string = (names) =>
    names.length === 0 ? 'There are none yet.' : `Write ${anyOf(names)}.`,
): string {
  const names = [...known];
  const near = nearest(typed, names);
  return near === undefined ? otherwise(names) : `Did you mean "${near}"?`;
}
