import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, type Message } from '../../core/index.ts';
import { loadTemplate, plainTemplate, renderPrompt } from './template.ts';

const talk: Message[] = [
  { role: 'system', content: 'A helpful assistant answers.' },
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello' },
  { role: 'user', content: 'How do I kill a process?' },
];

describe('renderPrompt', () => {
  test('what a base checkpoint sees by default, to the letter', () => {
    expect(renderPrompt(plainTemplate, talk)).toBe(
      'A helpful assistant answers.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: How do I kill a process?\n\nAssistant:',
    );
  });

  test('a last message of the assistant is gone on with', () => {
    expect(renderPrompt(plainTemplate, [...talk, { role: 'assistant', content: 'Sure, ' }])).toMatch(
      /process\?\n\nAssistant: Sure, $/,
    );
  });

  test('messages are taken to the letter', () => {
    const content = "$& {content} $1 $'";
    expect(renderPrompt(plainTemplate, [{ role: 'user', content }])).toBe(`User: ${content}\n\nAssistant:`);
  });
});

describe('loadTemplate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stemma-template-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function load(text: string) {
    const file = join(folder, 'template.yaml');
    await writeFile(file, text);
    return loadTemplate(file);
  }

  test('a whole one, and one that changes a part', async () => {
    const whole = [
      'begin: "# Examples\\n"',
      'system: "{content}\\n"',
      'user: "Q: {content}\\n"',
      'assistant: "A: {content}\\n"',
      'tool: "T: {content}\\n"',
      'generate: "A:"',
      'stop: ["\\nQ:"]',
    ].join('\n');
    expect(renderPrompt(await load(whole), talk)).toBe(
      '# Examples\nA helpful assistant answers.\nQ: Hi\nA: Hello\nQ: How do I kill a process?\nA:',
    );
    expect(await load('stop: []')).toEqual({ ...plainTemplate, stop: [] });
    expect(await load('')).toEqual(plainTemplate);
  });

  test.each([
    [
      'an unknown key',
      'user: "{content}"\nassistent: "{content}"',
      /unknown key "assistent"/,
      2,
      /assistant/,
    ],
    ['no {content}', 'begin: ""\nuser: "User:"', /\{content\} exactly once.*models\.md/, 2, undefined],
    ['no text', 'generate: [1]', /^must be text, not a list$/, 1, undefined],
    ['no YAML', 'user: "a\nb: "', /./, 1, undefined],
  ])('%s: where and what', async (_, text, message, line, remedy) => {
    const error = await load(text).catch((reason) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(error.place.file).toMatch(/template\.yaml$/);
    expect(error.place.line).toBeGreaterThanOrEqual(line);
    expect(error.message).toMatch(message);
    if (remedy) expect(error.remedy).toMatch(remedy);
  });

  test('no file', () => {
    expect(() => loadTemplate(join(folder, 'none.yaml'))).toThrow(/cannot be read: there is no such file/);
  });
});
