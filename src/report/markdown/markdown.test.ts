import { describe, expect, it } from 'vitest';
import { buildFindings } from '../testing/build-findings.ts';
import { chain, manyModels } from '../testing/examples.ts';
import { renderMarkdown } from './markdown.ts';

/** The cells of each table line, split where a pipe is not escaped. */
function tables(markdown: string): string[][][] {
  const blocks = markdown.split('\n\n').filter((block) => block.startsWith('| '));
  return blocks.map((block) => block.split('\n').map((line) => line.slice(2, -2).split(/ (?<!\\)\| /)));
}

describe('renderMarkdown', () => {
  const text = renderMarkdown(chain());

  it('gives the verdicts first, then the answer and the warnings', () => {
    expect(text).toMatch(
      /^# olmo-like chain\n\n4 stages, 3 measures, 2,798 of 2,800 trials completed, 2 failed, .*\n\n\| Measure /,
    );
    expect(text).toMatch(
      /\*\*Supervised fine-tuning .* in\.\*\*\n\n- Reinforcement .*\.\n\n> \*\*Read this first\*\*/,
    );
    expect(text).toContain("> - The judge's mistakes differ by stage");
    expect(text).toContain(
      '| Over-refusal | 3.1% | 28.4%<br>■ +25.3 | 26.2%<br>◇ −2.2 | 39.8%<br>□ +13.6 | □ different<br>+11.4 points [+2.6, +20.2] | SFT<br>69% [55, 83] |',
    );
  });

  it('has every part of a measure', () => {
    for (const part of [
      '| SFT | **28.4%** | [21.0, 35.8] | 250 | 25 | 500 | 6 of 506 |',
      '| SFT → DPO | ● equivalent | **−0.9** | [−5.7, +3.9] | 0.012 | ±4.9 |',
      '| Pretrained → SFT | +25.3 | [+20.3, +30.3] | **69%** | [55, 83] | 0.004 |',
      '**Share not identified**: the total change is not shown to be larger than the margin (g = 0.31).',
      '| SFT | 0 | 1 | 4 | 1 | 0 | **6** | 28.4% | [28.1, 29.3] |',
      'SFT lacks 6 (1 failed, 4 unparsed and 1 declined by the rater), worst case [28.10, 29.30]',
      '| DPO | 26.2% | **32.2%** | [23.0, 43.4] | 100 | 17 | 71% [60, 80] | 98% [95, 99] |',
      "| Comparison | Verdict | Corrected difference, points | 95% interval | Change of the rater's error, points | 95% interval | p |",
      'Corrected, the whole change from Pretrained to RL (production) is +38.7 points [+30.7, +46.7] on the 246 samples with a value in every stage.',
      '| Step | Corrected change, points | 95% interval | Share as rated | Corrected share | 95% interval | p, carried less than 50% |',
      '| Pretrained → SFT | +35.0 | [+28.0, +42.0] | 69% | **91%** | [72, 110] | 0.004 |',
      '**The mistakes of judge differ by stage**: between 4 of 5 pairs of stages.',
      "Krippendorff's alpha on the nominal scale is 0.72; Gwet's AC1 0.81.",
      '<details><summary>Over-refusal, as rated by string-match</summary>',
      '<details><summary>Over-refusal, rated by judge</summary>',
      '- **Shares of the change**: ',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('has tables whose lines have as many cells as their heads', () => {
    for (const found of [chain(), manyModels()]) {
      const all = tables(renderMarkdown(found));
      expect(all.length).toBeGreaterThan(4);
      for (const [head, ...rows] of all) for (const row of rows) expect(row).toHaveLength(head!.length);
    }
  });

  it('has many pairs as a matrix', () => {
    const many = renderMarkdown(manyModels());
    expect(many).toContain(
      '66 pairs: 7 different, 25 materially different, 34 inconclusive.\n\nCompare some of them by their ids',
    );
    expect(many).toMatch(/\| claude-opus-4\.7 \| ■ \+16\.0 \|/);
  });

  it('shows what others wrote letter by letter', () => {
    const evil = '# <script>|`x`|</script> [a](javascript:1) *b* _c_ ![i](x)\n\n1. d';
    const found = buildFindings({
      run: evil,
      answer: evil,
      warnings: [evil],
      stages: [{ id: 'a', title: evil }, 'second'],
      measures: [{ id: evil, title: evil, description: evil, rater: evil, estimates: [0.1, 0.2] }],
    });
    const escaped = renderMarkdown(found);
    expect(escaped).not.toMatch(/(?<!\\)<script|(?<!\\)\[a\]|(?<!\\)\*b|(?<!\\)`x|^1\. d/m);
    for (const [head, ...rows] of tables(escaped))
      for (const row of rows) expect(row).toHaveLength(head!.length);
  });

  it('is the same every time and holds no number that is none', () => {
    expect(renderMarkdown(structuredClone(chain()))).toBe(text);
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
    const empty = renderMarkdown(buildFindings({ stages: ['a'], measures: [] }));
    expect(empty).not.toMatch(/NaN|undefined|false/);
  });
});
