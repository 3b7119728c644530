import { createHash } from 'node:crypto';
import { withFile } from './byte-source.ts';

/** A digest of all bytes of a file: 32 hexadecimal digits. */
export function digestOfLines(path: string): string {
  return withFile(path, (bytes) => {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let position = 0; ; ) {
      const read = bytes.read(buffer, 0, buffer.length, position);
      if (read === 0) return hash.digest('hex').slice(0, 32);
      hash.update(buffer.subarray(0, read));
      position += read;
    }
  });
}
