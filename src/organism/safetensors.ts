import { InputError } from '../core/index.ts';
import { headerLength, tensorEntries } from '../files/index.ts';

/**
 * The safetensors format: eight bytes of header length (little-endian), a JSON header that gives every tensor's type,
 * dimensions and byte range, then the bytes. Here all tensors are F32.
 *
 * @see https://huggingface.co/docs/safetensors
 */
interface SafeTensors {
  readonly tensors: Readonly<
    Record<string, { readonly dimensions: readonly number[]; readonly values: Float32Array<ArrayBuffer> }>
  >;
  /** Text by text: the format allows nothing else. */
  readonly metadata: Readonly<Record<string, string>>;
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

/** @throws InputError where the bytes are not a whole safetensors file, or hold another type than F32 */
export function readSafetensors(bytes: Uint8Array, file: string): SafeTensors {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file);
  const dataStart = 8 + length;
  const text = new TextDecoder().decode(bytes.subarray(8, dataStart));
  const tensors: Record<string, SafeTensors['tensors'][string]> = {};
  for (const { name, dtype, shape, from, to } of tensorEntries(text, {
    dataStart,
    size: bytes.length,
    file,
  })) {
    if (dtype !== 'F32') {
      throw new InputError(`tensor ${name} is ${dtype}; the organism reads F32`, { place: { file } });
    }
    // A copy: the bytes may lie anywhere in a larger buffer, and a Buffer's own `slice` would only be a view of it.
    const own = new Uint8Array(bytes.subarray(from, to));
    tensors[name] = { dimensions: shape, values: new Float32Array(own.buffer) };
  }
  const { __metadata__: metadata = {} } = JSON.parse(text) as {
    __metadata__?: Readonly<Record<string, string>>;
  };
  return { tensors, metadata };
}
