import { describe, expect, test } from 'vitest';
import { parseModelRef } from './ref.ts';

describe('parseModelRef', () => {
  test.each([
    ['openai:gpt-5.5', 'openai-chat', 'openai', 'https://api.openai.com/v1', 'gpt-5.5'],
    ['openai-responses:gpt-5.5', 'openai-responses', 'openai', 'https://api.openai.com/v1', 'gpt-5.5'],
    [
      'openai-completions:davinci-002',
      'openai-completions',
      'openai',
      'https://api.openai.com/v1',
      'davinci-002',
    ],
    ['openai:ft:gpt-4.1:org::x', 'openai-chat', 'openai', 'https://api.openai.com/v1', 'ft:gpt-4.1:org::x'],
    ['anthropic:claude-x', 'anthropic-messages', 'anthropic', 'https://api.anthropic.com/v1', 'claude-x'],
    ['gemini:gemini-x', 'gemini', 'gemini', 'https://generativelanguage.googleapis.com/v1beta', 'gemini-x'],
    ['http://gpu1:8000/v1#olmo/sft', 'openai-chat', 'http://gpu1:8000/v1', 'http://gpu1:8000/v1', 'olmo/sft'],
    ['http://GPU1:80/v1/#m', 'openai-chat', 'http://gpu1/v1', 'http://gpu1/v1', 'm'],
    ['completions+https://h/v1#m', 'openai-completions', 'https://h/v1', 'https://h/v1', 'm'],
    ['responses+https://h/v1#m', 'openai-responses', 'https://h/v1', 'https://h/v1', 'm'],
    ['anthropic+https://h/v1#m', 'anthropic-messages', 'https://h/v1', 'https://h/v1', 'm'],
    ['gemini+https://h/v1beta#m', 'gemini', 'https://h/v1beta', 'https://h/v1beta', 'm'],
  ])('%s', (ref, protocol, endpoint, baseUrl, model) => {
    expect(parseModelRef(ref)).toEqual({ protocol, endpoint, baseUrl, model });
  });

  test.each([
    ['scripted:models.yaml#sft', { protocol: 'scripted', endpoint: 'models.yaml', model: 'sft' }],
    ['scripted:./a.ts', { protocol: 'scripted', endpoint: './a.ts', model: '' }],
    ['replay:runs/first#sft', { protocol: 'replay', endpoint: 'runs/first', model: 'sft' }],
  ])('%s', (ref, parsed) => {
    expect(parseModelRef(ref)).toEqual(parsed);
  });

  test.each([
    ['opanai:gpt-5', /unknown provider "opanai"/, /openai:gpt-5/],
    ['Anthropic:claude', /unknown provider/, /anthropic:claude/],
    ['gpt-5.5', /names no provider/, /openai:gpt-5\.5/],
    ['claude-opus', /names no provider/, /anthropic:claude-opus/],
    ['gemini-3-pro', /names no provider/, /gemini:gemini-3-pro/],
    ['llama', /names no provider/, /http:\/\/host\/v1#NAME/],
    ['openai:', /names no model/, /openai:NAME/],
    ['http://gpu1:8000/v1', /names no model/, /http:\/\/gpu1:8000\/v1#NAME/],
    ['gpu1:8000/v1#m', /no protocol/, /http:\/\/gpu1:8000\/v1#m/],
    ['completion+http://h/v1#m', /unknown protocol "completion\+"/, /completions\+http:\/\/h\/v1#m/],
    ['http://h/v1/chat/completions#m', /\/chat\/completions/, /http:\/\/h\/v1$/],
    ['http://#m', /no proper URL/, /./],
    ['scripted:', /names no file/, /scripted:FILE#NAME/],
    ['replay:runs/first', /names no stage/, /replay:runs\/first#STAGE/],
    ['', /empty/, /./],
    [' openai:x', /white space/, /./],
    ['constructor:x', /unknown provider/, /./],
  ])('"%s" is not a ref, and the error says what is', (ref, message, remedy) => {
    const error = (() => {
      try {
        return parseModelRef(ref);
      } catch (reason) {
        return reason as Error & { remedy: string };
      }
    })() as Error & { remedy: string };
    expect(error.name).toBe('InputError');
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
  });

  test.each(['http://me:hunter22@h/v1#m', 'https://h/v1?key=hunter22#m', 'https://h/v1?key=hunter22'])(
    'a secret in a ref is refused and not repeated',
    (ref) => {
      expect(() => parseModelRef(ref)).toThrow(/user, a password or a query/);
      expect(() => parseModelRef(ref)).not.toThrow(/hunter22/);
    },
  );
});

test('guesses no name for one that is near to none', () => {
  expect(() => parseModelRef('xyzzyx:m')).toThrow(/unknown provider "xyzzyx"/);
  try {
    parseModelRef('xyzzyx:m');
  } catch (error) {
    expect(String(error)).not.toContain('Did you mean');
  }
});

test.each(['htp://me:sk-1@h/v1#m', 'HTTP://me:sk-1@h/v1#m', 'me:sk-1@h/v1#m', 'http://me:sk-1@h/v1'])(
  'what is wrong with %s is told without its key',
  (ref) => {
    expect(() => parseModelRef(ref)).toThrow();
    expect(() => parseModelRef(ref)).not.toThrow(/sk-1/);
  },
);
