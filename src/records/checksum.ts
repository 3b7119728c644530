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
  return `${body}${BEFORE}${digitsOf(crc32(body))}${AFTER}\n`;
}

/**
 * What the checksum at the end of a line says of it. `none`: the line does not end with one.
 *
 * @param bytes  holds the line from `start` up to `end`, its line feed excluded
 */
export function checksumOf(bytes: Buffer, start: number, end: number): 'right' | 'wrong' | 'none' {
  const body = end - CHECKSUM_LENGTH;
  if (body <= start || !standsAt(bytes, body)) return 'none';
  return matches(bytes, body, crc32(bytes.subarray(start, body))) ? 'right' : 'wrong';
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
    if (standsAt(bytes, at) && matches(bytes, at, sum)) return at + CHECKSUM_LENGTH;
  }
  return -1;
}

/** Whether the bytes at `at` have the form of the member: punctuation and name. */
function standsAt(bytes: Buffer, at: number): boolean {
  return (
    bytes.toString('latin1', at, at + BEFORE.length) === BEFORE &&
    bytes.toString('latin1', at + BEFORE.length + DIGITS, at + CHECKSUM_LENGTH) === AFTER
  );
}

function matches(bytes: Buffer, at: number, sum: number): boolean {
  return bytes.toString('latin1', at + BEFORE.length, at + BEFORE.length + DIGITS) === digitsOf(sum);
}

function digitsOf(sum: number): string {
  return sum.toString(16).padStart(DIGITS, '0');
}
