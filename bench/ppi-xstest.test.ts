import { describe, expect, it } from 'vitest';
import { coverageOnXstest, noXstest, readXstest } from './ppi-xstest.ts';

describe('PPI++ on XSTest, GPT-4 for the judge, humans’ labels of 100 random prompts', () => {
  const name = 'covers what all humans’ labels say, with no wider intervals, where the raw ones miss it';
  it.skipIf(noXstest !== null)(noXstest === null ? name : `${name} (${noXstest})`, async () => {
    const xstest = await readXstest();
    expect(xstest.prompts).toHaveLength(450);
    const outcomes = await coverageOnXstest(xstest);
    expect(outcomes.map(({ what }) => what)).toEqual([
      'over-refusal of gpt4',
      'over-refusal of llama2new',
      'over-refusal of llama2orig',
      'llama2new minus gpt4',
      'llama2orig minus gpt4',
      'llama2orig minus llama2new',
    ]);
    for (const { what, ppi, humanOnly } of outcomes) {
      expect(ppi.coverage, what).toBeGreaterThanOrEqual(0.93);
      expect(ppi.width / humanOnly.width, what).toBeLessThanOrEqual(1.05);
    }
    const truths = outcomes.slice(0, 3).map(({ truth }) => Math.round(250 * truth));
    expect(truths).toEqual([21, 74, 149]);
    expect(outcomes.filter(({ raw }) => !raw.holds).map(({ what }) => what)).toEqual(
      expect.arrayContaining(['over-refusal of llama2new', 'over-refusal of llama2orig']),
    );
  });
});
