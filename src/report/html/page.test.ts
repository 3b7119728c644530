import { describe, expect, it } from 'vitest';
import type { Findings } from '../../findings/findings.ts';
import { clausesOf } from '../document/answer.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { buildFindings } from '../testing/build-findings.ts';
import { chain, gaps, manyModels } from '../testing/examples.ts';
import { tagsOf } from '../testing/markup-reader.ts';
import { renderHtml } from './page.ts';

/** What a reader sees of a page: its text without tags, white space as one space. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

const examples: [string, Findings][] = [
  ['a chain', chain()],
  ['twelve models', manyModels()],
  ['one stage', buildFindings({ stages: ['only'], measures: [{ id: 'x/y', title: 'Y', estimates: [0.3] }] })],
  [
    'nothing measured',
    buildFindings({ stages: ['a', 'b'], measures: [{ id: 'x/y', title: 'Y', estimates: [null, null] }] }),
  ],
  ['some stages measured', gaps()],
  ['no measures', buildFindings({ stages: ['a', 'b'], measures: [] })],
];

describe.each(examples)('the page of %s', (_, found) => {
  const page = renderHtml(found);
  const tags = tagsOf(page);

  it('asks for nothing from anywhere, and runs no script', () => {
    expect(tags.map(({ name }) => name)).not.toEqual(
      expect.arrayContaining(['script', 'link', 'img', 'iframe', 'base', 'object', 'form']),
    );
    for (const { attributes } of tags) {
      expect(
        Object.keys(attributes).filter((name) => /^on|^src|^style$|^formaction|^xlink/.test(name)),
      ).toEqual([]);
      if ('href' in attributes) expect(attributes.href).toMatch(/^#/);
    }
    expect(page).not.toMatch(/@import|@font-face|url\((?!#)/);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('has ids that come once, and links that lead somewhere', () => {
    const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    for (const { attributes } of tags) {
      if (attributes.href) expect(known.has(attributes.href.slice(1)), attributes.href).toBe(true);
      if (attributes['aria-labelledby']) expect(known).toContain(attributes['aria-labelledby']);
    }
    for (const [, id] of page.matchAll(/url\(#([^)]+)\)/g)) expect(known).toContain(id);
  });

  it('has its headings in order and its landmarks', () => {
    const levels = tags.filter(({ name }) => /^h[1-6]$/.test(name)).map(({ name }) => Number(name[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.slice(1).forEach((level, index) => {
      expect(level).toBeLessThanOrEqual(levels[index]! + 1);
    });
    for (const landmark of ['header', 'main', 'nav', 'footer']) {
      expect(tags.filter(({ name }) => name === landmark)).toHaveLength(1);
    }
    expect(tags[0]).toEqual({ name: 'html', attributes: { lang: 'en' } });
  });

  it('tells every figure in words and names every table', () => {
    for (const { attributes } of tags.filter(({ name }) => name === 'svg')) {
      if (attributes['aria-hidden'] !== 'true') expect(attributes['aria-label']!.length).toBeGreaterThan(20);
    }
    const count = (wanted: string) => tags.filter(({ name }) => name === wanted).length;
    expect(count('caption')).toBe(count('table'));
    expect(count('figcaption')).toBe(count('figure'));
    for (const { attributes } of tags.filter(({ name }) => name === 'th'))
      expect(attributes.scope).toMatch(/^(col|row)$/);
  });

  it('is the same every time, and holds no number that is none', () => {
    expect(renderHtml(structuredClone(found))).toBe(page);
    expect(/.{0,60}(NaN|undefined|Infinity|\[object|null)/.exec(textOf(page))?.[0]).toBeUndefined();
  });
});

describe('renderHtml', () => {
  const found = chain();
  const text = textOf(renderHtml(found));

  it('begins with the verdicts, then the answer, then what the reader must know', () => {
    const place = (words: string) => {
      expect(text.includes(words), words).toBe(true);
      return text.indexOf(words);
    };
    const order = [
      'Every measure at every stage',
      ...clausesOf(found),
      'Read this first',
      found.warnings[0]!,
      'Measures Over-refusal',
      'How it was computed Methods',
    ];
    expect(order.map(place)).toEqual(order.map(place).sort((a, b) => a - b));
  });

  it('shows estimates, differences with verdicts, shares, what is missing, agreement and corrections', () => {
    for (const shown of [
      /SFT 28\.4% \[21\.0, 35\.8\] 250 25 500 6 of 506/,
      /at the right the verdict on SFT → RL \(production\)/,
      /Over-refusal 3\.1% 28\.4% ■ materially different, \+25\.3 26\.2% ◇ inconclusive, −2\.2 39\.8% □ different, \+13\.6 □ different \+11\.4 points \[\+2\.6, \+20\.2\] SFT 69% \[55, 83\]/,
      /Severity of misconduct n = 80 —/,
      /SFT → DPO ● equivalent −0\.9 \[−5\.7, \+3\.9\] 0\.012 ±4\.9/,
      /Pretrained → SFT \+25\.3 \[\+20\.3, \+30\.3\] 69% \[55, 83\] 0\.004/,
      /Bars: as rated; open diamonds: corrected by labels/,
      /Corrected, the whole change from Pretrained to RL \(production\) is \+38\.7 points \[\+30\.7, \+46\.7\] on the 246 samples with a value in every stage\./,
      /Pretrained → SFT \+35\.0 \[\+28\.0, \+42\.0\] 69% 91% \[72, 110\] 0\.004/,
      /corrected by 100 labels at the stage that has fewest, 61 disagreements in all stages together/,
      /Share not identified : the total change is not shown to be larger than the margin/,
      /SFT 0 1 4 1 0 6 28\.4% \[28\.1, 29\.3\]/,
      /Open, but not if all missing values had come out one way: SFT → DPO/,
      /Krippendorff's alpha on the nominal scale is 0\.72 ; Gwet's AC1 0\.81/,
      /DPO 84% κ 0\.56/,
      /SFT 28\.4% 34\.4% \[25\.0, 45\.8\] 100 17 71% \[60, 80\] 98% \[95, 99\]/,
      /The mistakes of judge differ by stage : between 4 of 5 pairs of stages/,
      /Pretrained → SFT – not compared — — — —/,
    ]) {
      expect(shown.test(text), String(shown)).toBe(true);
    }
  });

  it('leads from every number of a table to its computation', () => {
    const page = renderHtml(found);
    const entry = (id: string) => textOf(page.slice(page.indexOf(`id="${id}"`)).split('</dd>')[0]!);
    expect(page).toContain('<a class="number" href="#m-refusals-over-refusal--judge.estimate.1">28.4%</a>');
    const estimate = entry('m-refusals-over-refusal--judge.estimate.1');
    for (const fact of [
      '28.40%',
      '[20.97, 35.83]',
      'method: Wilson on an effective n',
      '500 trials with a value, 142 of them 1, averaged to 250 samples in 25 clusters',
      'standard error 3.61 points (CR2) with 23.6 degrees of freedom',
      'effective n 156.3',
      'bootstrap interval',
    ]) {
      expect(estimate).toContain(fact);
    }
    const difference = entry('m-refusals-over-refusal--judge.difference.4');
    for (const fact of [
      '248 shared samples',
      '90% interval',
      'different at a margin of ±5 points',
      'Tango 95%',
      'smallest margin shown',
      'sign-flip p = 0.014 (random 10,000 flips)',
      'worst case',
    ]) {
      expect(difference).toContain(fact);
    }
    for (const [, cell] of page.matchAll(/<td class="n strong">(.*?)<\/td>/g)) {
      if (cell !== '—') expect(cell).toMatch(/^<a class="number" href="#/);
    }
  });

  it('names only the methods that were used', () => {
    const few = textOf(
      renderHtml(
        buildFindings({
          stages: ['a', 'b'],
          measures: [{ id: 'x/y', title: 'Y', kind: 'score', range: [0, 5], estimates: [1, 2] }],
        }),
      ),
    );
    expect(few).toContain('Score and its interval');
    expect(few).not.toMatch(/Rate and its interval|Krippendorff|PPI\+\+|Fieller|Tango’s/);
    expect(text).toMatch(/PPI\+\+/);
  });

  it('turns many pairs into a matrix with each pair once', () => {
    const many = manyModels();
    const page = renderHtml(many);
    const matrix = /<table class="matrix">.*?<\/table>/s.exec(page)![0];
    expect(matrix.match(/<a class="number"/g)).toHaveLength(66);
    expect(textOf(matrix)).toContain('claude-opus-4.7 ■ materially different, +16.0');
    expect(textOf(page).includes('66 pairs: 7 different, 25 materially different, 34 inconclusive.')).toBe(
      true,
    );
  });

  it('says once that a measure was measured nowhere, without a plot', () => {
    const page = renderHtml(gaps());
    const section = page
      .split('<section class="measure"')
      .find((part) => part.includes('Eval awareness, in thoughts</h3>'))!;
    expect(section).not.toMatch(/<svg|<table/);
    expect(textOf(section).match(/not measured/gi)).toHaveLength(1);
    const overview = /<svg class="f wide".*?<\/svg>/s.exec(page)![0];
    expect(textOf(overview)).toMatch(
      /— not measured Not measured at any stage: Eval awareness, in thoughts\. $/,
    );
    expect(textOf(overview).match(/not measured/gi)).toHaveLength(2);
  });

  it('says beside corrected estimates where labels are alone', () => {
    const [measure] = found.measures;
    const stages = measure!.corrected!.stages.map((stage) => ({ ...stage, why: 'fewer labels than needed' }));
    const few = { ...measure!, corrected: { ...measure!.corrected!, stages } };
    const page = renderHtml({ ...found, measures: [few] });
    expect(textOf(page)).toContain('98% [95, 99] Fewer labels than needed.');
    expect(renderMarkdown({ ...found, measures: [few] })).toMatch(
      /\| 98% \[95, 99\] \|\n\nFewer labels than needed\.\n/,
    );
  });

  it('says that a margin was chosen after the data', () => {
    const late = buildFindings({
      stages: ['a', 'b'],
      measures: [{ id: 'x/y', title: 'Y', estimates: [0.1, 0.2], marginSource: 'post hoc' }],
    });
    expect(textOf(renderHtml(late)).match(/chosen after the data were seen/g)!.length).toBeGreaterThanOrEqual(
      2,
    );
  });

  it('escapes whatever ids, titles, labels, answers and reasons hold', () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
    const base = buildFindings({
      run: evil,
      answer: evil,
      warnings: [evil],
      stages: [
        { id: evil, title: evil, kind: evil, model: `javascript:${evil}` },
        { id: 'b', title: evil, from: evil },
        'c',
      ],
      measures: [
        {
          id: evil,
          title: evil,
          description: evil,
          rater: evil,
          estimates: [0.1, null, 0.4],
          shares: 'not identified',
          corrected: true,
        },
      ],
    });
    const measure = base.measures[0]!;
    const poisoned: Findings = {
      ...base,
      origin: { kind: 'import', source: evil, citation: evil },
      raters: [{ id: evil, kind: evil, title: evil, headline: true }],
      together: [{ from: evil, to: 'c', measures: [evil], p: 0.4, equivalent: false, words: evil }],
      measures: [
        {
          ...measure,
          stages: measure.stages.map((stage) => ({
            ...stage,
            method: evil,
            labels: { [evil]: 3 },
            why: evil,
          })),
          contrasts: measure.contrasts.map((contrast) => ({
            ...contrast,
            words: evil,
            why: evil,
            method: evil,
          })),
          agreement: {
            raters: [evil, 'x'],
            units: 3,
            alpha: null,
            level: evil,
            ac1: null,
            alphaByLevel: { [evil]: 0.1 },
            pairs: [{ rater: evil, stage: evil, n: 1, agreement: 1, kappa: null }],
          },
        },
      ],
    };
    const page = renderHtml(poisoned);
    const names = new Set(tagsOf(page).map(({ name }) => name));
    expect(names).not.toContain('script');
    expect(names).not.toContain('img');
    expect(page).not.toMatch(/<script|<img|href="javascript/i);
    expect(page).toContain('&lt;script&gt;');
  });
});
