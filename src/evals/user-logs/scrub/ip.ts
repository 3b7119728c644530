import { isIPv4, isIPv6 } from 'node:net';
import { matches, type PersonalDataDetector } from './detector.ts';

const V4 = /(?<![\p{L}\p{N}_.-])\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}_]|\.\d|-[\p{L}\d])/gu;
const V6 = /(?<![\p{L}\p{N}_:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\p{L}\p{N}_:])/giu;

/** What four numbers with dots between them are also called. */
const OTHER_MEANING =
  /(?:\b(?:v|ver|version|release|firmware|build|section|sect|chapter|clause|article|ec)\.? ?|§ ?|[=~><]=|\b(?:upgrad|downgrad|updat)\w*[^\n]{0,30})$/i;

/** Name servers that everybody uses. */
const EVERYBODYS = new Set(['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1', '9.9.9.9']);

/**
 * Addresses on the Internet, of either version. Those that mean a different machine in every house (private networks,
 * loopback, link-local), masks, multicast and well-known name servers are left: they tell of nobody.
 */
export const ip: PersonalDataDetector = {
  kind: 'IP',
  *find(text) {
    yield* matches(text, V4, (value, before) => isPublicV4(value) && !OTHER_MEANING.test(before));
    if (text.includes(':')) yield* matches(text, V6, isPublicV6);
  },
};

function isPublicV4(value: string): boolean {
  if (!isIPv4(value) || EVERYBODYS.has(value)) return false;
  const [a, b] = value.split('.').map(Number) as [number, number];
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 172 && b >= 16 && b < 32) return false;
  if (a === 100 && b >= 64 && b < 128) return false;
  return !(a === 192 && b === 168) && !(a === 169 && b === 254);
}

/** Three groups at least, with a digit among them: `a::b` may be anything. */
function isPublicV6(value: string): boolean {
  const groups = value.split(':').filter((group) => group !== '');
  if (groups.length < 3 || !/\d/.test(value) || !isIPv6(value)) return false;
  return !/^(?:fe[89ab]|f[cdf])/i.test(value.padStart(4, '0'));
}
