import { expect, it } from 'vitest';
import { withoutUrlSecrets } from './url-secrets.ts';

it.each([
  ['http://me:sk-1@host/v1', 'http://…@host/v1'],
  ['HTTP://sk-1@host', 'HTTP://…@host'],
  ['https:/me:sk-1@host/v1#m', 'https:/…@host/v1#m'],
  ['//me:sk-1@host/v1', '//…@host/v1'],
  ['me:sk-1@host:80/v1#m', '…@host:80/v1#m'],
  ['completions+http://me:sk-1@host/v1?key=sk-1#m', 'completions+http://…@host/v1?…#m'],
  ['"https://host/v1?api_key=sk-1" is wrong', '"https://host/v1?…" is wrong'],
])('leaves keys out of %s', (text, clean) => {
  expect(withoutUrlSecrets(text)).toBe(clean);
});

it.each([
  'http://host:8000/v1#org/name@rev',
  'hf:org/name@main',
  'openai:gpt-5.5',
  'refusals/over-refusal?',
  'a@b',
])('leaves %s as it is', (text) => {
  expect(withoutUrlSecrets(text)).toBe(text);
});
