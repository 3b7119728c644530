import { expect, test } from 'vitest';
import type { Message } from '../../core/index.ts';
import { mergeSystem } from './system-messages.ts';

const system = (content: string): Message => ({ role: 'system', content });
const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

test('system messages are folded into the first user message', () => {
  expect(mergeSystem([system('a'), system('b'), user('c'), assistant('d'), user('e')])).toEqual([
    user('a\n\nb\n\nc'),
    assistant('d'),
    user('e'),
  ]);
});

test('a conversation without them stays as it is', () => {
  const messages = [user('a'), assistant('b')];
  expect(mergeSystem(messages)).toBe(messages);
});

test('where no user speaks, they become the first user message', () => {
  expect(mergeSystem([system('a'), assistant('b')])).toEqual([user('a'), assistant('b')]);
});
