/**
 * Where rows are, in a number each: the lines of several files are counted through, so that millions of places take four bytes
 * each and can still be told.
 *
 * @example
 * const places = new RowPlaces();
 * const seven = places.numberOf({ file: 'a.csv', line: 7 });
 * const two = places.numberOf({ file: 'b.csv', line: 2 });
 * [places.inWords(seven, 'a.csv'), places.inWords(two, 'a.csv')]; // => ['line 7', 'b.csv, line 2']
 */
export class RowPlaces {
  /** The files in the order of their rows, and the number before the first of each. */
  readonly #files: { readonly file: string; readonly before: number }[] = [];
  #last = 0;

  /** Rows of a file must come one after the other. */
  numberOf({ file, line }: { readonly file: string; readonly line: number }): number {
    if (this.#files.at(-1)?.file !== file) this.#files.push({ file, before: this.#last });
    this.#last = this.#files.at(-1)!.before + line;
    return this.#last;
  }

  /** @param here the file that a message names already */
  inWords(number: number, here: string): string {
    const { file, before } = this.#files.findLast(({ before }) => before < number)!;
    return `${file === here ? '' : `${file}, `}line ${number - before}`;
  }
}
