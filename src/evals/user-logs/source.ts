import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { InputError, type JsonObject } from '../../core/index.ts';
import { readTable, requireColumns, TABLE_FORMATS, type TableFormat } from '../../files/index.ts';
import { type ConversationLayout, layoutOf } from './conversation.ts';
import type { UserLogOptions } from './options.ts';

/** A row of the log. */
export interface LogRow {
  /** Over all files, from 0. */
  readonly number: number;
  readonly row: JsonObject;
  readonly layout: ConversationLayout;
  readonly place: { readonly file: string; readonly line: number };
}

/**
 * The rows of a log, file after file.
 *
 * @throws InputError naming file and line: nothing to read, no table, a column that the options name missing
 */
export async function* logRows(path: string, options: UserLogOptions): AsyncGenerator<LogRow> {
  const { columns = {}, where = {}, strata, keep = [], format } = options;
  const wanted = [
    ...Object.values(columns),
    ...Object.keys(where),
    ...keep,
    ...(strata ? [strata.column] : []),
  ];
  let number = 0;
  let layout: ConversationLayout | undefined;
  for (const file of logFiles(path, format)) {
    let checked = false;
    for await (const { row, line } of readTable(file, format === undefined ? {} : { format })) {
      const place = { file, line };
      layout ??= layoutOf(row, columns, place);
      if (!checked)
        requireColumns(
          Object.keys(row),
          [...wanted.filter((name) => name !== undefined), layout.column],
          place,
        );
      checked = true;
      yield { number: number++, row, layout, place };
    }
  }
}

/** One file, or the tables of a folder in order of their names. */
export function logFiles(path: string, format?: TableFormat): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const isTable = (name: string) =>
    format !== undefined ? !name.startsWith('.') : TABLE_FORMATS.some((one) => extname(name) === `.${one}`);
  const names = readdirSync(path).filter(isTable).sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new InputError('this folder holds no table', {
    place: { file: path },
    remedy: `A log is one or more files that end in ${TABLE_FORMATS.map((one) => `.${one}`).join(', ')}.`,
  });
}

/** Whether a row has the values that are asked for; compared as texts, without case. */
export function passes(row: JsonObject, where: UserLogOptions['where'] = {}): boolean {
  const text = (value: unknown) => String(value).trim().toLowerCase();
  return Object.entries(where).every(([column, wanted]) =>
    [wanted].flat().some((value) => text(value) === text(row[column] ?? '')),
  );
}
