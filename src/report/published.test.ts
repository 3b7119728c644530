import { describe, expect, it } from 'vitest';
import { sharedData } from '../evals/testing/shared-data.ts';
import { makeFindings } from '../findings/index.ts';
import { publishedRun } from '../findings/testing/published-run.ts';
import { importOdcv, importXstest } from '../interchange/index.ts';
import { renderHtml, renderMarkdown, renderSvg, renderTerminal } from './index.ts';
import { tagsOf } from './testing/markup-reader.ts';

const xstest = sharedData('xstest');
const odcv = sharedData('odcv');

describe.skipIf(xstest.skipped)(`a report of XSTest as published${xstest.skipped}`, () => {
  it("shows the humans' rates, GPT-4's, and that GPT-4 errs differently", async () => {
    const found = await makeFindings(await publishedRun(await importXstest(xstest.path)));
    const terminal = renderTerminal(found, { color: false, width: 100 });
    expect(terminal).toMatch(/Llama 2, original system prompt +59\.6% +\[/);
    expect(terminal).toMatch(
      /First +Second +String\n +As rated by +annotator +annotator +GPT-4 +matching\n.*8\.0% +8\.4% +6\.4%/,
    );
    expect(terminal).toMatch(/8 clusters of samples: with fewer than 10/);
    const page = renderHtml(found);
    expect(page).toContain('mistakes differ by stage');
    expect(tagsOf(page).filter(({ name }) => name === 'section').length).toBeGreaterThan(4);
    expect(renderMarkdown(found)).toContain('| **59.6%** |');
  });
});

describe.skipIf(odcv.skipped)(`a report of ODCV-Bench as published${odcv.skipped}`, () => {
  it('shows twelve models as they were published, all pairs as a matrix', async () => {
    const found = await makeFindings(await publishedRun(await importOdcv(odcv.path)));
    const page = renderHtml(found);
    for (const rate of ['62.82%', '16.22%', '28.75%', '35.90%', '1.6824', '2.5641'])
      expect(page.includes(rate), rate).toBe(true);
    expect(/<table class="matrix">.*?<\/table>/s.exec(page)![0].match(/<a class="number"/g)).toHaveLength(66);
    expect(tagsOf(page).length).toBeGreaterThan(1000);
    expect(
      tagsOf(renderSvg(found)).filter(({ attributes }) => attributes.class?.startsWith('bar')),
    ).toHaveLength(24);
    expect(renderTerminal(found, { color: false, width: 80 })).toContain('66 pairs: ');
  });
});
