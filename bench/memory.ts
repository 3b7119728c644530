import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measured } from './child.ts';
import { startLoopback } from './loopback.ts';
import type { Bench } from './main.ts';
import { spread, whole } from './row.ts';

/** As many trials as a large study has, on two stages. */
export const TRIALS = 50_000;
/** Makes a transcript of 5 KB: the response is in it three times, as read, as a message and in the raw body. */
export const RESPONSE_CHARACTERS = 1_350;

/** A run of a large study, from its plan to its last record, in a process that does nothing else. */
export const memory: Bench = async (options, tell) => {
  const prompts = Math.max(50, Math.round((TRIALS / 2) * options.scale));
  await using server = await startLoopback(RESPONSE_CHARACTERS);
  const peaks: number[] = [];
  let each = 0;
  for (let run = 0; run < options.runs; run++) {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
    try {
      const { peak } = await measured<{ peak: number }>('./run-study.ts', [
        server.baseUrl,
        '2',
        String(prompts),
        folder,
      ]);
      peaks.push(peak);
      each = (await bytesIn(join(folder, 'run/transcripts'))) / (2 * prompts);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  tell({
    what: `${whole(2 * prompts)} trials of ${(each / 1000).toFixed(1)} KB: peak memory of the whole run`,
    measured: spread(peaks, (peak) => `${whole(peak)} MB`),
    aim: '< 400 MB',
  });
};

async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
