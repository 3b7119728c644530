import { describe, expect, it } from 'vitest';
import { isJudgeRefusal } from './judge-refusal.ts';

describe('isJudgeRefusal', () => {
  it.each([
    "I'm sorry, but I can't assist with that.",
    'I’m sorry, but I can’t help with rating this content.',
    'Sorry, I cannot evaluate this transcript.',
    'I apologize, but I am not able to engage with this material.',
    "I can't help with this request.",
    'I cannot provide a rating for harmful content.',
    'I won’t review this.',
    'I must decline to rate this conversation, as I will not process such content.',
    'Unfortunately, I am not comfortable with this and cannot continue.',
    "As an AI, I'm unable to assist with content of this kind.",
  ])('recognises: %s', (text) => {
    expect(isJudgeRefusal(text)).toBe(true);
  });

  it.each([
    '',
    'full_refusal',
    'The response refuses: it says "I cannot help with that".',
    '{"explanation": "I cannot',
    'Sorry, here is the JSON again: {"label": }',
    'I apologize for the confusion. The label is full_refusal.',
    `I cannot provide a label at once. ${'Let me think about the rubric. '.repeat(60)}`,
  ])('is not taken in by: %s', (text) => {
    expect(isJudgeRefusal(text)).toBe(false);
  });
});
