import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TrialKey } from '../../core/index.ts';
import type { RunReader } from '../../records/index.ts';
import { spokenText } from '../trials/index.ts';

/** Transcripts put into the index at once: between batches other requests are answered. */
const BATCH = 200;
/** Most trials that a search gives: more than that is not a search. */
const MOST = 1_000_000;

/**
 * An index of all that was said in a run, for searching words: SQLite's FTS5 in a temporary folder, so that nothing is written
 * into a run folder, which may be somebody else's. It is built when first asked for.
 */
export class TextIndex implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'stemma-text-'));
  readonly #database: DatabaseSync;
  #done = 0;
  #of = 0;
  #ready = false;

  constructor() {
    this.#database = new DatabaseSync(join(this.#folder, 'text.sqlite'));
    this.#database.exec(
      `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
       CREATE TABLE trials (id INTEGER PRIMARY KEY, key TEXT NOT NULL);
       CREATE VIRTUAL TABLE texts USING fts5(text, content = '', tokenize = "unicode61 remove_diacritics 0")`,
    );
  }

  /** How far the index is; `null` when it is complete. */
  get progress(): { readonly done: number; readonly of: number } | null {
    return this.#ready ? null : { done: this.#done, of: this.#of };
  }

  /** Reads every transcript of the run once. */
  async build(reader: RunReader, trials: number): Promise<void> {
    this.#of = trials;
    const trial = this.#database.prepare('INSERT INTO trials (id, key) VALUES (?, ?)');
    const text = this.#database.prepare('INSERT INTO texts (rowid, text) VALUES (?, ?)');
    this.#database.exec('BEGIN');
    for await (const transcript of reader.transcripts()) {
      this.#done++;
      trial.run(this.#done, transcript.key);
      text.run(this.#done, apart(spokenText(transcript)));
      if (this.#done % BATCH === 0) await new Promise(setImmediate);
    }
    this.#database.exec('COMMIT');
    this.#ready = true;
  }

  /** The trials in which these words stand in this order; the last word may go on. In any case. */
  search(words: string): TrialKey[] {
    const phrase = apart(words).replaceAll('"', ' ').trim();
    if (!/[\p{L}\p{N}]/u.test(phrase)) return [];
    const found = this.#database
      .prepare(
        `SELECT trials.key FROM texts JOIN trials ON trials.id = texts.rowid WHERE texts MATCH ? LIMIT ${MOST}`,
      )
      .all(`"${phrase}" *`) as { key: string }[];
    return found.map(({ key }) => key);
  }

  [Symbol.dispose](): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Characters of scripts without spaces between words stand alone, so that a part of a sentence is found. */
function apart(text: string): string {
  return text.replace(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu,
    ' $& ',
  );
}
