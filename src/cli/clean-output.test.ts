import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const EVIL =
  '\u001b[2J\u001b]0;title\u0007\u001b]8;;http://x/\u0007\u001b]52;c;ZXZpbA==\u0007\u009b31m\rfake\u202e';

/** What a command writes to stdout and stderr together. */
async function said(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part) => (text += part));
  await new Promise((resolve) => child.once('close', resolve));
  return text;
}

describe('what the command line prints', { timeout: 60_000 }, () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stemma-clean-'));
    writeFileSync(
      join(folder, 'names.csv'),
      `stage,sample,value,rater\n${['a', 'b'].flatMap((stage) => [1, 2].map((n) => `"${stage}${EVIL}",p${n},${n % 2},"r${EVIL}"\n`)).join('')}`,
    );
    writeFileSync(join(folder, 'study.yaml'), `name: x\nstages:\n  "sft\\e[2J\\e]0;t\\a": {}\n`);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('cannot steer the terminal: errors of commands, options, files and studies', async () => {
    const texts = await Promise.all([
      said(`no${EVIL}`),
      said('status', `no${EVIL}`),
      said('findings', folder, `--no${EVIL}`),
      said('plan', join(folder, 'study.yaml')),
    ]);
    for (const text of texts) {
      expect(text.length).toBeGreaterThan(20);
      expect(text).not.toMatch(/(?![\t\n])\p{Cc}|\u202e/u);
    }
  });

  it('cannot steer the terminal: names in tables, and JSON keeps them as they are', async () => {
    const run = join(folder, 'run');
    const imported = await said('import', 'csv', join(folder, 'names.csv'), '--into', run);
    const shown = await said('findings', run);
    const json = await said('findings', run, '--json');
    for (const text of [imported, shown, json]) expect(text).not.toMatch(/(?![\t\n])\p{Cc}|\u202e/u);
    expect(shown).toContain('fake');
    const { raters } = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1));
    expect(raters[0].title ?? raters[0].id).toContain('fake');
  });
});
