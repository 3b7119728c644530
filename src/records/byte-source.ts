import { readSync } from 'node:fs';
import { closing, openPlainSync } from './plain-file.ts';

/** The bytes of a segment by their position, whether its file holds them as they are or compacted. */
export interface ByteSource {
  /** Fills a part of the buffer from a position on. @returns how many bytes there were; 0 behind the end */
  read(into: Buffer, at: number, length: number, position: number): number;
}

/** The bytes of an open file, as they are. */
export function bytesOfFile(descriptor: number): ByteSource {
  return { read: (into, at, length, position) => readSync(descriptor, into, at, length, position) };
}

/** Opens a file of a run folder for reading, does something with its bytes, closes it. */
export function withFile<T>(path: string, use: (bytes: ByteSource) => T): T {
  using file = closing(openPlainSync(path, 'read'));
  return use(bytesOfFile(file.descriptor));
}

/** Reads up to `length` bytes; fewer only where they end. */
export function readBytes(source: ByteSource, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = source.read(bytes, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
