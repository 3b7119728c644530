import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from './index.ts';
import { branched } from './testing/branched.ts';
import { launchChromium, skipped } from './testing/chromium.ts';
import { chain, fiveModels, gaps, manyModels } from './testing/examples.ts';

const IN_PAGE = fileURLToPath(new URL('./testing/in-page.js', import.meta.url));
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Opened {
  readonly page: Page;
  /** Whatever the page asked for besides itself. */
  readonly requests: string[];
  readonly complaints: string[];
}

describe.skipIf(skipped)(
  `the report in a browser, from disk, without a network${skipped}`,
  { timeout: 90_000 },
  () => {
    let browser: Browser;
    let folder: string;
    const files: Record<string, string> = {};

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'stemma-browser-'));
      // axe takes its time over a long page; the first measure has every part there is.
      const one = { ...chain(), measures: chain().measures.slice(0, 1) };
      const examples = {
        ...{ chain: chain(), one, five: fiveModels(), many: manyModels(), gaps: gaps() },
        branched: await branched(),
      };
      for (const [name, found] of Object.entries(examples)) {
        files[name] = (await writeReport(found, join(folder, name))).html;
      }
      browser = await launchChromium();
    }, 90_000);

    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Opens a page in a window of its own, gives it to the test and closes it. */
    async function look(
      name: string,
      options: { width?: number; dark?: boolean },
      test: (opened: Opened) => Promise<void>,
    ): Promise<void> {
      const context = await browser.newContext({
        viewport: { width: options.width ?? 1280, height: 900 },
        colorScheme: options.dark ? 'dark' : 'light',
        offline: true,
      });
      await context.addInitScript({ path: IN_PAGE });
      const page = await context.newPage();
      const own = pathToFileURL(files[name]!).href;
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => request.url().split('#')[0] !== own && requests.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.route(/^(?!file:)/, (route) => route.abort());
      await page.goto(own);
      await test({ page, requests, complaints });
      await context.close();
    }

    it.each(['chain', 'many'])('%s: no request leaves and nothing is complained of', async (name) => {
      await look(name, {}, async ({ page, requests, complaints }) => {
        await page.keyboard.press('End');
        expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
        expect(await page.title()).toMatch(/: findings$/);
      });
    });

    it.each(['chain', 'many', 'branched'])(
      '%s: fits every width from 360 to 1280 pixels, with all folds open',
      async (name) => {
        await look(name, {}, async ({ page }) => {
          await page.evaluate('look.unfold()');
          for (const width of [360, 390, 480, 640, 641, 768, 820, 1024, 1280]) {
            await page.setViewportSize({ width, height: 900 });
            const { overflow, shown } = await page.evaluate<{ overflow: number; shown: number[] }>(
              'look.layout()',
            );
            expect(overflow, `${width} pixels`).toBe(0);
            // Of the two drawings of a figure just one, for eyes and for screen readers alike.
            expect(new Set(shown)).toEqual(new Set([1]));
          }
        });
      },
    );

    it.each([
      ['chain', 1280],
      ['chain', 390],
      ['five', 1280],
      ['many', 1280],
      ['many', 390],
      ['gaps', 1280],
      ['gaps', 400],
      ['gaps', 360],
      ['branched', 1280],
      ['branched', 390],
    ])('%s at %i pixels: no text of a figure is cut or lies on another', async (name, width) => {
      await look(name, { width }, async ({ page }) => {
        await page.evaluate('look.unfold()');
        expect(await page.evaluate('look.collisions()')).toEqual([]);
      });
    });

    it.each(['chain', 'five', 'many', 'gaps', 'branched'])(
      '%s: on a phone the verdicts are all in sight, and what has to be scrolled shows it',
      async (name) => {
        await look(name, { width: 390 }, async ({ page }) => {
          await page.evaluate('look.unfold()');
          const { wide, unmarked, outside, overfull } =
            await page.evaluate<Record<string, string[]>>('look.tables()');
          expect(wide).not.toContain('stacked');
          expect(outside).toEqual([]);
          expect(overfull).toEqual([]);
          expect(unmarked).toEqual([]);
          if (name !== 'gaps') expect(wide!.length).toBeGreaterThan(0);
        });
      },
    );

    it('is a table to screen readers also where its cells are stacked', async () => {
      await look('chain', { width: 390 }, async ({ page }) => {
        const client = await page.context().newCDPSession(page);
        const { root } = await client.send('DOM.getDocument');
        const { nodeId } = await client.send('DOM.querySelector', {
          nodeId: root.nodeId,
          selector: 'table.stacked',
        });
        const { nodes } = await client.send('Accessibility.queryAXTree', { nodeId });
        const roles = nodes.map(({ role }) => role?.value);
        const times = (role: string) => roles.filter((one) => one === role).length;
        expect({
          tables: times('table'),
          rows: times('row'),
          names: times('rowheader'),
          heads: times('columnheader'),
          cells: times('cell'),
        }).toEqual({ tables: 1, rows: 4, names: 3, heads: 7, cells: 18 });
      });
    });

    it.each([
      ['one', 1280],
      ['five', 1280],
      ['one', 390],
    ])('%s at %i pixels is accessible (axe: WCAG 2.2 AA and best practice)', async (name, width) => {
      await look(name, { width }, async ({ page }) => {
        await page.evaluate('look.unfold()');
        expect(await violations(new AxeBuilder({ page }).withTags(WCAG))).toEqual([]);
      });
    });

    it.each(['one', 'five'])('%s has enough contrast in the dark too (axe)', async (name) => {
      await look(name, { dark: true }, async ({ page }) => {
        expect(await violations(new AxeBuilder({ page }).withRules(['color-contrast']))).toEqual([]);
      });
    });

    it.each([false, true])(
      'keeps text of figures at 4.5 : 1 and what is drawn at 3 : 1, dark: %s',
      async (dark) => {
        await look('chain', { dark }, async ({ page }) => {
          const measured =
            await page.evaluate<{ what: string; ratio: number; least: number }[]>('look.contrasts()');
          expect(measured.filter(({ ratio, least }) => !(ratio >= least))).toEqual([]);
        });
      },
    );

    it('opens the fold that holds the computation which a number leads to, by keyboard', async () => {
      await look('many', {}, async ({ page }) => {
        const link = page.locator('table.matrix a').first();
        const target = (await link.getAttribute('href'))!.slice(1);
        const entry = page.locator(`[id="${target}"]`);
        expect(await entry.isVisible()).toBe(false);
        await link.focus();
        await page.keyboard.press('Enter');
        await entry.waitFor({ state: 'visible' });
        expect(await entry.textContent()).toContain('shared samples');
      });
    });

    it('prints on white whatever the screen, wide figures and none of them broken', async () => {
      await look('chain', { dark: true, width: 390 }, async ({ page }) => {
        await page.evaluate('look.unfold()');
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        const { paper, breaks, wide } = await page.evaluate<{
          paper: string;
          breaks: string[];
          wide: boolean;
        }>('look.print()');
        expect(paper).toBe('rgb(255, 255, 255)');
        expect(new Set(breaks)).toEqual(new Set(['avoid']));
        expect(wide).toBe(true);
        expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
      });
    });

    it('folds the details of many measures, and prints them all the same', async () => {
      await look('gaps', {}, async ({ page }) => {
        const tables = page.locator('.measure details.printed table');
        const numbers = page.locator('.titled.printed dl');
        const shown = async () => [await visible(tables), await visible(numbers)];
        expect([await tables.count(), await numbers.count()]).toEqual([7, 4]);
        expect(await shown()).toEqual([0, 0]);
        await page.emulateMedia({ media: 'print' });
        expect(await shown()).toEqual([7, 4]);
      });
    });

    it('writes figures that a browser reads as SVG documents', async () => {
      const { svgs } = await writeReport(chain(), join(folder, 'figures-of-chain'));
      await look('chain', {}, async ({ page }) => {
        for (const file of svgs) {
          await page.goto(pathToFileURL(file).href);
          expect(await page.evaluate('look.kind()')).toEqual(['image/svg+xml', null]);
          expect(await page.evaluate('look.collisions()'), file).toEqual([]);
        }
      });
    });
  },
);

async function visible(found: Locator): Promise<number> {
  const all = await Promise.all((await found.all()).map((one) => one.isVisible()));
  return all.filter(Boolean).length;
}

/** What axe found, a line each with the first elements it concerns. */
async function violations(axe: AxeBuilder): Promise<string[]> {
  const found = await axe.analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`);
}
