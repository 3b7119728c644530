/** What a CSV reader gives: the cells of one row, all of them texts, and the line that it begins in. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** What is wrong with the double quotes of a row. */
export class CsvQuoteError extends Error {
  readonly kind: 'never closed' | 'within a cell';
  /** The line that the row begins in. */
  readonly line: number;

  constructor(kind: CsvQuoteError['kind'], line: number) {
    super(`line ${line}: a quote ${kind}`);
    this.kind = kind;
    this.line = line;
  }
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** V8 makes a copy of shorter slices; a longer one holds on to the text that it is cut from. */
const LONGEST_COPIED = 12;

/**
 * Reads the records of a CSV text that comes in pieces, as RFC 4180 says: cells with separators, quotes or line breaks are
 * in double quotes, and a quote within them is written twice. A record ends with LF, CR LF or CR. Empty lines are skipped.
 *
 * @param delimiter one character
 * @example
 * const reader = new CsvRecords(',');
 * [...reader.read('a,b\n1,"2\n'), ...reader.read('3"\n'), ...reader.end()];
 * // => [{ cells: ['a', 'b'], line: 1 }, { cells: ['1', '2\n3'], line: 2 }]
 */
export class CsvRecords {
  readonly #delimiter: number;
  #cells: string[] = [];
  /** Of the present cell, what earlier pieces and quotes gave. */
  #cell = '';
  /** `quote`: after a quote in a quoted cell, which ends it or is the first of two. */
  #state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';
  #line = 1;
  /** The line that the present record begins in. */
  #begins = 1;
  #previous = 0;
  /** The place in the present piece up to which it was read. */
  #at = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** The records that end in this piece. @throws CsvQuoteError */
  *read(text: string): Generator<CsvRecord> {
    this.#at = 0;
    for (let record = this.#next(text); record !== null; record = this.#next(text)) yield record;
  }

  /** The next record that ends in this piece; `null` once all of it was read. */
  #next(text: string): CsvRecord | null {
    let from = this.#at;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const endsPair = code === LINE_FEED && this.#previous === RETURN;
      this.#previous = code;
      if (!this.#isSign(code)) {
        if (this.#state === 'quote') throw new CsvQuoteError('within a cell', this.#begins);
        if (this.#state === 'start') this.#state = 'plain';
        while (at + 1 < text.length && !this.#isSign(text.charCodeAt(at + 1))) at++;
        continue;
      }
      const endsLine = code === RETURN || (code === LINE_FEED && !endsPair);
      if (endsLine) this.#line++;
      if (this.#state === 'quoted') {
        if (code !== QUOTE) continue;
        this.#cell += text.slice(from, at);
        from = at + 1;
        this.#state = 'quote';
      } else if (code === QUOTE) {
        if (this.#state === 'plain') throw new CsvQuoteError('within a cell', this.#begins);
        // Of two quotes, the second is text.
        from = this.#state === 'quote' ? at : at + 1;
        this.#state = 'quoted';
      } else if (code === this.#delimiter) {
        this.#endCell(text, from, at);
        from = at + 1;
      } else if (endsLine) {
        const record = this.#endRecord(text, from, at);
        from = at + 1;
        if (record === null) continue;
        this.#at = from;
        return record;
      } else {
        // The second sign of a line's end.
        from = at + 1;
      }
    }
    if (this.#state !== 'quote') this.#cell += text.slice(from);
    this.#at = text.length;
    return null;
  }

  /** Whether a character may end a cell, or is a quote. All others are text. */
  #isSign(code: number): boolean {
    return code === this.#delimiter || code === QUOTE || code === LINE_FEED || code === RETURN;
  }

  /** The last record, where no line break follows it. @throws CsvQuoteError for a quote that is still open */
  *end(): Generator<CsvRecord> {
    if (this.#state === 'quoted') throw new CsvQuoteError('never closed', this.#begins);
    const record = this.#endRecord('', 0, 0);
    if (record !== null) yield record;
  }

  #endCell(text: string, from: number, to: number): void {
    const cell = this.#state === 'quote' ? this.#cell : this.#cell + text.slice(from, to);
    // Cells are kept (ids, prompts), and the pieces of the file are not to be kept with them.
    this.#cells.push(cell.length > LONGEST_COPIED ? ` ${cell}`.slice(1) : cell);
    this.#cell = '';
    this.#state = 'start';
  }

  #endRecord(text: string, from: number, to: number): CsvRecord | null {
    const line = this.#begins;
    this.#begins = this.#line;
    if (this.#state === 'start' && this.#cells.length === 0) return null;
    this.#endCell(text, from, to);
    const cells = this.#cells;
    this.#cells = [];
    return { cells, line };
  }
}
