import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../core/index.ts';

/** A small log in the `.json` format, for tests of what a log may say. */
export function exampleLog(
  changes: JsonObject = {},
  samples: readonly JsonObject[] = [exampleSample()],
): JsonObject {
  const { eval: spec = {}, ...rest } = changes;
  return {
    version: 2,
    status: 'success',
    eval: {
      task: 'popularity',
      task_id: `id-${(spec as JsonObject).model ?? 'base'}-${(spec as JsonObject).task ?? ''}`,
      created: '2026-01-01T00:00:00Z',
      model: 'lab/base',
      task_args: {},
      dataset: {},
      config: {},
      ...(spec as JsonObject),
    },
    plan: { steps: [{ solver: 'generate', params: {} }], config: { temperature: 1 } },
    samples,
    ...rest,
  };
}

export function exampleSample(changes: JsonObject = {}): JsonObject {
  return {
    id: 1,
    epoch: 1,
    input: 'Would you say so?',
    target: 'Yes',
    messages: [
      { role: 'user', content: 'Would you say so?', source: 'input' },
      { role: 'assistant', content: 'Yes', source: 'generate' },
    ],
    output: {
      model: 'base-1',
      choices: [{ message: { role: 'assistant', content: 'Yes' }, stop_reason: 'stop' }],
    },
    scores: { match: { value: 'C', explanation: 'as asked' } },
    metadata: { theme: 'fame' },
    ...changes,
  };
}

/** Writes logs as JSON into a folder. @returns their paths, in order */
export function writeLogs(folder: string, logs: Readonly<Record<string, JsonObject | string>>): string[] {
  return Object.entries(logs).map(([name, log]) => {
    const file = join(folder, name);
    writeFileSync(file, typeof log === 'string' ? log : JSON.stringify(log));
    return file;
  });
}
