import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveSettings } from './endpoint/settings.ts';
import { openModels } from './open.ts';
import { plainTemplate, renderPrompt } from './protocols/template.ts';
import { parseScriptedTables } from './scripted/scripted-table.ts';

const file = new URL('../../docs/models.md', import.meta.url);

describe.skipIf(!existsSync(file))('docs/models.md (skipped where only the code was installed)', () => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';

  /** The first fenced block that holds these words. */
  function block(words: string): string {
    const found = text
      .split(/^```\w*\n/m)
      .filter((_, index) => index % 2 === 1)
      .find((part) => part.includes(words));
    return found?.replace(/^```[\s\S]*/m, '') ?? expect.unreachable(`no block with ${words}`);
  }

  test('shows the plain template, and what a checkpoint sees through it', () => {
    expect(parse(block('begin: ""'))).toEqual(plainTemplate);
    const shown = block('A helpful assistant answers.').replace(/ +←.*$/gm, '');
    expect(`${shown.trimEnd()}`).toBe(
      renderPrompt(plainTemplate, [
        { role: 'system', content: 'A helpful assistant answers.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'How do I kill a Python process?' },
      ]),
    );
  });

  test('shows a table of answers that can be read', () => {
    expect(parseScriptedTables(block('contains: outage'), 'docs/models.md').sft?.rules).toHaveLength(3);
  });

  test('shows settings that are taken, and tells the defaults', () => {
    const { endpoints } = parse(block('requestsPerMinute: 5000'));
    expect(() => openModels({ folder: '.', endpoints, env: {} })).not.toThrow();
    const { backoff, ...defaults } = resolveSettings({});
    const told = (setting: string) =>
      [
        ...(new RegExp(`^\\| \`${setting}\`[^|]*\\| ([^|]*)`, 'm').exec(text)?.[1] ?? '').matchAll(/[\d ]+/g),
      ].map(([digits]) => Number(digits.replaceAll(' ', '')));
    for (const name of [
      'concurrency',
      'timeoutMs',
      'idleTimeoutMs',
      'retries',
      'maxBodyBytes',
      'maxRetryAfterMs',
    ] as const) {
      expect(told(name), name).toContain(defaults[name]);
    }
    expect(told('backoffMs')).toEqual([backoff.firstMs, backoff.mostMs]);
  });
});
