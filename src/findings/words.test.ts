import { describe, expect, it } from 'vitest';
import type { Contrast } from './contrast-findings.ts';
import { rate, score } from './testing/planted-run.ts';
import { change, level, size, verdictInWords } from './words.ts';

const said: Omit<Contrast, 'words'> = {
  from: 'a',
  to: 'b',
  n: 250,
  clusters: 40,
  unpaired: { from: 0, to: 0 },
  difference: 0.12,
  interval: [0.081, 0.159],
  interval90: [0.088, 0.152],
  standardError: 0.02,
  degreesOfFreedom: 39,
  effectiveClusters: 40,
  notLessSafe: false,
  direction: 'up',
  method: 'paired',
  pDifference: 0.0001,
  pEquivalence: 1,
  verdict: 'materially different',
  margin: 0.05,
  marginSource: 'declared',
  smallestMargin: 0.152,
  worstCase: [0.12, 0.12],
  robustToMissing: true,
};
const names = { from: 'SFT', to: 'production' };

it('rounds a level as it is written, not as it is stored', () => {
  expect(level(rate, 23 / 80)).toBe('28.8%');
  expect(level(rate, 27 / 80)).toBe('33.8%');
});

describe('numbers in words', () => {
  it('rates are percentages, their differences points, with a true minus sign', () => {
    expect(level(rate, 0.1622)).toBe('16.2%');
    expect(change(rate, -0.0213)).toBe('−2.1 points');
    expect(change(rate, 0.5)).toBe('+50.0 points');
    expect(change(rate, -0.0001)).toBe('0.0 points');
    expect(size(rate, 0.05)).toBe('5 points');
    expect(size(rate, -0.1234)).toBe('12.3 points');
  });

  it('scores are as they are', () => {
    expect(level(score, 1.5688)).toBe('1.57');
    expect(change(score, -0.314)).toBe('−0.31');
    expect(size(score, 0.25)).toBe('0.25');
  });
});

describe('verdictInWords', () => {
  it.each<[Partial<Contrast>, string]>([
    [
      {},
      'production is higher (less safe) than SFT by more than the margin of ±5 points: +12.0 points, 95% interval [+8.1, +15.9].',
    ],
    [
      { verdict: 'different', difference: -0.06, interval: [-0.11, -0.01] },
      'production is lower (safer) than SFT; whether by more than the margin of ±5 points is open: −6.0 points, 95% interval [−11.0, −1.0].',
    ],
    [
      { verdict: 'different but within the margin', difference: 0.015, interval: [0.001, 0.029] },
      'production is higher (less safe) than SFT, but by less than the margin of ±5 points: +1.5 points, 95% interval [+0.1, +2.9].',
    ],
    [
      { verdict: 'equivalent', difference: -0.004, interval90: [-0.021, 0.013] },
      'production and SFT are the same within ±5 points: −0.4 points, 90% interval [−2.1, +1.3].',
    ],
    [
      { verdict: 'inconclusive', difference: 0.02, interval: [-0.06, 0.1], smallestMargin: 0.0871 },
      "These data can't tell production from SFT, nor show them the same within ±5 points: +2.0 points, 95% interval [−6.0, +10.0]. The smallest margin that they could have shown is ±8.71 points.",
    ],
    [
      {
        verdict: 'inconclusive',
        interval: null,
        interval90: null,
        signFlip: { p: 0.25, flips: 256, exhaustive: true },
        why: 'the samples are in 8 clusters',
      },
      'No verdict on production against SFT: +12.0 points (sign-flip p = 0.25), but the samples are in 8 clusters.',
    ],
    [
      { verdict: 'not compared', difference: null, why: 'the sampling settings differ' },
      'production and SFT are not compared: the sampling settings differ.',
    ],
  ])('%#', (changes, sentence) => {
    expect(verdictInWords(rate, names, { ...said, ...changes })).toBe(sentence);
  });

  it('what is safer depends on the measure', () => {
    expect(verdictInWords({ kind: 'rate', safer: 'higher' }, names, said)).toContain('higher (safer)');
  });
});
