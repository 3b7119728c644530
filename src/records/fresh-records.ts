import type { RatingHead, RecordLine, TranscriptHead } from './line.ts';

/** A record that this process has put on disk: what the index takes from it, and where it is. */
interface FreshRecord {
  readonly head: TranscriptHead | RatingHead;
  readonly offset: number;
  readonly length: number;
}

/** So many take about 14 MB. Where there are more, the index reads the segment instead. */
const MOST = 40_000;

/** What this process has put on disk in one segment since the index looked there: the index need not read it again. */
export class FreshRecords {
  readonly #inode: string;
  /** `null` where there were too many. */
  #records: FreshRecord[] | null = [];
  #end = 0;

  /** @param inode the segment's file, as in `Segment` */
  constructor(inode: string) {
    this.#inode = inode;
  }

  /** @param offset of the first line @param lengths of the lines in bytes, their line feeds included */
  add(lines: readonly RecordLine[], offset: number, lengths: readonly number[]): void {
    const records = this.#records;
    let at = offset;
    for (let i = 0; i < lines.length; i++) {
      const length = lengths[i]!;
      records?.push({ head: lines[i]!.head, offset: at, length: length - 1 });
      at += length;
    }
    this.#end = at;
    if (records !== null && records.length > MOST) this.#records = null;
  }

  /**
   * Gives the records from an offset on, and forgets all.
   *
   * @returns `null` where they are not known, or where the segment is another file by now
   */
  take(
    from: number,
    inode: string,
  ): { readonly records: readonly FreshRecord[]; readonly end: number } | null {
    const records = this.#records;
    this.#records = [];
    if (records === null || records.length === 0 || inode !== this.#inode) return null;
    // The index may have read lines that were on their way to disk when it looked last.
    const first = records.findIndex(({ offset }) => offset >= from);
    if (first === -1 || records[first]!.offset !== from) return null;
    return { records: first === 0 ? records : records.slice(first), end: this.#end };
  }

  forget(): void {
    this.#records = [];
  }
}
