import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { type ErrorPlace, InputError, type Json } from '../core/index.ts';
import { decompressLz4Block } from './lz4.ts';
import type { TableRow } from './table-row.ts';
import { requireFile } from './text-file.ts';

/** Snappy and no compression are built into hyparquet; these are built into Node. */
const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
  LZ4_RAW: decompressLz4Block,
};

/** hyparquet's own parsers cut moments to milliseconds, and replace what is not UTF-8. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMicroseconds: (micros) => moment(micros, 1_000n, 3),
  timestampFromNanoseconds: (nanos) => moment(nanos, 1_000_000n, 6),
  stringFromBytes: (bytes) =>
    bytes === undefined || !isUtf8(bytes) ? bytes : new TextDecoder().decode(bytes),
};

/** A moment in ISO 8601, finer than milliseconds only where it is. */
function moment(count: bigint, inMillisecond: bigint, digits: number): unknown {
  const rest = ((count % inMillisecond) + inMillisecond) % inMillisecond;
  const date = new Date(Number((count - rest) / inMillisecond));
  if (rest === 0n || Number.isNaN(date.getTime())) return date;
  return date.toISOString().replace('Z', `${String(rest).padStart(digits, '0')}Z`);
}

/**
 * The rows of a Parquet file, a row group at a time; `line` is the row's number, counted from 1. Dates become ISO 8601
 * texts, whole numbers beyond 2⁵³ texts, and so do bytes that are not UTF-8 (base64).
 *
 * @throws InputError when it is not a Parquet file, is damaged, or compressed in a way that can't be read here
 */
export async function* readParquet(path: string): AsyncGenerator<Iterable<TableRow>> {
  await requireFile(path);
  const file = await asyncBufferFromFile(path);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    throw notParquet(path, error);
  }
  const singles = new Set(metadata.schema.flatMap(({ name, type }) => (type === 'FLOAT' ? [name] : [])));
  function* rowsOf(rows: readonly Record<string, unknown>[], first: number): Generator<TableRow> {
    let line = first;
    for (const row of rows) {
      const place = { file: path, line };
      const cells = Object.entries(row).map(([name, value]) => [
        name,
        toJson(singles.has(name) ? asWritten(value) : value, place),
      ]);
      yield { row: Object.fromEntries(cells) as Record<string, Json>, line: line++ };
    }
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors, parsers });
    } catch (error) {
      throw notParquet(path, error);
    }
    yield rowsOf(rows, rowStart + 1);
    rowStart = rowEnd;
  }
}

function notParquet(path: string, error: unknown): InputError {
  return new InputError(
    `can't be read as Parquet: ${error instanceof Error ? error.message : String(error)}`,
    {
      place: { file: path },
      remedy:
        'The file may have been cut off on its way, or hold something else; fetch it again, or convert it to JSONL.',
      cause: error,
    },
  );
}

/** A number of single precision as it was written: the shortest decimal number that it stands for, 0.1 and not 0.10000000149. */
function asWritten(value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value;
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** NaN is how pandas writes "nothing". @throws InputError for an infinite number */
function toJson(value: unknown, place: ErrorPlace): Json {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
        throw new InputError('this row holds an infinite number', { place, remedy: 'Leave the cell empty.' });
      return Number.isNaN(value) ? null : value;
    case 'string':
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      if (Array.isArray(value) || ArrayBuffer.isView(value))
        return Array.from(value as unknown[], (item) => toJson(item, place));
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member, place)]));
    default:
      return null;
  }
}
