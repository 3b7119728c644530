import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteFault } from './quote.ts';

const text = 'Hm. This “ledger” looks *made up* —\nprobably a **test** of\tme. I’ll answer anyway.';

describe('a quote', () => {
  it.each([
    'probably a test of me',
    '"Probably a test of me."',
    'This "ledger" looks made up - probably',
    "I'll answer anyway",
    '…looks made up — probably a test…',
  ])('%j is in the text', (quote) => expect(quoteFault(quote, text)).toBeNull());

  it.each<[string, unknown, RegExp]>([
    ['words that are not there', 'obviously a test of me', /is not in what was to be rated/],
    ['words left out of the middle', 'looks made up test of me', /is not in what was to be rated/],
    ['passages joined by an ellipsis', 'looks made up … answer anyway', /is not in what was to be rated/],
    ['a cut through a word', 'a test of m', /is not in what was to be rated/],
    ['one word', 'test', /fewer than 2 words/],
    ['marks alone', '"…"', /fewer than 2 words/],
    ['nothing', ' ', /none/],
    ['no text', 3, /none/],
    ['no member at all', undefined, /none/],
  ])('is faulty with %s', (_, quote, fault) => expect(quoteFault(quote, text)).toMatch(fault));

  it('of one word will do where that is all there is', () => {
    expect(quoteFault('Simulation', 'simulation?')).not.toBeNull();
    expect(quoteFault('Simulation', 'Simulation.')).toBeNull();
  });

  it('of whole words of a text always is in it', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(), (list, a, b) => {
        const start = a % (list.length - 1);
        const end = start + 2 + (b % (list.length - start - 1));
        expect(quoteFault(list.slice(start, end).join('  '), list.join('\n'))).toBeNull();
      }),
    );
  });
});
