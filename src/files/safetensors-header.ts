import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../core/index.ts';
import { isObject, parsedJson } from '../core/parsed-json.ts';

/** One tensor as a safetensors header describes it. */
interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where its bytes are in the file: from the first to behind the last. */
  readonly from: number;
  readonly to: number;
}

/** The largest header that the format's own library reads. */
const MOST_HEADER_BYTES = 100_000_000;

/** Bits of one value. A type that is not here is taken as it is, because the format gets new ones. */
const BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
};

/**
 * Opens a file for reading, if it is a regular one. A named pipe or a device is refused and never waited for.
 *
 * @throws InputError naming the file
 */
export async function openRegularFile(file: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new InputError(`cannot be read: ${(cause as Error).message}`, { place: { file }, cause });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new InputError('is not a regular file', { place: { file } });
}

/**
 * The tensors of a safetensors file, in the order of their bytes. The header is checked as the format demands: the byte
 * ranges begin at 0, leave no hole, do not overlap, end with the file, and are as long as dtype and shape say.
 *
 * @param handle of the open file
 * @param size   of the file, in bytes
 * @param file   for messages
 * @throws InputError naming the file, and the tensor where one is at fault
 * @see https://huggingface.co/docs/safetensors
 * @example await readSafetensorsHeader(handle, size, 'a.safetensors') // => [{ name: 'w', dtype: 'F32', shape: [2], from: 72, to: 80 }]
 */
export async function readSafetensorsHeader(
  handle: FileHandle,
  size: number,
  file: string,
): Promise<readonly TensorEntry[]> {
  const start = await bytesAt(handle, 0, Math.min(8, size));
  const length = headerLength(start, size, file);
  const text = (await bytesAt(handle, 8, length)).toString('utf8');
  return tensorEntries(text, { dataStart: 8 + length, size, file });
}

/**
 * The length of the header, from the file's first eight bytes.
 * @throws InputError where the file is too short for it, or it is larger than the format allows
 */
export function headerLength(start: Uint8Array, size: number, file: string): number {
  if (size < 8 || start.length < 8) throw damaged(file, 'is too short for a safetensors file');
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(size - 8))
    throw damaged(
      file,
      `announces a header of ${length} bytes, and holds ${size - 8}: it is cut short or is not a safetensors file`,
    );
  if (length > BigInt(MOST_HEADER_BYTES))
    throw damaged(file, `announces a header of ${length} bytes; at most ${MOST_HEADER_BYTES} are read`);
  return Number(length);
}

/** @throws InputError as `readSafetensorsHeader` does */
export function tensorEntries(
  text: string,
  { dataStart, size, file }: { readonly dataStart: number; readonly size: number; readonly file: string },
): readonly TensorEntry[] {
  const header = parsedJson(text);
  if (!isObject(header)) throw damaged(file, 'has a header that is not a JSON object');
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => entryOf(name, value, { dataStart, size, file }));
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = dataStart;
  for (const { name, from, to } of entries) {
    if (from > end)
      throw damaged(file, `has ${from - end} bytes before the tensor "${name}" that no tensor owns`);
    if (from < end) throw damaged(file, `gives the tensor "${name}" bytes that another tensor owns`);
    end = to;
  }
  if (end !== size) throw damaged(file, `has ${size - end} bytes after its last tensor`);
  return entries;
}

interface Whole {
  readonly dataStart: number;
  readonly size: number;
  readonly file: string;
}

function entryOf(name: string, value: unknown, { dataStart, size, file }: Whole): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Record<string, unknown>>;
  const fail = (what: string) => damaged(file, `describes the tensor "${name}" wrongly: ${what}`);
  if (typeof dtype !== 'string' || dtype === '') throw fail('it has no dtype');
  if (!isCounts(shape)) throw fail('its shape is not a list of whole numbers');
  if (!isCounts(offsets) || offsets.length !== 2) throw fail('its data_offsets are not two whole numbers');
  const [from, to] = [dataStart + offsets[0]!, dataStart + offsets[1]!];
  if (from > to) throw fail('its bytes end before they begin');
  if (to > size) throw fail(`its bytes end ${to - size} bytes after the file`);
  const bits = BITS[dtype];
  if (bits === undefined) return { name, dtype, shape, from, to };
  // In BigInt, because a lying shape may multiply to anything.
  const wanted = shape.reduce((product, count) => product * BigInt(count), BigInt(bits));
  if (wanted !== BigInt(to - from) * 8n) {
    throw fail(`${dtype} of shape [${shape.join(', ')}] takes ${wanted / 8n} bytes, and it has ${to - from}`);
  }
  return { name, dtype, shape, from, to };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function damaged(file: string, what: string): InputError {
  return new InputError(`this file ${what}`, {
    place: { file },
    remedy: 'Copy the file again from where it came from.',
  });
}
