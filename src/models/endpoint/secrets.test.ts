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

test('a key in the escapes of JSON is taken out, whichever of its characters are escaped', () => {
  const escaped = (text: string, which: (at: number) => boolean) =>
    [...text]
      .map((character, at) => {
        const code = character.charCodeAt(0).toString(16).padStart(4, '0');
        return which(at)
          ? `\\u${at % 2 ? code.toUpperCase() : code}`
          : JSON.stringify(character).slice(1, -1);
      })
      .join('');
  const key = 'sk-a/b+c"d\\e=f';
  const secrets = new Secrets([key]);
  for (const which of [
    () => true,
    (at: number) => at === 0,
    (at: number) => at % 3 === 0,
    (at: number) => at > 5,
  ]) {
    const scrubbed = secrets.scrub(`{"text":"<${escaped(key, which)}>"}`);
    expect(JSON.parse(scrubbed)).toEqual({ text: '<[key]>' });
  }
});

test('escapes that hide no key stay as they came, and an escaped backslash is none', () => {
  const secrets = new Secrets(['Axxxxxxxx']);
  for (const json of ['{"text":"\\u0041 and \\u002b"}', String.raw`{"text":"\\u0041xxxxxxxx"}`])
    expect(secrets.scrub(json)).toBe(json);
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
