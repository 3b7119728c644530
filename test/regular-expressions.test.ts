import { parseAst } from 'rolldown/parseAst';
import { describe, expect, it } from 'vitest';
import { isTestFile, readModules } from '../scripts/modules.ts';
import { processorMs } from '../src/core/testing/processor-time.ts';

/**
 * Every regular expression of the product, tried on texts that would make it slow. Text from outside reaches most of them, so
 * each takes time that grows with the length of the text. A new one is tried without being listed anywhere.
 */
const LENGTHS = [500, 2_000, 8_000];
/** Faster than this on the longest text, an expression is not looked at more closely. */
const FAST_MS = 12;
/** Four times the text: 4 would be linear, 16 is quadratic. */
const MOST_GROWTH = 8;

/** Expressions that are slow on long texts, and are only given short ones. */
const ON_SHORT_TEXTS: Readonly<Record<string, string>> = {
  '/\\B(?=(\\d{3})+$)/g': 'digits of a number that stemma writes',
  '/<(style|script)[\\s\\S]*?<\\/\\1>|<[^>]*>/gi': 'the first 4,000 characters of a page',
  '/(\\/\\S+) \\(0x/g': 'what ldd says of a program of the host',
  '/^\\s*#.*\\n/gm': "stemma's own shell scripts",
};

/** Files that make expressions from texts, and what bounds them. A new one is looked at and added. */
const MADE_FROM_TEXTS: Readonly<Record<string, string>> = {
  'src/agent/bridge/server.ts': 'names in the folder for temporary files',
  'src/checkpoints/identity/same-served.ts': "names of models, which are cut; of the code's own parts",
  'src/evals/choice/letter.ts': 'names of choices, escaped; on 4,000 characters of an answer',
  'src/evals/dilemmas/awareness-phrases.ts': "phrases of the code's own",
  'src/evals/odcv/scenario.ts': 'patterns of built-in scenarios, on paths',
  'src/evals/odcv/world/world.ts': 'patterns of built-in scenarios, on the output of their own tool',
  'src/evals/refusals/refusal-opening.ts': "phrases of the code's own, anchored",
  'src/evals/user-logs/scrub/phone.ts': "of the code's own parts",
  'src/evals/user-logs/scrub/secret.ts': "of the code's own parts",
  'src/format/duration.ts': 'durations of a study file',
  'src/format/terminal.ts': 'four characters at most',
  'src/interchange/odcv/odcv-transcripts.ts': 'the number of a step',
  'src/models/protocols/filter.ts': "words of the code's own",
  'src/models/protocols/thoughts.ts': "tags of the code's own",
  'src/models/scripted/scripted-draw.ts': "patterns of the user's own scripted models",
  'src/models/scripted/scripted-table.ts': "patterns of the user's own scripted models",
  'src/records/line.ts': 'anchored at the start of a record',
  'src/sandbox/image/glob.ts': 'patterns of a .dockerignore, on paths',
};

interface Found {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function literalsOf(file: string, text: string): Found[] {
  const found: Found[] = [];
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    const { type, regex } = node as { type?: string; regex?: { pattern: string; flags: string } };
    if (type === 'Literal' && regex) found.push({ file, source: regex.pattern, flags: regex.flags });
    for (const member of Object.values(node)) visit(member);
  };
  visit(parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }).body);
  return found;
}

/** Pieces that are repeated: characters that the expression names, and what its classes match. */
function piecesOf(source: string): string[] {
  const characters = [
    ...new Set(source.replace(/\\[dDwWsSbB]|\\u\{?[\da-f]+\}?|\\x[\da-f]{2}/gi, '')),
  ].filter((one) => !'\\^$*+?()[]{}|'.includes(one) || source.includes(`\\${one}`));
  const words = source.match(/[\p{L}<|>_/]{3,}/gu) ?? [];
  const singles = [...new Set([' ', '\n', 'a', '0', '.', '<', '"', ...characters.slice(0, 14)])];
  const pairs = singles
    .slice(0, 9)
    .flatMap((a) => singles.slice(0, 9).flatMap((b) => (a < b ? [a + b] : [])));
  return [...singles, ...pairs, ...words.slice(0, 6)];
}

/** CPU milliseconds that it takes to find all matches. */
const timeOn = (expression: RegExp, text: string) => processorMs(() => text.replace(expression, ''));

const repeated = (piece: string, length: number) => `${piece.repeat(Math.ceil(length / piece.length))}\u0001`;

/** The worst growth of an expression's time over pieces that take long at all. */
function growthOf({ source, flags }: Found): { readonly growth: number; readonly piece: string } {
  const expression = new RegExp(source, flags.includes('g') || flags.includes('y') ? flags : `${flags}g`);
  let worst = { growth: 0, piece: '' };
  for (const piece of piecesOf(source)) {
    // The fastest of three, since the machine does other things too.
    const fastest = (length: number) =>
      Math.min(...[1, 2, 3].map(() => timeOn(expression, repeated(piece, length))));
    // Short texts first: time that grows by the third power would take minutes on the longest.
    for (const length of LENGTHS) {
      if (timeOn(expression, repeated(piece, length)) < FAST_MS) continue;
      const long = fastest(length);
      if (long < FAST_MS) continue;
      const growth = long / Math.max(0.2, fastest(length / 4));
      if (growth > MOST_GROWTH) return { growth, piece };
      if (growth > worst.growth) worst = { growth, piece };
      break;
    }
  }
  return worst;
}

const product = [...readModules(undefined, ['src']).values()].filter(({ file }) => !isTestFile(file));
const found = product.flatMap(({ file, text }) => literalsOf(file, text));
const different = [...Map.groupBy(found, ({ source, flags }) => `/${source}/${flags}`)].map(
  ([written, places]) => ({ written, ...places[0]! }),
);

describe('regular expressions', () => {
  it('are found', () => expect(different.length).toBeGreaterThan(300));

  it('take time that grows with the text, whatever it holds', () => {
    const slow = different
      .filter(({ written }) => !Object.hasOwn(ON_SHORT_TEXTS, written))
      .map((each) => ({ ...each, ...growthOf(each) }))
      .filter(({ growth }) => growth > MOST_GROWTH)
      .map(
        ({ written, file, growth, piece }) =>
          `${file}: ${written} on ${JSON.stringify(piece)}: ${growth.toFixed(1)} times`,
      );
    expect(slow).toEqual([]);
  }, 120_000);

  it('that are slow would be found', () => {
    expect(growthOf({ file: '', source: '\\s+$', flags: '' }).growth).toBeGreaterThan(MOST_GROWTH);
    expect(growthOf({ file: '', source: '<(?:.|\\n)*?>', flags: 'g' }).growth).toBeGreaterThan(MOST_GROWTH);
    expect(growthOf({ file: '', source: '\\s*\\n\\s*Answer:\\s*$', flags: 'i' }).growth).toBeGreaterThan(
      MOST_GROWTH,
    );
  });

  it('are made from texts only where that was looked at', () => {
    const files = product.filter(({ text }) => /\bnew RegExp\(/.test(text)).map(({ file }) => file);
    expect(files.filter((file) => !Object.hasOwn(MADE_FROM_TEXTS, file))).toEqual([]);
    expect(Object.keys(MADE_FROM_TEXTS).filter((file) => !files.includes(file))).toEqual([]);
  });

  it('that are listed as slow are still there', () => {
    const written = new Set(different.map((each) => each.written));
    expect(Object.keys(ON_SHORT_TEXTS).filter((each) => !written.has(each))).toEqual([]);
  });
});
