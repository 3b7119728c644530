import { expect, test } from 'vitest';
import type { Message } from '../core/index.ts';
import { scriptedModel } from '../models/index.ts';
import { toldModel } from './told-model.ts';

const sampling = { temperature: 1, topP: 1, maxTokens: 10, seed: 1 };

async function heard(messages: readonly Message[], system: string | undefined): Promise<readonly Message[]> {
  let seen: readonly Message[] = [];
  const model = scriptedModel('m', (request) => {
    seen = request.messages;
    return 'yes';
  });
  await toldModel(model, system).generate({ messages, sampling }, new AbortController().signal);
  return seen;
}

test('the text stands first, before the system message of the sample', async () => {
  expect(await heard([{ role: 'user', content: 'hi' }], 'Be kind.')).toEqual([
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'hi' },
  ]);
  const [first] = await heard([{ role: 'system', content: 'You are an agent.' }], 'Be kind.');
  expect(first).toEqual({ role: 'system', content: 'Be kind.\n\nYou are an agent.' });
});

test('without a text the model is the same one', () => {
  const model = scriptedModel('m', () => 'yes');
  expect(toldModel(model, undefined)).toBe(model);
});
