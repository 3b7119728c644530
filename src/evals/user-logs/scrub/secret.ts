import { matches, type PersonalDataDetector } from './detector.ts';

const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,20000}?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]{0,20000})/g;

/** Keys that their issuers marked with a prefix of their own, and JSON web tokens. */
const MARKED = new RegExp(
  String.raw`(?<![\p{L}\p{N}_])(?:${[
    'sk-(?:proj-|ant-|or-|svcacct-)?[\\w-]{20,}',
    'gh[pousr]_[A-Za-z0-9]{30,}',
    'github_pat_\\w{22,}',
    'glpat-[\\w-]{20,}',
    '(?:AKIA|ASIA)[A-Z0-9]{16}',
    'xox[abeprs]-[A-Za-z0-9-]{10,}',
    '[rs]k_(?:live|test)_[A-Za-z0-9]{16,}',
    'AIza[\\w-]{35}',
    'ya29\\.[\\w-]{20,}',
    'hf_[A-Za-z0-9]{30,}',
    'npm_[A-Za-z0-9]{36}',
    'pypi-[\\w-]{40,}',
    'SG\\.[\\w-]{16,}\\.[\\w-]{16,}',
    '(?:gsk|xai|pplx|r8|dop_v1|shpat|tskey)[_-][A-Za-z0-9-]{24,}',
    'AGE-SECRET-KEY-1[A-Z0-9]{50,}',
    'eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*',
    '\\d{8,10}:AA[\\w-]{30,}',
    '[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,}',
  ].join('|')})`,
  'gu',
);

/** A name that says what its value is, an equals sign or colon, and the value. */
const ASSIGNED =
  /(?:api|access|account|auth|secret|private|client|signing|encryption)?[_-]?(?<name>key|token|secret|password|passwd|passphrase|passwort|(?<![a-z])pass|pwd|pw|credentials?|key[_-]base|auth)["'`]?\s{0,2}(?::=|=>|[:=])\s{0,2}["'`]?(?<value>[^\s"'`,;<>(){}[\]]{6,512})/dgi;

/** `my password is …`, in some languages. */
const IN_PROSE =
  /(?<!\p{L})(?:password|passwort|kennwort|passphrase|mot de passe|contraseña|senha)(?: (?:is|ist|est|es|é|to))? ["'`“]?(?<value>[^\s"'`,;”]{6,64})/dgiu;

const IN_URL = /[a-z][a-z0-9+.-]{1,15}:\/\/(?<value>[^\s/:@?#"']{0,64}:[^\s/@?#"']{1,128})@/dgi;
const ON_COMMAND_LINES =
  /(?<value>(?<=\s-u ?["']?)[\w.-]{1,64}:[^\s"']{4,128}|(?<=mysql[^\n]{0,80} -p)[^\s"'-][^\s"']{5,64})/dg;
const BEARER = /bearer (?<value>[A-Za-z0-9._~+/-]{20,2048}={0,2})/dgi;
const BASIC = /authorization: basic (?<value>[A-Za-z0-9+/]{8,2048}={0,2})/dgi;

/** Values that stand for one, or say where it is to be had. */
const NO_VALUE =
  /^(?:\$|%|\*+$|x{4,}$|your|my[_-]|the[_-]|process\.|os\.|env|getenv|config|settings|null|none|true|false|undefined|changeme|example|placeholder|https?:)|[_-]here$|\.{3}/i;

/** Keys and tokens by their form, whatever is assigned to a name that says it is secret, and logins in addresses and commands. */
export const secret: PersonalDataDetector = {
  kind: 'SECRET',
  *find(text) {
    yield* matches(text, PRIVATE_KEY);
    yield* matches(text, MARKED);
    yield* assigned(text);
    yield* matches(text, IN_PROSE, looksLikePassword);
    yield* matches(text, IN_URL);
    yield* matches(text, ON_COMMAND_LINES);
    yield* matches(text, BEARER, looksRandom);
    yield* matches(text, BASIC);
  },
};

function* assigned(text: string) {
  for (const found of text.matchAll(ASSIGNED)) {
    const { name, value } = found.groups as { name: string; value: string };
    const [start] = found.indices!.groups!.value!;
    const trimmed = value.replace(/(?<![.!?])[.!?]+$/, (end) => (/^p/i.test(name) && end === '!' ? end : ''));
    const passes = /^p/i.test(name) ? looksLikePassword(trimmed) : looksRandom(trimmed);
    if (passes) yield { start, end: start + trimmed.length };
  }
}

/** A word with a digit or a sign in it that is not a placeholder, path or expression. */
function looksLikePassword(value: string): boolean {
  if (value.length < 6 || NO_VALUE.test(value) || /^[\w.-]+\.[a-z]\w+$/i.test(value)) return false;
  const letters = /\p{L}/u.test(value);
  return letters && (/\d/.test(value) || /[^\p{L}\p{N}\s.,:;!?)-]/u.test(value));
}

/** Long, with letters and digits, and as many different signs as chance would give. */
function looksRandom(value: string): boolean {
  if (value.length < 16 || NO_VALUE.test(value)) return false;
  return /\d/.test(value) && /\p{L}/u.test(value) && bitsPerSign(value) >= 3;
}

/** Shannon's entropy of a text's signs. */
function bitsPerSign(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
