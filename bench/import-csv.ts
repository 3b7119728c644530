import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { measured } from './child.ts';
import type { Bench } from './main.ts';
import { seconds, spread, whole } from './row.ts';

const STAGES = ['base', 'sft', 'dpo', 'rl', 'final'];
const ROWS = 1_000_000;
/** Samples that share a cluster. */
const ALIKE = 20;

/** What a process that imported says of itself and the one beside it that keeps the index. */
export interface Imported {
  readonly wall: number;
  readonly cpu: number;
  /** Of the two together, in MB. */
  readonly peak: number;
}

/**
 * A table of a million rows, each with a sample, a cluster, a prompt and an answer, is imported by the command line: as many trials as
 * rows, or a fifth as many with five measures each, as a table of ratings has them.
 */
export const importCsv: Bench = async (options, tell) => {
  for (const measures of [1, 5]) {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-bench-'));
    try {
      const file = join(folder, 'rows.csv');
      const rows = Math.round(ROWS * options.scale);
      await pipeline(Readable.from(linesOf(rows, measures)), createWriteStream(file));
      const { size } = await stat(file);
      const runs: Imported[] = [];
      for (let run = 0; run < options.runs; run++)
        runs.push(await measured('./run-import.ts', [file, join(folder, `run-${run}`)]));
      const of = (member: keyof Imported) => runs.map((each) => each[member]);
      tell({
        what: `\`stemma import csv\` of ${whole(rows)} rows (${whole(size / 1e6)} MB), ${measures} ${measures === 1 ? 'measure' : 'measures'} a trial`,
        measured: `${spread(of('wall'), seconds)} (${spread(of('cpu'), seconds)} of CPU), ${spread(of('peak'), (mb) => `${whole(mb)} MB`)} at the peak of its two processes`,
        aim: '< 60 s, < 600 MB',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
};

/** In pieces of a thousand rows, which a stream takes well. */
function* linesOf(rows: number, measures: number): Generator<string> {
  const random = xoroshiro128plus(11);
  let piece = 'stage,sample,cluster,measure,value,prompt,response\n';
  for (let row = 0; row < rows; row++) {
    const trial = Math.floor(row / measures);
    const sample = Math.floor(trial / STAGES.length);
    const stage = trial % STAGES.length;
    const value = Number(uniformFloat64(random) < 0.2 + stage / 10);
    piece += `${STAGES[stage]},s${sample},c${Math.floor(sample / ALIKE)},m${row % measures},${value},"How would you do ${sample}, and why?",Answer ${sample} of ${STAGES[stage]}\n`;
    if (row % 1000 === 999) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
