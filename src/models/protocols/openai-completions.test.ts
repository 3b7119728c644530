import { expect, test } from 'vitest';
import { ModelError } from '../../core/index.ts';
import { openaiCompletions } from './openai-completions.ts';
import { WrongShape } from './shape.ts';
import { plainTemplate } from './template.ts';

const target = { model: 'base', official: false, stop: plainTemplate.stop, template: plainTemplate };
const request = {
  messages: [{ role: 'user', content: 'How do I kill a process?' }],
  sampling: { temperature: 1, topP: 0.95, maxTokens: 64, seed: 7, stop: ['\nUser:', '###'] },
} as const;

test('the messages as one text, with the stop sequences of template and request, each once', () => {
  expect(openaiCompletions.body(request, target)).toEqual({
    model: 'base',
    prompt: 'User: How do I kill a process?\n\nAssistant:',
    max_tokens: 64,
    temperature: 1,
    top_p: 0.95,
    seed: 7,
    stop: ['\nUser:', '\nAssistant:', '\nSystem:', '###'],
  });
});

test('a schema is left to the prompt; tools are refused in words', () => {
  expect(openaiCompletions.body({ ...request, schema: { type: 'object' } }, target)).not.toHaveProperty(
    'response_format',
  );
  const tools = [{ name: 'f', description: '', parameters: {} }];
  expect(() => openaiCompletions.body({ ...request, tools }, target)).toThrow(ModelError);
});

test('the text without the white space around it', () => {
  const body = {
    choices: [{ text: ' Use kill.\n', finish_reason: 'length' }],
    usage: { prompt_tokens: 9, completion_tokens: 3 },
  };
  expect(openaiCompletions.read(body, request)).toEqual({
    thoughts: '',
    response: 'Use kill.',
    toolCalls: [],
    stop: 'length',
    usage: { inputTokens: 9, outputTokens: 3 },
  });
  expect(() => openaiCompletions.read({ choices: [{ message: {} }] }, request)).toThrow(WrongShape);
});
