import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of a test, gone at the end: `using` it. */
export function temporaryFile(
  name: string,
  content: string | Uint8Array,
): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-datasets-'));
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
