import { passesMod97 } from './check-digits.ts';
import type { PersonalDataDetector, Span } from './detector.ts';

/** Length of an IBAN by country. @see SWIFT, IBAN Registry, release 99 */
// biome-ignore format: a table
const LENGTHS: Readonly<Record<string, number>> = {
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28,
  CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22, GE: 22,
  GI: 23, GL: 18, GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20,
  LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20, MR: 27, MT: 31,
  MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, RU: 33, SA: 24,
  SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22,
  VG: 24, XK: 20, YE: 30,
};

const START = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?=[ -]?[A-Z0-9])/giu;

/** Bank accounts: a country's length and the check digits, in upper or lower case, with or without spaces. */
export const iban: PersonalDataDetector = {
  kind: 'IBAN',
  *find(text) {
    for (const { 0: start, index } of text.matchAll(START)) {
      const found = ibanAt(text, index, LENGTHS[start.slice(0, 2).toUpperCase()]);
      if (found !== null) yield found;
    }
  },
};

function ibanAt(text: string, start: number, length: number | undefined): Span | null {
  if (length === undefined) return null;
  let signs = '';
  let at = start;
  for (; signs.length < length; at++) {
    const sign = text[at] ?? '';
    if (/[A-Z0-9]/i.test(sign)) signs += sign;
    else if (!/[ -]/.test(sign) || /[ -]/.test(text[at - 1]!)) return null;
  }
  return /^[\p{L}\p{N}]/u.test(text.slice(at, at + 2)) || !passesMod97(signs) ? null : { start, end: at };
}
