/**
 * The bytes of a raw LZ4 block, as Parquet's LZ4_RAW pages hold them.
 *
 * @param length of the result in bytes, which the page's header says
 * @throws RangeError when the block is damaged or holds another number of bytes
 * @see LZ4 Block Format Description (lz4_Block_format.md)
 */
export function decompressLz4Block(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let read = 0;
  let written = 0;
  const next = () => {
    if (read >= input.length) throw new RangeError('LZ4: the block ends too early');
    return input[read++]!;
  };
  const size = (short: number) => {
    let total = short;
    if (short === 15) for (let more = 255; more === 255; total += more) more = next();
    return total;
  };
  while (read < input.length) {
    const token = next();
    const literals = size(token >> 4);
    if (read + literals > input.length || written + literals > length)
      throw new RangeError('LZ4: the block is damaged');
    output.set(input.subarray(read, read + literals), written);
    read += literals;
    written += literals;
    if (read === input.length) break; // The last sequence has no match.
    const offset = next() | (next() << 8);
    const match = size(token & 15) + 4;
    if (offset === 0 || offset > written || written + match > length)
      throw new RangeError('LZ4: the block is damaged');
    // Byte by byte: a match may overlap what it writes.
    for (let index = 0; index < match; index++, written++) output[written] = output[written - offset]!;
  }
  if (written !== length) throw new RangeError('LZ4: the block holds another number of bytes');
  return output;
}
