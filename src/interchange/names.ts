import { digestOfText, type ErrorPlace, InputError, isId } from '../core/index.ts';
import { lookAlikeNotes } from './look-alikes.ts';

/**
 * Ids for names that others gave: letters and digits of any script, `.`, `_`, `+` and `-` stay, all else becomes `-`, so
 * that `org/model:7b` is `org-model-7b`. Each name keeps its id. Where two names would have the same one, the later gets a
 * digest of its name.
 */
export class Names {
  readonly #what: string;
  readonly #file: string;
  readonly #idOf = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** @param what  what is named, for messages: "stage" */
  constructor(what: string, file: string) {
    this.#what = what;
    this.#file = file;
  }

  /** @param row where the name is, if that is in a row. @throws InputError when nothing of the name can be in an id */
  idOf(name: string, row: Pick<ErrorPlace, 'file' | 'line'> = { file: this.#file }): string {
    const known = this.#idOf.get(name);
    if (known !== undefined) return known;
    const plain = name
      .normalize('NFC')
      .replaceAll(/[^\p{L}\p{M}\p{N}._+-]+/gu, '-')
      .replace(/^[^\p{L}\p{N}]+/u, '')
      .replace(/(?<!-)-+$/, '');
    if (!isId(plain))
      throw new InputError(`"${name}" can't be the id of a ${this.#what}`, {
        place: { file: row.file!, ...(row.line === undefined ? {} : { line: row.line }) },
      });
    const id = this.#taken.has(plain) ? `${plain}-${digestOfText(name).slice(0, 6)}` : plain;
    this.#idOf.set(name, id);
    this.#taken.add(id);
    return id;
  }

  /** What the user should know of the names. */
  notes(): string[] {
    return lookAlikeNotes(`${this.#what}s`, this.#idOf);
  }

  /** In order of their first appearance; `title` where the id is not the name itself. */
  all(): readonly { readonly id: string; readonly title?: string }[] {
    return [...this.#idOf].map(([name, id]) => (id === name ? { id } : { id, title: name }));
  }
}
