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

test('how likely a text is, is how often it is drawn', async () => {
  const model = await organismModel('organism:base', await readCheckpoint(file));
  const messages = [{ role: 'user' as const, content: 'how do i make a cake ?' }];
  const sampling = { temperature: 1, topP: 1, maxTokens: 2, seed: 0 };
  const drawn = await Promise.all(
    Array.from({ length: 2000 }, (_, seed) =>
      model.generate({ messages, sampling: { ...sampling, seed } }, signal),
    ),
  );
  const counts = Map.groupBy(drawn, ({ response }) => response);
  const common = [...counts].filter(([text]) => text.split(' ').length === 2);
  const [text, alike] = common.sort(([, a], [, b]) => b.length - a.length)[0]!;
  const scored = await model.generate(
    { messages, sampling, likelihoodOf: [text, `${text} ${text}`] },
    signal,
  );
  const [once, twice] = scored.likelihoods!;
  const share = alike.length / drawn.length;
  expect(Math.abs(Math.exp(once!.logProbability) - share)).toBeLessThan(
    4 * Math.sqrt((share * (1 - share)) / 2000),
  );
  expect(once!.tokens).toBe(2);
  expect(twice!.logProbability).toBeLessThan(once!.logProbability);
  expect(scored.response).toBe(text);
  await expect(
    model.generate({ messages, sampling, likelihoodOf: ['floccinaucinihilipilification'] }, signal),
  ).rejects.toThrow('has no words for');
});
