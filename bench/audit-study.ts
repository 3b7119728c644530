import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inventedLog } from '../examples/user-logs/log.ts';
import { defineStudy, type Study } from '../src/study/index.ts';

const example = join(import.meta.dirname, '../examples/user-logs');

/** Rows written for each prompt that is drawn: some are duplicates, some are filtered out. */
const ROWS_A_PROMPT = 1.3;

/** The log that an audit draws from. @param folder where `log.jsonl` goes */
export async function writeLog(folder: string, prompts: number): Promise<void> {
  function* lines() {
    for (const row of inventedLog(Math.ceil(prompts * ROWS_A_PROMPT), 1)) yield `${JSON.stringify(row)}\n`;
  }
  await pipeline(Readable.from(lines()), createWriteStream(join(folder, 'log.jsonl')));
}

/** The audit of examples/user-logs at any size: three scripted stages, and a scripted judge that is asked all at once. */
export function auditStudy(folder: string, prompts: number): Study {
  const ref = (name: string) => `scripted:${join(example, name)}`;
  return defineStudy(
    {
      name: 'audit',
      stages: [
        { id: 'base', kind: 'pretrain', model: ref('stages.ts#base') },
        { id: 'sft', kind: 'sft', from: 'base', model: ref('stages.ts#sft') },
        { id: 'rl', kind: 'rl', from: 'sft', model: ref('stages.ts#rl') },
      ],
      evals: [{ eval: 'user-logs', options: { path: 'log.jsonl', where: { toxic: false }, limit: prompts } }],
      raters: [{ id: 'judge', kind: 'autorater', model: ref('judges.ts#judge'), judging: 'together' }],
      sampling: { seed: 1, max_tokens: 256 },
    },
    { folder },
  );
}
