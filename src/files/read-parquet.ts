import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { InputError, type Json } from '../core/index.ts';
import type { TableRow } from './table.ts';
import { requireFile } from './text-file.ts';

/** Snappy and no compression are built into hyparquet; these are built into Node. */
const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
};

/**
 * The rows of a Parquet file, a row group at a time; `line` is the row's number, counted from 1. Dates become ISO 8601
 * texts, whole numbers beyond 2⁵³ and binary cells texts (base64).
 *
 * @throws InputError when it is no Parquet file, is damaged, or compressed in a way that can't be read here
 */
export async function* readParquet(path: string): AsyncGenerator<TableRow> {
  await requireFile(path);
  const file = await asyncBufferFromFile(path);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    throw notParquet(path, error);
  }
  let line = 1;
  for (const group of metadata.row_groups) {
    const rowStart = line - 1;
    const rowEnd = rowStart + Number(group.num_rows);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors });
    } catch (error) {
      throw notParquet(path, error);
    }
    for (const row of rows) yield { row: toJson(row) as Record<string, Json>, line: line++ };
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

function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'string':
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown[], toJson);
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
    default:
      return null;
  }
}
