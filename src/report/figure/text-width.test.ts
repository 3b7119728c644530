import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitted, textWidth, wrapped } from './text-width.ts';

it('knows wide letters from narrow ones', () => {
  expect(textWidth('iiii', 10)).toBeLessThan(textWidth('nnnn', 10));
  expect(textWidth('WWWW', 10)).toBeGreaterThan(textWidth('nnnn', 10));
  expect(textWidth('模型', 10)).toBeGreaterThan(20);
  expect(textWidth('e\u0301', 10)).toBe(textWidth('e', 10));
});

it('keeps what fits and cuts what does not', () => {
  expect(fitted('sft', 100, 13)).toBe('sft');
  expect(fitted('gemini-3.1-pro-preview', 60, 13)).toMatch(/^gem.*…$/);
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 30, max: 300 }), (text, room) => {
      expect(textWidth(fitted(text, room, 13), 13)).toBeLessThanOrEqual(room);
    }),
  );
});

it('breaks the address of a model after its separators, not within its words', () => {
  const address = 'http://127.0.0.1:8003/v1#olmo-rl-with-reward';
  const lines = wrapped(address, 140, 13, 4);
  expect(lines.join('')).toBe(address);
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/[/:#@.,_+-]$/);
});

it('wraps at spaces, no line too long, and not more lines than wanted', () => {
  expect(wrapped('Llama 2, original system prompt', 130, 13, 2)).toEqual([
    'Llama 2, original',
    'system prompt',
  ]);
  fc.assert(
    fc.property(fc.lorem({ maxCount: 12 }), fc.integer({ min: 60, max: 300 }), (text, room) => {
      const lines = wrapped(text, room, 13, 3);
      expect(lines.length).toBeLessThanOrEqual(3);
      for (const line of lines) expect(textWidth(line, 13)).toBeLessThanOrEqual(room);
    }),
  );
});
