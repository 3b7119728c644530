import { describe, expect, test } from 'vitest';
import { sameServed } from './same-served.ts';

const same = (a: string, b: string) => {
  const there = sameServed({ model: a }, { model: b });
  expect(sameServed({ model: b }, { model: a })).toBe(there);
  return there;
};

describe('an alias and what it stands for are one model', () => {
  test.each([
    ['m', 'm'],
    ['gpt-5.5', 'gpt-5.5-2026-08-01'],
    ['gpt-4', 'gpt-4-0613'],
    ['claude-opus-4.7', 'claude-opus-4.7-20260514'],
    ['claude-opus-4', 'claude-opus-4@20250514'],
    ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
    ['mistral-large-latest', 'mistral-large-2411'],
    ['llama3', 'llama3:latest'],
    ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['gemini-2.5-flash', 'models/gemini-2.5-flash-001'],
    ['gemini-2.5-flash', 'gemini-2.5-flash-preview-05-20'],
    ['gemini-2.5-flash', 'gemini-2.5-flash-preview-09-2025'],
    ['OLMo-3-7B', 'allenai/OLMo-3-7B'],
    ['OLMo-3-7B', '/data/models/allenai/OLMo-3-7B'],
    ['openai/gpt-5.5', 'gpt-5.5-2026-08-01'],
  ])('%s and %s', (a, b) => expect(same(a, b)).toBe(true));
});

describe('other names are other models', () => {
  test.each([
    ['weights-A', 'weights-B'],
    ['gpt-4o', 'gpt-4o-mini'],
    ['gpt-5.5-2026-08-01', 'gpt-5.5-2026-11-01'],
    ['gpt-4-0613', 'gpt-4-1106'],
    ['org-a/x', 'org-b/x'],
    ['/runs/a/model', '/runs/b/model'],
    ['olmo-sft', 'sft'],
    ['olmo', 'olmo-step-1000'],
    ['ckpt', 'ckpt-2000'],
    ['ckpt-500', 'ckpt-1000'],
    ['weights', 'weights-001'],
    ['Model', 'model'],
    ['m', ''],
  ])('%s and %s', (a, b) => expect(same(a, b)).toBe(false));
});

test('a root decides where both have one', () => {
  const m = (root?: string) => ({ model: 'm', ...(root === undefined ? {} : { root }) });
  expect(sameServed(m('/weights/a'), m('/weights/b'))).toBe(false);
  expect(sameServed(m('/weights/a'), m('/weights/a'))).toBe(true);
  expect(sameServed(m('/weights/a'), m())).toBe(true);
  expect(sameServed(m('/data/allenai/x'), m('allenai/x'))).toBe(true);
  expect(sameServed({ model: 'a', root: '/w' }, { model: 'b', root: '/w' })).toBe(false);
});
