import { describe, expect, it } from 'vitest';
import type { CorrectedShareFindings } from '../../findings/label-findings.ts';
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
    expect(text).toMatch(
      /^olmo-like chain\n {2}4 stages, 3 measures, 2,798 of 2,800 trials completed, 2 failed, 1 stopped at\n {2}a limit\./,
    );
    expect(text).toMatch(
      /\n\nSupervised fine-tuning brought over-refusal in\.\n· Reinforcement learning changed little \(test data\)\.\n\n! The margin/,
    );
    expect(text.indexOf('! The margin')).toBeLessThan(text.indexOf('By stage'));
  });

  it('begins with a table of measures and stages: the changes, their marks, and the verdict', () => {
    const wide = renderTerminal(chain(), { color: false, width: 132 });
    expect(wide).toMatch(
      /Over-refusal +3\.1% +28\.4% +26\.2% +39\.8% +□ different +SFT\n +■ \+25\.3 +◇ −2\.2 +□ \+13\.6 +\+11\.4 points \[\+2\.6, \+20\.2\] +69% \[55, 83\]\n/,
    );
    expect(text).toMatch(/ {2}Over-refusal\n {4}Pretrained 3\.1% · SFT 28\.4% ■ \+25\.3/);
  });

  it('shows each stage with estimate, interval, counts and a bar with its whiskers', () => {
    expect(text).toContain('  SFT                 28.4%  [21.0, 35.8]      250      6 of 506  ████├─●─┤\n');
    expect(text).toContain('  Pretrained              —  not measured        0\n');
  });

  it('shows each contrast with its verdict, and the margin it was judged by', () => {
    expect(text).toContain(
      'Comparison                Verdict at ±5 points          points    95% interval\n  Pretrained → SFT          ■ materially different         +25.3  [+18.9, +31.7]\n',
    );
    expect(text).toContain(
      '  SFT → DPO                 ● equivalent                    −0.9    [−5.7, +3.9]\n',
    );
    // A long name goes on in the next line.
    expect(text).toMatch(/Pretrained → RL {10,}■ materially different .*\n {2}\(production\)\n/);
  });

  it('tells shares, missing values, corrections, agreement and the other raters', () => {
    const flowing = text.replace(/\n {2}(?=\S)/g, ' ');
    for (const said of [
      'The whole change from Pretrained to RL (production) is +36.7 points [+30.7, +42.7] on the 246 samples with a value in every stage.',
      'Share not identified: the total change is not shown to be larger than the margin (g = 0.31).',
      '8 trials without a value: 1 not run, 1 failed, 4 unparsed, 1 declined by the rater and 1 on which the rater failed.',
      'Corrected, the whole change from Pretrained to RL (production) is +38.7 points [+30.7, +46.7] on the 246 samples with a value in every stage.',
      'The mistakes of judge differ by stage: between 4 of 5 pairs of stages.',
      'judge, string-match and human rated 1,000 of the same trials.',
      "Krippendorff's alpha on the nominal scale is 0.72; Gwet's AC1 0.81.",
      'Pretrained → SFT; Pretrained → RL (production): one of the stages has no values.',
    ]) {
      expect(flowing).toContain(said);
    }
    for (const row of [
      /Pretrained → SFT +\+25\.3 +\[\+20\.3, \+30\.3\] +69% +\[55, 83\]/,
      /Pretrained → SFT +\+35\.0 +\[\+28\.0, \+42\.0\] +91% +\[72, 110\]/,
      /Pretrained +3\.1% +9\.1% +\[4\.2, 16\.0\] +100\n/,
      /As rated by {6}string-match\n {2}Pretrained {15}2\.0%/,
      /Stage +Id +Kind +Trained from\n {2}Pretrained +pretrain/,
    ])
      expect(text).toMatch(row);
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
      'Corrected share not identified: too few labels.',
    );
    expect(flowing({ lambdas: null, remark: '40 labels are fewer than the 50' })).toContain(
      'Shares: 40 labels are fewer than the 50.',
    );
  });

  it('says where labels are alone, how many they are, and why', () => {
    const found = chain();
    const [measure] = found.measures;
    const why = "fewer than the 50 labels that a correction needs: the humans' values alone";
    const stages = measure!.corrected!.stages.map((stage, index) =>
      index === 0 ? stage : { ...stage, labels: 20 + index, lambda: null, why },
    );
    const few = { ...measure!, corrected: { ...measure!.corrected!, stages } };
    const text = renderTerminal({ ...found, measures: [few] }, { color: false, width: 80 });
    const flowing = text.replace(/\n {2}(?=\S)/g, ' ');
    expect(text).toMatch(/Pretrained .*9\.1% +\[4\.2, 16\.0\] +100\n.*34\.4% +\[25\.0, 45\.8\] +21 alone\n/);
    expect(flowing).toContain(`SFT; DPO; RL (production): ${why}.`);
  });

  it('shows p values and smallest margins where there is room', () => {
    expect(text).not.toContain('Smallest');
    expect(renderTerminal(chain(), { color: false, width: 120 })).toMatch(
      /equivalence +points\n +Pretrained → SFT .*■ materially different .* not shown +±30\.6\n/,
    );
  });

  it('does not list many pairs, and says how to choose some', () => {
    const many = renderTerminal(manyModels(), { color: false, width: 80 });
    expect(many).not.toContain('→');
    expect(many).toContain(
      '  66 pairs: 7 different, 25 materially different, 34 inconclusive.\n  Compare some of them by their ids: --stages claude-opus-4.7,llama-4-maverick\n',
    );
    expect(many).toMatch(/As rated by {13}judge-a {2}judge-b {2}judge-c {2}judge-d\n {2}claude-opus-4\.7 /);
  });

  it('lists what is too wide for a table', () => {
    const found = buildFindings({
      imported: true,
      stages: [
        { id: 'a', title: 'A-model-with-a-very-long-name-indeed' },
        { id: 'b', title: 'Another-model-with-a-very-long-name' },
      ],
      measures: [{ id: 'x/y', title: 'Y', estimates: [0.1, 0.2] }],
    });
    const text = renderTerminal(found, { color: false, width: 80 });
    expect(text).toMatch(/\n {2}Y\n {4}A-model-with-a-very-long-name-indeed 10\.0% ·\n/);
    expect(Math.max(...text.split('\n').map(cells))).toBeLessThanOrEqual(80);
  });

  it('colours only when asked, and says the same without', () => {
    const colored = renderTerminal(chain(), { color: true, width: 80 });
    expect(text).not.toContain(ESCAPE);
    expect(colored).toContain(`${ESCAPE}[34m████${ESCAPE}[39m├─●─┤`);
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
      answer: 'Nothing can be said yet: no trial has a value.',
    });
    expect(renderTerminal(found, { color: false, width: 80 })).toContain('Nothing can be said yet');
  });
});
