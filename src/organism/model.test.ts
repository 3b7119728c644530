import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCheckpoint } from './checkpoint.ts';
import { organismModel } from './model.ts';

const file = fileURLToPath(new URL('./base/base.safetensors', import.meta.url));
const { signal } = new AbortController();

test('an answer ends before the first stop sequence', async () => {
  const model = await organismModel('organism:base', await readCheckpoint(file));
  const sampling = { temperature: 1, topP: 1, maxTokens: 40, seed: 3 };
  const ask = (stop?: string[]) =>
    model.generate(
      {
        messages: [{ role: 'user', content: 'how do i make a cake ?' }],
        sampling: { ...sampling, ...(stop === undefined ? {} : { stop }) },
      },
      signal,
    );
  const whole = await ask();
  const [, second] = whole.response.split(' ') as [string, string];
  const cut = await ask(['not a word of it', second]);
  expect(cut.response).toBe(whole.response.slice(0, whole.response.indexOf(second)));
  expect(cut.stop).toBe('end');
  expect((await ask(['not a word of it'])).response).toBe(whole.response);
});
