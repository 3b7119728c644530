import { describe, expect, it } from 'vitest';
import { InputError } from '../core/index.ts';
import { LEAST_ROOM, reckonedTokens, requireRoom, roomIn } from './context.ts';

describe('reckonedTokens', () => {
  it('counts bytes, so that a text in another script takes as much as it does', () => {
    expect(reckonedTokens('')).toBe(0);
    expect(reckonedTokens('a'.repeat(300))).toBe(100);
    expect(reckonedTokens('是'.repeat(300))).toBe(300);
  });
});

describe('the room in a context', () => {
  it('is what two answers and the instructions leave', () => {
    const room = roomIn({ tokens: 8192, answer: 1024 }, 'x'.repeat(3000));
    expect(room).toBeLessThan(8192 - 2 * 1024 - 1000);
    expect(roomIn({ tokens: 9192, answer: 1024 }, 'x'.repeat(3000))).toBe(room + 1000);
    expect(roomIn({ tokens: 8192, answer: 1000 }, 'x'.repeat(3000))).toBe(room + 48);
    expect(requireRoom({ tokens: 8192, answer: 1024 }, 'x'.repeat(3000))).toBe(room);
  });

  it('must be enough to rate something: the error names what is', () => {
    const small = { tokens: 8192, answer: 4096 };
    const error = (() => {
      try {
        return requireRoom(small, 'x'.repeat(3000));
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(InputError);
    const { message, remedy } = error as InputError;
    expect(message).toContain("a judge's context of 8,192 tokens is too small");
    const enough = Number(/at least ([\d,]+)/.exec(remedy!)![1]!.replaceAll(',', ''));
    expect(requireRoom({ ...small, tokens: enough }, 'x'.repeat(3000))).toBe(LEAST_ROOM);
    expect(() => requireRoom({ ...small, tokens: enough - 1 }, 'x'.repeat(3000))).toThrow(InputError);
  });
});
