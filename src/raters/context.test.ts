import { describe, expect, it } from 'vitest';
import { InputError } from '../core/index.ts';
import {
  estimatedTokens,
  FEWEST_TRANSCRIPT_TOKENS,
  requireTranscriptTokens,
  transcriptTokens,
} from './context.ts';

describe('reckonedTokens', () => {
  it('counts bytes, so that a text in another script takes as much as it does', () => {
    expect(estimatedTokens('')).toBe(0);
    expect(estimatedTokens('a'.repeat(300))).toBe(100);
    expect(estimatedTokens('是'.repeat(300))).toBe(300);
  });
});

describe('the room in a context', () => {
  it('is what two answers and the instructions leave', () => {
    const room = transcriptTokens({ tokens: 8192, answer: 1024 }, 'x'.repeat(3000));
    expect(room).toBeLessThan(8192 - 2 * 1024 - 1000);
    expect(transcriptTokens({ tokens: 9192, answer: 1024 }, 'x'.repeat(3000))).toBe(room + 1000);
    expect(transcriptTokens({ tokens: 8192, answer: 1000 }, 'x'.repeat(3000))).toBe(room + 48);
    expect(requireTranscriptTokens({ tokens: 8192, answer: 1024 }, 'x'.repeat(3000))).toBe(room);
  });

  it('must be enough to rate something: the error names what is', () => {
    const small = { tokens: 8192, answer: 4096 };
    const error = (() => {
      try {
        return requireTranscriptTokens(small, 'x'.repeat(3000));
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(InputError);
    const { message, remedy } = error as InputError;
    expect(message).toContain("a judge's context of 8,192 tokens is too small");
    const enough = Number(/at least ([\d,]+)/.exec(remedy!)![1]!.replaceAll(',', ''));
    expect(requireTranscriptTokens({ ...small, tokens: enough }, 'x'.repeat(3000))).toBe(
      FEWEST_TRANSCRIPT_TOKENS,
    );
    expect(() => requireTranscriptTokens({ ...small, tokens: enough - 1 }, 'x'.repeat(3000))).toThrow(
      InputError,
    );
  });
});
