import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from './sha256.ts';

describe('SHA-256 of a text', () => {
  it.each([
    '',
    'abc',
    'äöü 基础 🎉',
    ...[54, 55, 56, 57, 63, 64, 65, 119, 120, 1000, 100_003].map((length) => 'x'.repeat(length)),
  ])('is that of node:crypto (%#)', (text) => {
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  });
});
