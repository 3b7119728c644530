import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measured } from './child.ts';
import { startLoopback } from './loopback.ts';
import type { Bench } from './main.ts';
import { RESPONSE_CHARACTERS, TRIALS } from './memory.ts';
import { type Row, seconds, spread, whole } from './row.ts';

/**
 * A large study that was carried out already is run again: how long until it is known that nothing is missing. With its
 * index as a clean end leaves it, and with none, as when it was copied without it or killed before it was ever written.
 */
export const resume: Bench = async (options, tell) => {
  const prompts = Math.max(50, Math.round((TRIALS / 2) * options.scale));
  const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
  try {
    await using server = await startLoopback(RESPONSE_CHARACTERS);
    const args = [server.baseUrl, '2', String(prompts), folder];
    await measured('./run-study.ts', args);
    const again = async (index: 'kept' | 'deleted') => {
      const times: number[] = [];
      for (let run = 0; run < options.runs; run++) {
        if (index === 'deleted') await rm(join(folder, 'run/index.sqlite'), { force: true });
        times.push((await measured<{ wall: number }>('./reopen-study.ts', args)).wall);
      }
      return times;
    };
    const row = (what: string, times: readonly number[], aim?: string): Row => ({
      what: `${whole(2 * prompts)} recorded trials reopened ${what}`,
      measured: spread(times, seconds),
      ...(aim ? { aim } : {}),
    });
    tell(row('to go on with them', await again('kept'), '< 1 s'));
    tell(row('without their index', await again('deleted')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
