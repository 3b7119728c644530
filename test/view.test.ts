import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublishedResults } from '../src/core/index.ts';
import { importResults } from '../src/interchange/index.ts';
import { launchChromium, skipped } from '../src/report/testing/chromium.ts';
import { type Said, saidResults, UNSAFE } from '../src/workbench/trials/testing/shown-run.ts';
import { type StemmaProcess, stemma, stemmaWith } from './stemma-process.ts';

const STAGES = ['base', 'sft', 'rl'];
const SAMPLES = 60;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const ODCV = fileURLToPath(new URL('../../shared/data/odcv', import.meta.url));
const odcvSkipped = existsSync(ODCV) ? '' : ' (skipped: ../shared/data is not beside this checkout)';
/** The run folder of a demo that was made before. */
const DEMO = process.env.STEMMA_DEMO_RUN;
const demoSkipped =
  DEMO === undefined ? ' (skipped: npm run demo, then set STEMMA_DEMO_RUN to its run folder)' : '';
/** What would act, if any of it were taken for HTML, a script or a link. */
const HOSTILE =
  '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>[a](javascript:alert(1)) </textarea>\u2028\u202e';

/** Unsafe answers become rarer from stage to stage; the rule is wrong about one sample in ten. */
function results(): PublishedResults {
  return saidResults(
    STAGES.flatMap((stage, at) =>
      Array.from({ length: SAMPLES }, (_, sample) =>
        [1, 2].map((epoch) => said(stage, at, sample, epoch)),
      ).flat(),
    ),
  );
}

function said(stage: string, at: number, sample: number, epoch: number): Said {
  const complies = sample % 3 >= at;
  const judge = complies ? 1 : 0;
  const wrong = complies ? 0 : 1;
  const response = complies ? `Sure, step ${sample} of ${stage}.` : `I will not help with ${sample}.`;
  return {
    ...{ stage, epoch, judge, sample: `s${String(sample).padStart(2, '0')}` },
    rule: sample % 10 === 0 ? wrong : judge,
    response: sample === 0 ? `${HOSTILE} ${response}` : response,
    transcript: {
      cluster: `c${Math.floor(sample / 3)}`,
      input: [{ role: 'user', content: `How do I do ${sample}? ${sample === 7 ? 'Zauberwort' : ''}` }],
      thoughts: sample === 0 ? HOSTILE : 'Hm.',
    },
  };
}

/** `stemma view` as a user starts it. */
class Viewer {
  readonly process: StemmaProcess;
  readonly link: string;

  private constructor(process: StemmaProcess, link: string) {
    this.process = process;
    this.link = link;
  }

  get origin(): string {
    return new URL(this.link).origin;
  }

  static start(...args: readonly string[]): Promise<Viewer> {
    return Viewer.of(stemma('view', ...args, '--no-open'));
  }

  /** On all runs of a folder. */
  static startIn(folder: string): Promise<Viewer> {
    return Viewer.of(stemmaWith({ through: ['env', '-C', folder] }, 'view', '--no-open'));
  }

  private static async of(started: StemmaProcess): Promise<Viewer> {
    const link = await new Promise<string>((resolve, reject) => {
      started.child.stdout!.on('data', (text) => resolve(String(text).trim()));
      void started.ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    return new Viewer(started, link);
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    this.process.child.kill(signal);
    await this.process.ended;
  }
}

describe.skipIf(skipped)(`stemma view in a browser${skipped}`, { timeout: 90_000 }, () => {
  let browser: Browser;
  let folder: string;
  let run: string;
  let viewer: Viewer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stemma-view-'));
    run = join(folder, 'run');
    await importResults(results(), run);
    browser = await launchChromium();
    viewer = await Viewer.start(run);
  }, 90_000);

  afterAll(async () => {
    await viewer?.stop();
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page in a window of its own, on a hash; what it complains of is collected. */
  async function open(
    hash: string,
    {
      width = 1400,
      link = viewer.link,
      context,
    }: { width?: number; link?: string; context?: BrowserContext } = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const own = context ?? (await browser.newContext({ viewport: { width, height: 900 } }));
    const page = await own.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(link);
    if (hash !== '') await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    return { page, complaints };
  }

  it.each([
    ['#/runs/0/findings', 'text=Carried most'],
    [`#/runs/0/measure?measure=${encodeURIComponent(UNSAFE)}`, 'text=Samples that changed'],
    ['#/runs/0/trials', 'text=60 of 60 samples'],
    ['#/runs/0/sample?of=refusals&id=s07', 'text=Zauberwort'],
    ['#/runs/0/lineage', 'text=Unsafe response'],
    ['#/runs/0/labels', 'text=What was picked and labelled'],
  ])('%s: complains of nothing, fits a phone, and axe finds nothing', async (hash, sign) => {
    const { page, complaints } = await open(hash);
    await page.waitForSelector(sign);
    const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('takes the token out of the address and keeps it from scripts', async () => {
    const { page } = await open('');
    expect(page.url()).not.toContain('token');
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.context().close();
  });

  it('is read by keyboard: down, open, epoch, differences, next, back', async () => {
    const { page } = await open('#/runs/0/trials');
    await page.waitForSelector('text=60 of 60 samples');
    await page.waitForSelector('a.columns');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('l');
    await page.waitForSelector('h1:has-text("s02")');
    await page.waitForSelector('text=Sure, step 2 of base.');
    await page.keyboard.press('e');
    await page.waitForURL(/epoch=2/);
    await page.keyboard.press('d');
    await page.waitForSelector('ins');
    await page.keyboard.press('j');
    await page.waitForSelector('h1:has-text("s03")');
    await page.keyboard.press('k');
    await page.waitForSelector('h1:has-text("s02")');
    await page.keyboard.press(']');
    await page.waitForURL(/stages-differ=1/);
    await page.keyboard.press('h');
    await page.waitForSelector('text=/of 60 samples/');
    await page.keyboard.press('Shift+G');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog');
    await page.context().close();
  });

  it.each(['#/nonsense', '#/runs', '#/%E0%A4%A', '#/../runs'])(
    'opens the only run at %s, which is no page',
    async (hash) => {
      const { page } = await open(hash);
      await page.waitForSelector('text=Carried most');
      expect(new URL(page.url()).hash).toBe('#/runs/0/findings');
      await page.context().close();
    },
  );

  it('opens an address with filters as it was shared', async () => {
    const { page } = await open('#/runs/0/trials?stage=rl&label=full_compliance&rater=judge&at=3');
    await page.waitForSelector('text=20 of 60 samples');
    await page.waitForSelector('a.columns.chosen:has-text("s11")');
    await page.context().close();
  });

  it('searches prompts, thoughts and responses', async () => {
    const { page } = await open('#/runs/0/trials');
    await page.waitForSelector('text=60 of 60 samples');
    await page.keyboard.press('/');
    await page.keyboard.type('zauber');
    await page.waitForSelector('text=1 of 60 samples');
    await page.waitForSelector('a.columns:has-text("s07")');
    await page.context().close();
  });

  it('shows hostile texts as texts, also as Markdown', async () => {
    const { page, complaints } = await open('#/runs/0/sample?of=refusals&id=s00');
    await page.waitForSelector('text=onerror');
    await page.keyboard.press('m');
    await page.waitForSelector('.markdown');
    await page.keyboard.press('d');
    expect(await page.evaluate('globalThis.harmed')).toBeUndefined();
    expect(await page.locator('.stage img, .stage script, .stage a').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  /** Every number on the page of findings is in the Markdown report with the same text. */
  async function expectSameNumbers(of: string, link: string): Promise<void> {
    const report = join(of, 'report');
    expect((await stemma('report', of).ended).code).toBe(0);
    const numbers = (text: string) => new Set(text.match(/[+−-]?\d[\d.,]*(?:%| points)?/g) ?? []);
    const written = numbers(readFileSync(join(report, 'report.md'), 'utf8'));
    const { page } = await open('#/runs/0/findings', { link });
    await page.waitForSelector('main footer');
    const shown = numbers(
      await page.evaluate<string>(
        '[...document.querySelectorAll("main td, main th, main p, main li")].map((each) => each.textContent).join(" ")',
      ),
    );
    expect(shown.size).toBeGreaterThan(30);
    expect([...shown].filter((number) => !written.has(number))).toEqual([]);
    await page.context().close();
  }

  it('has the numbers of the report, to the letter', () => expectSameNumbers(run, viewer.link));

  it('leads from a number to how it was computed', async () => {
    const { page } = await open('#/runs/0/findings');
    await page.locator('a.number').first().click();
    await page.waitForURL(/at=/);
    const id = new URLSearchParams(page.url().split('?').at(-1)).get('at')!;
    await page.waitForSelector(`[id="${id}"]:focus`);
    await page.context().close();
  });

  it('follows a run that grows', async () => {
    const own = join(folder, 'growing');
    await importResults(results(), own);
    const live = await Viewer.start(own);
    const { page } = await open('#/runs/0/sample?of=refusals&id=s05', { link: live.link });
    await page.waitForSelector('text=step 5');
    const labelled = stemma(
      'label',
      own,
      '--measure',
      UNSAFE,
      '--labels',
      '5',
      '--export',
      join(folder, 'sheet.csv'),
    );
    expect((await labelled.ended).code).toBe(0);
    const picked = readFileSync(join(own, 'labels/refusals.unsafe-response.jsonl'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.includes('"place"') ? [JSON.parse(line).key as string] : []));
    const rows = picked.map((key) => `${key},no`);
    writeFileSync(join(folder, 'filled.csv'), ['key,label', ...rows].join('\n'));
    const segments = () => readdirSync(join(own, 'ratings')).length;
    const before = segments();
    const imported = await stemma('label', own, '--import', join(folder, 'filled.csv')).ended;
    expect(imported.stderr).toContain('labels recorded');
    expect(segments()).toBeGreaterThan(before);
    await page.evaluate('location.hash = "#/runs/0/trials?rater=human"');
    await page.waitForSelector('text=/^[1-9]\\d* of 60 samples/');
    await page.context().close();
    await live.stop();
  });

  it('shows the first samples of a large run, and then all of them', async () => {
    const large = join(folder, 'large');
    const all = STAGES.flatMap((stage, at) =>
      Array.from({ length: 2_000 }, (_, sample): Said => {
        const id = `s${String(sample).padStart(4, '0')}`;
        return { stage, sample: id, response: `Step ${sample}.`, judge: sample % 3 >= at ? 1 : 0 };
      }),
    );
    await importResults(saidResults(all), large);
    const own = await Viewer.start(large);
    const { page, complaints } = await open('#/runs/0/trials', { link: own.link });
    await page.waitForSelector('text=s0003');
    await page.waitForSelector('text=2,000 of 2,000 samples');
    await page.keyboard.press('Shift+G');
    await page.waitForSelector('text=s1999');
    expect(complaints).toEqual([]);
    await page.context().close();
    await own.stop();
  });

  it('takes labels of two people at once, blind, and loses none when the server is killed', async () => {
    const own = join(folder, 'labelled');
    await importResults(results(), own);
    let live = await Viewer.start(own);
    const { page: owner } = await open('#/runs/0/labels', { link: live.link });
    await owner.waitForSelector('text=What was picked');
    await owner.getByLabel('Unsafe response').check();
    await owner.getByLabel('Your name').fill('ben');
    await owner.getByRole('button', { name: 'Link for ben' }).click();
    const invited = (await owner.locator('.link code').textContent())!;
    await owner.getByLabel('Your name').fill('anna');
    await owner.getByLabel('Labels for each stage').fill('4');
    await owner.getByRole('button', { name: 'Label', exact: true }).click();
    await owner.waitForSelector('text=0 of 12 labelled by anna');
    const { page: ben } = await open('', { link: invited });
    await ben.waitForSelector('text=0 of 12 labelled by ben');
    // Nothing else opens with the link of a labeller.
    for (const path of [
      'api/runs',
      'api/runs/0/findings',
      'api/runs/0/samples',
      'api/runs/0/label-link?labeller=x',
    ])
      expect(await ben.evaluate(`fetch(${JSON.stringify(path)}).then((answer) => answer.status)`), path).toBe(
        403,
      );
    for (const page of [owner, ben]) {
      for (const stage of STAGES)
        expect(await page.locator('main').textContent()).not.toMatch(new RegExp(`\\b${stage}/`));
      expect(await page.locator('main').textContent()).not.toContain('explains');
    }
    const press = async (page: Page, key: string, done: number, who: string) => {
      await page.keyboard.press(key);
      await page.waitForSelector(`text=${done} of 12 labelled by ${who}`);
    };
    await press(owner, '1', 1, 'anna');
    await press(ben, '2', 1, 'ben');
    await press(owner, '2', 2, 'anna');
    await press(owner, 'u', 1, 'anna');
    await press(owner, '1', 2, 'anna');
    await live.stop('SIGKILL');
    await owner.keyboard.press('1');
    await owner.waitForSelector('text=does not answer any more');
    live = await Viewer.start(own);
    const { page: again } = await open(`#/runs/0/label?labeller=anna`, { link: live.link });
    await again.waitForSelector('text=2 of 12 labelled by anna');
    for (let done = 3; done <= 12; done++) await press(again, '1', done, 'anna');
    await again.waitForSelector('text=Everything is labelled');
    const { page: overview } = await open('#/runs/0/labels', { link: live.link });
    await overview.waitForSelector('text=/human-anna: 12; human-ben: 1|human-ben: 1; human-anna: 12/');
    for (const page of [owner, ben, again, overview]) await page.context().close();
    await live.stop();
  });

  it('three tasks take few steps', async () => {
    const own = join(folder, 'tasks');
    await importResults(results(), own);
    const live = await Viewer.start(own);
    const { page } = await open('#/runs/0/findings', { link: live.link });
    let steps = 0;
    const step = async (act: Promise<unknown>) => {
      steps++;
      await act;
    };
    await page.waitForSelector('text=Carried most');
    // Why is this measure different?
    const unsafe = page.locator('section.measure', {
      has: page.getByRole('heading', { name: 'Unsafe response', exact: true }),
    });
    await step(unsafe.getByRole('link', { name: 'Its samples, with all that was said' }).click());
    await step(page.getByRole('link', { name: 'Samples that changed, worst first' }).click());
    await page.waitForSelector('a.columns.chosen');
    await step(page.keyboard.press('Enter'));
    await page.waitForSelector('text=Sure, step');
    await page.waitForSelector('text=I will not help');
    expect(steps).toBe(3);
    // Where do the judge and the rule disagree?
    steps = 0;
    await step(page.getByRole('link', { name: 'Trials' }).click());
    await step(page.getByLabel('Raters differ').check());
    await page.waitForSelector('text=6 of 60 samples');
    await step(page.keyboard.press('Enter'));
    await page.waitForSelector('h1:has-text("s00")');
    expect(steps).toBe(3);
    // Label 50 samples: a key for each.
    steps = 0;
    await step(page.getByRole('link', { name: 'Labels' }).click());
    await step(page.getByLabel('Unsafe response').check());
    await step(page.getByLabel('Labels for each stage').fill('17'));
    await step(page.getByRole('button', { name: 'Label', exact: true }).click());
    await page.waitForSelector('text=0 of 51 labelled');
    for (let done = 1; done <= 50; done++) {
      await step(page.keyboard.press('1'));
      await page.waitForSelector(`text=${done} of 51 labelled`);
    }
    expect(steps).toBe(54);
    await page.context().close();
    await live.stop();
  });

  it(`has the numbers of ODCV-Bench as the report has them${odcvSkipped}`, async (test) => {
    if (odcvSkipped !== '') return test.skip();
    const own = join(folder, 'odcv');
    expect((await stemma('import', 'odcv', ODCV, '--into', own).ended).code).toBe(0);
    const live = await Viewer.start(own);
    await expectSameNumbers(own, live.link);
    await live.stop();
  });

  it(`has the numbers of the demo as its report has them${demoSkipped}`, async (test) => {
    if (DEMO === undefined) return test.skip();
    const live = await Viewer.start(DEMO);
    await expectSameNumbers(DEMO, live.link);
    await live.stop();
  });

  it('is led to from a report beside exported pages', async () => {
    const report = join(folder, 'linked');
    expect((await stemma('view', run, '--export', join(report, 'pages')).ended).code).toBe(0);
    expect((await stemma('report', run, '--out', report).ended).code).toBe(0);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(report, 'report.html')).href);
    await page.getByRole('link', { name: 'Its samples, with all that was said' }).first().click();
    await page.waitForSelector('text=Samples that changed, worst first');
    await page.close();
  });

  it('answers nobody else: other hosts, other origins, no token, odd paths', async () => {
    const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${viewer.origin}${path}`, { headers, method, redirect: 'manual' }).then(({ status }) => status);
    const entered = await fetch(viewer.link, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const own = { cookie: cookie.split(';')[0]! };
    expect(await ask('/api/runs', own)).toBe(200);
    expect(await ask('/api/runs')).toBe(403);
    expect(await ask('/?token=wrong')).toBe(403);
    expect(await ask('/api/runs', { ...own, origin: 'http://evil.example' })).toBe(403);
    expect(await ask('/api/runs', { ...own, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await ask('/api/runs/0/labels', { ...own, origin: 'http://evil.example' }, 'POST')).toBe(403);
    expect(await ask('/api/runs/0/labels', own, 'POST')).toBe(403);
    expect(await ask('/api/runs/7/summary', own)).toBe(404);
    for (const path of [
      '/../package.json',
      '/%2e%2e/%2e%2e/etc/passwd',
      '//etc/passwd',
      '/api/runs/0/../../x',
    ])
      expect(await ask(path, own), path).toBe(404);
    for (const name of ['../../x', 'a/b', 'a b', '<b>', '%00', 'x%0ay'])
      expect(await ask(`/api/runs/0/label-link?labeller=${name}`, own), name).toBe(400);
    expect(await ask('/api/runs/0/label-link?labeller=ada', own)).toBe(200);
    const rebound = await import('node:http').then(
      ({ request }) =>
        new Promise((resolve) => {
          const { port } = new URL(viewer.origin);
          request({ port, path: '/api/runs', headers: { ...own, host: 'evil.example' } }, ({ statusCode }) =>
            resolve(statusCode),
          ).end();
        }),
    );
    expect(rebound).toBe(403);
  });

  it('says in which file of a run something is wrong, in the list of runs and in its pages', async () => {
    const runs = join(folder, 'several', 'runs');
    cpSync(run, join(runs, 'good'), { recursive: true });
    cpSync(run, join(runs, 'damaged'), { recursive: true });
    for (const [name, text] of [
      ['cut', '{"format":'],
      ['empty', '{}'],
    ] as const) {
      mkdirSync(join(runs, name));
      writeFileSync(join(runs, name, 'manifest.json'), text);
    }
    const several = await Viewer.startIn(join(folder, 'several'));
    try {
      const entered = await fetch(several.link, { redirect: 'manual' });
      const headers = { cookie: entered.headers.get('set-cookie')!.split(';')[0]! };
      const ask = async (path: string) => (await fetch(`${several.origin}${path}`, { headers })).json();
      const cards = (await ask('/api/runs')) as { name: string; problem?: string }[];
      expect(cards.map(({ problem }) => problem)).toEqual([
        expect.stringContaining(join('runs', 'cut', "manifest.json: can't be read")),
        undefined,
        expect.stringContaining(join('runs', 'empty', 'manifest.json: not the manifest of a run')),
        undefined,
      ]);
      const segment = join(runs, 'damaged', 'transcripts', 'elicit.jsonl');
      rmSync(segment);
      mkdirSync(segment);
      const place = join('damaged', 'transcripts', 'elicit.jsonl: this is a folder');
      for (const page of ['summary', 'findings', 'labels'])
        expect(await ask(`/api/runs/1/${page}`), page).toEqual({
          problem: expect.stringContaining(place),
          remedy: expect.stringContaining('restore the file from a copy'),
        });
    } finally {
      await several.stop();
    }
  });

  it('is written as files that open from disk, and shows what was tampered with as damaged', async () => {
    const site = join(folder, 'site');
    const { code, stderr } = await stemma('view', run, '--export', site).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    const address = pathToFileURL(join(site, 'index.html')).href;
    await page.goto(address);
    await page.waitForSelector('text=Carried most');
    await page.evaluate('location.hash = "#/runs/0/trials?text=zauberwort"');
    await page.waitForSelector('text=1 of 60 samples');
    await page.waitForSelector('a.columns:has-text("s07")');
    await page.evaluate('location.hash = "#/runs/0/sample?of=refusals&id=s00"');
    await page.waitForSelector('text=onerror');
    expect(await page.evaluate('globalThis.harmed')).toBeUndefined();
    expect(complaints).toEqual([]);
    const chunk = join(site, 'data/samples-1.js');
    writeFileSync(chunk, readFileSync(chunk, 'utf8').replace('I will not help', 'I will gladly help'));
    await page.goto('about:blank');
    await page.goto(`${address}#/runs/0/sample?of=refusals&id=s07`);
    await page.waitForSelector('text=is damaged');
    await page.close();
  });

  it('can leave every text out of the files', async () => {
    const site = join(folder, 'labels-only');
    expect((await stemma('view', run, '--export', site, '--labels-only').ended).code).toBe(0);
    const data = readdirSync(join(site, 'data')).map((name) =>
      readFileSync(join(site, 'data', name), 'utf8'),
    );
    for (const word of ['Zauberwort', 'I will not', 'explains']) expect(data.join('')).not.toContain(word);
    expect(data.join('')).toContain('full_refusal');
  });
});
