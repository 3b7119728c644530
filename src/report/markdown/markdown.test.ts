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

  it('gives the answer first, then warnings and the verdicts', () => {
    expect(text).toMatch(
      /^# olmo-like chain\n\n\*\*Supervised fine-tuning .* in\.\*\*\n\n- Reinforcement .*\.\n\n4 stages; 2,798 of 2,800 trials completed, 2 failed\./,
    );
    expect(text).toContain("> - The judge's mistakes differ by stage");
    expect(text).toContain(
      '| Over-refusal | SFT → RL (production) | □ different | +11.4 points | [+2.6, +20.2] |',
    );
  });

  it('has every part of a measure', () => {
    for (const part of [
      '| SFT | **28.4%** | [21.0, 35.8] | 250 | 25 | 500 | 6 |',
      '| SFT → DPO | ● equivalent | **−0.9** | [−5.7, +3.9] | 0.012 | ±4.9 |',
      '| Pretrained → SFT | +25.3 | [+20.3, +30.3] | **69%** | [55, 83] |',
      'Share not identified: the total change is not shown to be larger than the margin (g = 0.31).',
      'SFT lacks 6 values (1 trial failed, 4 unparsed and 1 rater declined), so the estimate could lie in [28.1, 29.3]',
      '| DPO | 26.2% | **32.2%** | [23.0, 43.4] | 100 | 17 | 71% [60, 80] | 98% [95, 99] |',
      '| Comparison | Corrected difference | 95% interval | Verdict |',
      'Corrected, the whole change from Pretrained to RL (production) is +38.7 points [+30.7, +46.7] on the 246 samples with a value in every stage.',
      '| Step | Corrected change, points | 95% interval | Corrected share | 95% interval |',
      '| Pretrained → SFT | +35.0 | [+28.0, +42.0] | **91%** | [72, 110] |',
      '**The mistakes of judge differ by stage:** SFT → DPO (+6.2 points, p < 0.001)',
      "Krippendorff's alpha (nominal) 0.72; Gwet's AC1 0.81.",
      '<details><summary>As rated by string-match</summary>',
      '<details><summary>How these numbers were computed</summary>',
      '- **Shares of the change.** ',
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

  it('folds many pairs away', () => {
    const many = renderMarkdown(manyModels());
    expect(many).toContain(
      '66 pairs: 7 different, 25 materially different, 34 inconclusive.\n\n<details><summary>All 66 differences</summary>',
    );
  });

  it('shows what others wrote letter by letter', () => {
    const evil = '# <script>|`x`|</script> [a](javascript:1) *b* _c_ ![i](x)\n\n1. d';
    const found = buildFindings({
      run: evil,
      answer: evil,
      warnings: [evil],
      stages: [{ id: 'a', title: evil }, 'b'],
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
