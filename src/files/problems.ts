import { type ErrorPlace, InputError } from '../core/index.ts';

/** Where a value stands in a study: the keys that lead to it, from the top. */
export type KeyPath = readonly (string | number)[];

/** Turns the place of a key or value within a study into a place for people. */
export type Locate = (path: KeyPath, at?: 'key' | 'value') => ErrorPlace;

/** All that is wrong with a study, found in one reading. Exit code 2; nothing was changed. */
export class StudyError extends InputError {
  /** In the order of the file. */
  readonly problems: readonly InputError[];

  constructor(name: string, problems: readonly InputError[]) {
    const [first, ...others] = problems;
    if (first === undefined) throw new RangeError('StudyError: no problem');
    const remedy = first.remedy === undefined ? {} : { remedy: first.remedy };
    if (others.length === 0) super(first.message, { place: first.place, ...remedy });
    else super(`${problems.length} problems in ${name}`);
    this.problems = problems;
  }

  /** Each problem as `file:line:column: key: what is wrong`, with what to do on the line below. */
  override toString(): string {
    if (this.problems.length === 1) return super.toString();
    return [this.message, ...this.problems.map(String)].join('\n');
  }
}

/** Gathers what is wrong with a study, so that all of it is reported at once. */
export class Problems {
  readonly #found: InputError[] = [];
  readonly #locate: Locate;

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  get count(): number {
    return this.#found.length;
  }

  /** Notes a problem with the value at `path`. */
  add(path: KeyPath, message: string, remedy?: string): void {
    this.#note(path, 'value', message, remedy);
  }

  /** Notes a problem with the key at the end of `path` itself. */
  addKey(path: KeyPath, message: string, remedy?: string): void {
    this.#note(path, 'key', message, remedy);
  }

  /** Notes what another room found wrong with the value at `path`; its own file and line win over the study's. */
  addError(path: KeyPath, error: InputError): void {
    const { file, key } = error.place;
    const inside = file === undefined ? '' : `${[file, error.place.line].filter(Boolean).join(':')}: `;
    const under = key === undefined || file !== undefined ? '' : `${key}: `;
    this.add(path, `${inside}${under}${error.message}`, error.remedy);
  }

  /** The same where the error says by its own key which part of the value is wrong: `options.path`. */
  addInside(path: KeyPath, error: InputError): void {
    const { key, file } = error.place;
    if (key === undefined || file !== undefined) this.addError(path, error);
    else this.add([...path, ...key.split('.')], error.message, error.remedy);
  }

  /** Notes what is wrong in another file that the study names, at its place there. */
  addElsewhere(error: InputError): void {
    this.#found.push(error);
  }

  /** @throws StudyError when anything was found */
  throwIfAny(name: string): void {
    if (this.#found.length > 0) throw new StudyError(name, this.#found.toSorted(byPlace));
  }

  #note(path: KeyPath, at: 'key' | 'value', message: string, remedy: string | undefined): void {
    const place = this.#locate(path, at);
    this.#found.push(new InputError(message, remedy === undefined ? { place } : { place, remedy }));
  }
}

function byPlace(a: InputError, b: InputError): number {
  return (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0);
}

/** `stages[1].from`; keys that are no plain names in quotes: `margins["refusals/over-refusal"]`. */
export function keyPathText(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `[${JSON.stringify(part)}]`;
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
