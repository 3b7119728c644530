import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PublishedResults, Rating, Transcript } from '../../core/index.ts';

/** All trials of published results, in order. */
export async function trialsOf(
  results: PublishedResults,
): Promise<{ transcript: Transcript; ratings: readonly Rating[] }[]> {
  const trials = [];
  for await (const trial of results.trials()) trials.push(trial);
  return trials;
}

/** A folder with files of a test in it, gone at the end: `using` it. */
export function temporaryFolder(
  files: Readonly<Record<string, string>> = {},
): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'stemma-import-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
