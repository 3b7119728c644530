import { InputError, isId } from '../../core/index.ts';

/**
 * Ids for names that others gave: letters, digits, `.`, `_`, `+` and `-` stay, all else becomes `-`, so that
 * `org/model:7b` is `org-model-7b`. Each name keeps its id, and no two get the same.
 */
export class Names {
  readonly #what: string;
  readonly #file: string;
  readonly #idOf = new Map<string, string>();
  readonly #nameOf = new Map<string, string>();

  /** @param what  what is named, for messages: "stage" */
  constructor(what: string, file: string) {
    this.#what = what;
    this.#file = file;
  }

  /** @throws InputError when nothing of the name can stand in an id, or another name has that id already */
  idOf(name: string, line: number): string {
    const known = this.#idOf.get(name);
    if (known !== undefined) return known;
    const id = name
      .replaceAll(/[^A-Za-z0-9._+-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .replace(/-+$/, '');
    const place = { file: this.#file, line };
    if (!isId(id)) throw new InputError(`"${name}" can't be the id of a ${this.#what}`, { place });
    const other = this.#nameOf.get(id);
    if (other !== undefined) {
      throw new InputError(`the ${this.#what}s "${other}" and "${name}" would both have the id ${id}`, {
        place,
        remedy: 'Rename one of them in the table.',
      });
    }
    this.#idOf.set(name, id);
    this.#nameOf.set(id, name);
    return id;
  }

  /** In order of their first appearance; `title` where the id is not the name itself. */
  all(): readonly { readonly id: string; readonly title?: string }[] {
    return [...this.#idOf].map(([name, id]) => (id === name ? { id } : { id, title: name }));
  }
}
