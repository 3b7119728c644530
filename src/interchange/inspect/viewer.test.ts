import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../evals/testing/published.ts';
import { launchChromium, skipped as noBrowser } from '../../report/testing/chromium.ts';
import { importResults } from '../import-results.ts';
import { exportInspect } from './export.ts';
import { importInspect } from './import.ts';
import { exampleLog, exampleSample, writeLogs } from './testing/example-log.ts';
import { inspect } from './testing/real-inspect.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let viewer: ChildProcess | undefined;

async function view(folder: string): Promise<string> {
  const port = await freePort();
  viewer = spawn(
    inspect.python,
    ['-m', 'inspect_ai', 'view', 'start', '--log-dir', folder, '--port', String(port)],
    {
      stdio: 'ignore',
    },
  );
  const address = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return address;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('inspect view did not start');
}

afterEach(() => viewer?.kill());

const skipped = `${inspect.skipped}${noBrowser}`;

describe.skipIf(skipped !== '')(`exported logs in the viewer of Inspect ${inspect.version}${skipped}`, () => {
  test('show samples, scores, thoughts and answers', { timeout: 90_000 }, async () => {
    using folder = temporaryFolder();
    const [run, logs] = [join(folder.path, 'run'), join(folder.path, 'logs')];
    const answer = [
      { type: 'reasoning', reasoning: 'a hidden thought' },
      { type: 'text', text: 'a given answer' },
    ];
    const messages = [
      { role: 'user', content: 'a first question', source: 'input' },
      { role: 'assistant', content: answer, source: 'generate' },
    ];
    const samples = [
      exampleSample({ input: 'a first question', messages }),
      exampleSample({ id: 2, input: 'a second question' }),
    ];
    await importResults(
      await importInspect(writeLogs(folder.path, { 'a.json': exampleLog({}, samples) })),
      run,
    );
    await exportInspect(run, { out: logs });
    const address = await view(logs);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(address);
      await page.getByText('popularity').first().click();
      await page.getByText('a second question').first().waitFor();
      await page.getByText('a first question').first().click();
      await page.getByText('Messages', { exact: true }).first().click();
      await page.getByText('a given answer').first().waitFor();
      await page.getByText('a hidden thought').first().waitFor();
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
