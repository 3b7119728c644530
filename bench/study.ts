import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineStudy, type Study } from '../src/study/index.ts';
import { promptTable } from './prompts.ts';

/** Requests under way at once, for every tool that is measured. */
export const CONCURRENCY = 64;

export interface BenchStudy {
  /** Where its table of prompts is written; the run goes into `run/` beside it. */
  readonly folder: string;
  readonly baseUrl: string;
  readonly stages: number;
  readonly prompts: number;
  /** Another process has written the table of prompts. */
  readonly isWritten?: boolean;
}

/** A study as a user would write it: prompts from a table, stages behind an OpenAI-compatible server, a string match. */
export async function benchStudy({
  folder,
  baseUrl,
  stages,
  prompts,
  isWritten = false,
}: BenchStudy): Promise<Study> {
  if (!isWritten) await writeFile(join(folder, 'prompts.csv'), promptTable(prompts));
  return defineStudy(
    {
      name: 'bench',
      stages: Array.from({ length: stages }, (_, i) => ({
        id: `stage${i}`,
        kind: 'sft',
        model: `${baseUrl}#stage${i}`,
      })),
      evals: [
        {
          eval: 'refusals',
          options: {
            source: 'table',
            path: 'prompts.csv',
            columns: { id: 'id', cluster: 'theme', intent: 'intent' },
          },
        },
      ],
      raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
      sampling: { temperature: 0, max_tokens: 256 },
      margins: { default: 0.5 },
      endpoints: { [baseUrl]: { concurrency: CONCURRENCY } },
    },
    { folder },
  );
}
