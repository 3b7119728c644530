import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { inventedLog } from './log.ts';

/*
 * Writes an invented log: node examples/user-logs/make-log.ts [--rows 60000] [--seed 1] [--out log.jsonl]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '60000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'log.jsonl' },
  },
});

function* lines() {
  for (const row of inventedLog(Number(values.rows), Number(values.seed))) yield `${JSON.stringify(row)}\n`;
}

await pipeline(Readable.from(lines()), createWriteStream(values.out));
