import { describe, expect, it } from 'vitest';
import type { CorrectedShareFindings } from '../../findings/findings.ts';
import { cells } from '../../format/index.ts';
import { buildFindings } from '../testing/build-findings.ts';
import { chain, manyModels } from '../testing/examples.ts';
import { renderTerminal } from './terminal.ts';

const ESCAPE = String.fromCharCode(27);

describe('renderTerminal', () => {
  const text = renderTerminal(chain(), { color: false, width: 80 });

  it.each([80, 100, 110, 132, 200])('fits %i columns', (width) => {
    for (const found of [chain(), manyModels()]) {
      const lines = renderTerminal(found, { color: false, width }).split('\n');
      expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(width);
    }
  });

  it('begins with what was run and the answer, and warns before the numbers', () => {
    const [first, , ...rest] = text.split('\n');
    expect(first).toBe('olmo-like chain · 2,798 of 2,800 trials completed, 2 failed');
    expect(rest.join('\n')).toMatch(
      /^Supervised fine-tuning brought over-refusal in\.\n· Reinforcement learning changed little \(test data\)\.\n\n! The margin/,
    );
  });

  it('shows each stage with estimate, interval, counts and a bar with its whiskers', () => {
    expect(text).toContain('  SFT              28.4%  [21.0, 35.8]      250        6 of 506  █████├─●┤\n');
    expect(text).toContain('  Pretrained          —  not measured        0\n');
  });

  it('shows each contrast with its verdict, and the margin it was judged by', () => {
    expect(text).toContain(
      'margin ±5 points\n  Pretrained → SFT              +25.3  [+18.9, +31.7]  ■ materially different\n',
    );
    expect(text).toContain('  SFT → DPO                      −0.9    [−5.7, +3.9]  ● equivalent\n');
  });

  it('tells shares, missing values, corrections, agreement and the other raters', () => {
    const flowing = text.replace(/\n {2}(?=\S)/g, ' ');
    for (const said of [
      'Share of the change of +36.7 points from Pretrained to RL (production) on the 246 samples with a value in every stage: SFT 69% [55, 83]; DPO −6% [−20, 8]; RL (production) 37% [23, 51].',
      'Share of each stage not identified: the total change is not shown to be larger than the margin (g = 0.31).',
      '8 trials without a value: 1 not run, 1 trial failed, 4 unparsed, 1 rater declined and 1 rater failed.',
      'Corrected by human: Pretrained 9.1% [4.2, 16.0] (100 labels);',
      'Share of the corrected change of +38.7 points from Pretrained to RL (production) on the 246 samples with a value in every stage: SFT 91% [72, 110]; DPO −6% [−25, 13]; RL (production) 15% [−4, 34].',
      'The mistakes of judge differ by stage (4 of 5 comparisons, smallest p < 0.001).',
      'alpha 0.72 (nominal), AC1 0.81, on 1,000 trials.',
      'Pretrained → SFT; Pretrained → RL (production): one of the stages has no values.',
    ]) {
      expect(flowing).toContain(said);
    }
    expect(text).toMatch(/as rated by {6}string-match\n {2}Pretrained {15}2\.0%/);
    expect(flowing).toContain(
      'Stages by id: pretrain = Pretrained; sft = SFT; dpo = DPO; rl = RL (production)',
    );
  });

  it('says where corrected shares are not known, and on what they rest where labels are few', () => {
    const flowing = (shares: Partial<CorrectedShareFindings>) => {
      const found = chain();
      const [measure] = found.measures;
      const corrected = {
        ...measure!.corrected!,
        shares: { ...measure!.corrected!.shares!, ...shares },
      };
      const measures = [{ ...measure!, corrected }];
      return renderTerminal({ ...found, measures }, { color: false, width: 80 }).replace(
        /\n {2}(?=\S)/g,
        ' ',
      );
    };
    expect(flowing({ identified: false, why: 'too few labels' })).toContain(
      'Corrected share of each stage not identified: too few labels.',
    );
    expect(flowing({ lambdas: null, remark: '40 labels are fewer than the 50' })).toContain(
      'RL (production) 15% [−4, 34] (40 labels are fewer than the 50).',
    );
  });

  it('says where labels stand alone, how many they are, and why', () => {
    const found = chain();
    const [measure] = found.measures;
    const why = "fewer than the 50 labels that a correction needs: the humans' values alone";
    const stages = measure!.corrected!.stages.map((stage, index) =>
      index === 0 ? stage : { ...stage, labels: 20 + index, lambda: null, why },
    );
    const few = { ...measure!, corrected: { ...measure!.corrected!, stages } };
    const text = renderTerminal({ ...found, measures: [few] }, { color: false, width: 80 });
    const flowing = text.replace(/\n {2}(?=\S)/g, ' ');
    expect(flowing).toContain(
      'Pretrained 9.1% [4.2, 16.0] (100 labels); SFT 34.4% [25.0, 45.8] (21 labels alone);',
    );
    expect(flowing).toContain(`SFT; DPO; RL (production): ${why}.`);
  });

  it('shows p values and smallest margins where there is room', () => {
    expect(text).not.toContain('smallest margin ');
    expect(renderTerminal(chain(), { color: false, width: 120 })).toMatch(
      /p equivalence {2}smallest margin .*\n.*0\.63 +±30\.6 {2}■/,
    );
  });

  it('does not list many pairs, and says how to choose some', () => {
    const many = renderTerminal(manyModels(), { color: false, width: 80 });
    expect(many).not.toContain('→');
    expect(many).toContain(
      '  66 pairs: 7 different, 25 materially different, 34 inconclusive.\n  Compare some of them by their ids: --stages claude-opus-4.7,llama-4-maverick\n',
    );
    expect(many).toMatch(/as rated by {13}judge-a {2}judge-b {2}judge-c {2}judge-d\n {2}claude-opus-4\.7 /);
  });

  it('names stages by their ids where titles leave no room', () => {
    const found = buildFindings({
      imported: true,
      stages: [
        { id: 'a', title: 'A model with a very long name indeed' },
        { id: 'b', title: 'Another model with a very long name' },
      ],
      measures: [{ id: 'x/y', title: 'Y', estimates: [0.1, 0.2] }],
    });
    expect(renderTerminal(found, { color: false, width: 80 })).toContain('  a → b');
  });

  it('colours only when asked, and says the same without', () => {
    const colored = renderTerminal(chain(), { color: true, width: 80 });
    expect(text).not.toContain(ESCAPE);
    expect(colored).toContain(`${ESCAPE}[34m█████${ESCAPE}[39m├─●┤`);
    expect(colored.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g'), '')).toBe(text);
  });

  it('lets no title steer the terminal', () => {
    const found = buildFindings({
      run: `run${ESCAPE}[2J`,
      answer: `answer${ESCAPE}]0;title\u0007\r\nsecond`,
      warnings: [`\u009b31mred`],
      stages: [{ id: 'a', title: `a${ESCAPE}[1A` }, 'b'],
      measures: [{ id: 'x/y', title: `Y\u202e${ESCAPE}[8m`, rater: `r${ESCAPE}c`, estimates: [0.1, 0.2] }],
    });
    expect(renderTerminal(found, { color: false, width: 80 }).replaceAll('\n', '')).not.toMatch(
      /[\p{Cc}\u202e]/u,
    );
  });

  it('has something to say of findings without any measure', () => {
    const found = buildFindings({
      stages: ['a'],
      measures: [],
      answer: 'Nothing can be said yet: no trial has been rated.',
    });
    expect(renderTerminal(found, { color: false, width: 80 })).toContain('Nothing can be said yet');
  });
});
