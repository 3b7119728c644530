import { InputError } from '../core/index.ts';

/**
 * The safetensors format: eight bytes of header length (little-endian), a JSON header that gives every tensor's type,
 * dimensions and byte range, then the bytes. Here all tensors are F32.
 *
 * @see https://huggingface.co/docs/safetensors
 */
export interface SafeTensors {
  readonly tensors: Readonly<
    Record<string, { readonly dimensions: readonly number[]; readonly values: Float32Array<ArrayBuffer> }>
  >;
  /** Text by text: the format allows nothing else. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export function writeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { dimensions, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape: dimensions, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, 8, 8 + padded);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const { values } of Object.values(tensors)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/** @throws InputError when the bytes are no safetensors file, are cut short, or hold another type than F32 */
export function readSafetensors(bytes: Uint8Array, file: string): SafeTensors {
  const fail = (what: string): never => {
    throw new InputError(what, { place: { file }, remedy: 'Copy the file again from where it came from.' });
  };
  if (bytes.length < 8) fail('too short to be a safetensors file');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (8 + length > bytes.length) fail('no safetensors file, or one that was cut short');
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  const header = parseHeader(text) ?? fail('the safetensors header is no JSON object');
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, never>;
  const tensors: Record<string, SafeTensors['tensors'][string]> = {};
  for (const [name, entry] of Object.entries(entries as Record<string, HeaderEntry>)) {
    if (entry.dtype !== 'F32') fail(`tensor ${name} is ${entry.dtype}; the organism reads F32`);
    const [from, to] = entry.data_offsets;
    if (8 + length + to > bytes.length) fail(`tensor ${name} is cut short`);
    // A copy: the bytes may lie anywhere in a larger buffer, and a Buffer's own `slice` would only be a view of it.
    const own = new Uint8Array(bytes.subarray(8 + length + from, 8 + length + to));
    tensors[name] = { dimensions: entry.shape, values: new Float32Array(own.buffer) };
  }
  return { tensors, metadata };
}

function parseHeader(text: string): Record<string, unknown> | null {
  try {
    const header: unknown = JSON.parse(text);
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
