import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secrets } from './secrets.ts';

test('a key is taken out in every form a server may echo it in', () => {
  const key = 'sk-a/b+c"d e';
  const secrets = new Secrets([key]);
  const echoes = [key, JSON.stringify(key), 'sk-a\\/b+c\\"d e', encodeURIComponent(key)];
  for (const echo of echoes)
    expect(secrets.scrub(`<${echo}> and <${echo}>`)).toMatch(/^<"?\[key\]"?> and <"?\[key\]"?>$/);
});

test('words that servers without keys are given are not secrets', () => {
  expect(new Secrets(['EMPTY', 'none']).scrub('EMPTY or none')).toBe('EMPTY or none');
});

test('a backslash before a key is not part of the key', () => {
  const scrubbed = new Secrets(['/aaaaaaaa']).scrub(JSON.stringify({ text: '\\/aaaaaaaa' }));
  expect(JSON.parse(scrubbed)).toEqual({ text: '\\[key]' });
});

test('law: JSON that holds a key stays the same JSON without it', () => {
  const key = fc.stringMatching(/^[\w/+=.-]{8,40}$/);
  fc.assert(
    fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!'[key]'.includes(secret));
      const scrubbed = new Secrets([secret]).scrub(JSON.stringify({ text: before + secret + after }));
      expect(scrubbed).not.toContain(secret);
      expect(JSON.parse(scrubbed)).toHaveProperty('text');
    }),
  );
});
