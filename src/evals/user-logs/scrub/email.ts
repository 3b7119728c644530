import { matches, type PersonalDataDetector, type Span } from './detector.ts';

const LOCAL = /[\p{L}\p{N}](?:[\p{L}\p{N}._%+'-]{0,62}[\p{L}\p{N}_+-])?$/u;
const DOMAIN = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/u;
/** Longest local part and domain that RFC 5321 allows. */
const [LONGEST_LOCAL, LONGEST_DOMAIN] = [64, 255];

/** `name (at) host (dot) org`, and with other brackets. */
const SPELT =
  /(?<![\p{L}\p{N}])[\p{L}\p{N}][\p{L}\p{N}._+-]{0,62}\s?[([{]\s?at\s?[)\]}]\s?[\p{L}\p{N}-]{1,63}(?:\s?(?:[([{]\s?(?:dot|punkt|punto|point)\s?[)\]}]|\.)\s?[\p{L}\p{N}-]{2,63}){1,4}/giu;

/** Logins that are the same for everybody. */
const NOBODY = new Set(['git', 'svn', 'hg']);

/** E-mail addresses, international ones too, and those that are spelt out to hide them. Searched from the @, so in linear time. */
export const email: PersonalDataDetector = {
  kind: 'EMAIL',
  *find(text) {
    for (const sign of ['@', '＠']) {
      for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
        const found = addressAround(text, at);
        if (found !== null) yield found;
      }
    }
    if (/[([{]\s?at\s?[)\]}]/i.test(text)) yield* matches(text, SPELT);
  },
};

function addressAround(text: string, at: number): Span | null {
  const local = LOCAL.exec(text.slice(Math.max(0, at - LONGEST_LOCAL), at))?.[0];
  const domain = DOMAIN.exec(text.slice(at + 1, at + 1 + LONGEST_DOMAIN))?.[0];
  if (local === undefined || domain === undefined || NOBODY.has(local)) return null;
  return { start: at - local.length, end: at + 1 + domain.length };
}
