import { crc32 } from 'node:zlib';

/**
 * The checksum of a record: its last JSON member, `"crc32"`, eight lower-case hexadecimal digits. It is the CRC-32 of
 * ISO 3309 (that of zip and PNG) over all bytes of the line before the comma of that member.
 *
 * A CRC-32 finds every change of a single bit, of two bits at any distance that a line can have, and of any bits within 32
 * neighbours: its polynomial divides no such difference. A changed bit in the digits differs from the computed ones. A
 * changed bit in the member's name or punctuation leaves a line without a checksum. A changed line feed joins two lines,
 * whose checksum is then wrong (but for one chance in four billion); the checksum inside shows where the first one ended
 * (`records-in-line.ts`). It does not protect against somebody who edits a record on purpose: they can write the checksum too.
 */
const BEFORE = ',"crc32":"';
const AFTER = '"}';
const DIGITS = 8;

/** The length in bytes of the member with its comma, and of the closing brace behind it. */
export const CHECKSUM_LENGTH = BEFORE.length + DIGITS + AFTER.length;

/**
 * A JSON object with its checksum as the last member, as a line.
 *
 * @param json text of an object with at least one member, without line feeds
 */
export function withChecksum(json: string): string {
  const body = json.slice(0, -1);
  return `${body}${memberOf(crc32(body))}\n`;
}

/**
 * What the checksum at the end of a line says of it. `none`: the line does not end with one.
 *
 * @param bytes  holds the line from `start` up to `end`, its line feed excluded
 */
export function checksumOf(bytes: Buffer, start: number, end: number): 'right' | 'wrong' | 'none' {
  const body = end - CHECKSUM_LENGTH;
  if (body <= start) return 'none';
  const member = bytes.toString('latin1', body, end);
  if (!member.startsWith(BEFORE) || !member.endsWith(AFTER)) return 'none';
  return member === memberOf(crc32(bytes.subarray(start, body))) ? 'right' : 'wrong';
}

/**
 * Where the first record that begins at `start` ends, by its checksum; for lines that lost their line feeds. Takes time in
 * proportion to the length, whatever the bytes are.
 *
 * @returns the offset behind its closing brace, or -1 where no right checksum comes before `end`
 */
export function firstRecordEnd(bytes: Buffer, start: number, end: number): number {
  // Only up to the end: the bytes behind it are searched for other lines.
  const line = bytes.subarray(0, end);
  let sum = 0;
  let summed = start;
  for (let at = line.indexOf(BEFORE, start); at !== -1; at = line.indexOf(BEFORE, at + 1)) {
    if (at + CHECKSUM_LENGTH > end) return -1;
    sum = crc32(bytes.subarray(summed, at), sum);
    summed = at;
    if (bytes.toString('latin1', at, at + CHECKSUM_LENGTH) === memberOf(sum)) return at + CHECKSUM_LENGTH;
  }
  return -1;
}

/** Each byte as two digits. A run has some hundred thousand sums, and `toString(16)` takes six times as long. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The member with this sum, from its comma to the closing brace of the record. */
function memberOf(sum: number): string {
  const digits = HEX[sum >>> 24]! + HEX[(sum >>> 16) & 255]! + HEX[(sum >>> 8) & 255]! + HEX[sum & 255]!;
  return `${BEFORE}${digits}${AFTER}`;
}

/** Whether a record has the member where it must stand, whatever its sum. @param latin1 holds the record up to `end` */
export function hasChecksum(latin1: string, end: number): boolean {
  return latin1.startsWith(BEFORE, end - CHECKSUM_LENGTH) && latin1.endsWith(AFTER, end);
}
