import { zstdDecompressSync } from 'node:zlib';

const FRAME = 0xfd2fb528;
/** Frames that hold no data begin with one of sixteen numbers. */
const SKIPPABLE = 0x184d2a5;

/**
 * Unpacks zstd data of one or more frames. Inspect starts a new frame every 200 MB, and node:zlib stops after the first.
 *
 * @param size how many bytes must come of it
 * @throws RangeError when more would come of it; Error when a frame is damaged
 * @see RFC 8878, sections 3.1.1 and 3.1.2
 */
export function unpackZstd(packed: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  let room = size;
  for (const frame of frames(packed)) {
    const part = zstdDecompressSync(frame, { maxOutputLength: Math.max(1, room) });
    room -= part.length;
    if (room < 0) throw new RangeError('more bytes than stated');
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** The frames with data in them. */
function* frames(packed: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < packed.length) {
    const magic = packed.readUInt32LE(at);
    if (magic >>> 4 === SKIPPABLE) {
      at += 8 + packed.readUInt32LE(at + 4);
    } else {
      if (magic !== FRAME) throw new Error('not a zstd frame');
      const end = endOfFrame(packed, at);
      yield packed.subarray(at, end);
      at = end;
    }
  }
}

/** Walks over the headers of a frame and of its blocks. */
function endOfFrame(packed: Buffer, start: number): number {
  const descriptor = packed.readUInt8(start + 4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  let at = start + 5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let last = false; !last; ) {
    const header = packed.readUIntLE(at, 3);
    last = (header & 1) === 1;
    const repeated = ((header >> 1) & 3) === 1;
    at += 3 + (repeated ? 1 : header >> 3);
  }
  const checksum = (descriptor & 4) !== 0 ? 4 : 0;
  if (at + checksum > packed.length) throw new Error('a zstd frame ends too early');
  return at + checksum;
}
