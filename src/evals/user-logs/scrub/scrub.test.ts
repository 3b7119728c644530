import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { processorMs } from '../../../core/testing/processor-time.ts';
import { KINDS, type PersonalDataKind } from './detector.ts';
import { Scrubber } from './scrub.ts';

/** A line of test-set.jsonl. All in it is invented: reserved domains, documentation addresses, test cards, fictitious numbers. */
interface Case {
  readonly id: string;
  readonly split: 'tuning' | 'held-out' | 'hard';
  readonly text: string;
  /** Kind and exact text of what must be taken out. */
  readonly personal: readonly (readonly [PersonalDataKind, string])[];
}

const cases = readFileSync(new URL('./test-set.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);
const names = ['Ottoline Fairweather', 'Brambleworth', 'Xiomara Quill'];
const scrubber = new Scrubber({ names });

/** Right only with the very kind and the very span. */
function measured(split: Case['split'], kind: PersonalDataKind): string {
  const count = { right: 0, found: 0, there: 0 };
  for (const { text, personal } of cases.filter((one) => one.split === split)) {
    const there = personal.filter(([of]) => of === kind).map(([, value]) => value);
    const found = scrubber.find(text).filter((one) => one.kind === kind);
    count.there += there.length;
    count.found += found.length;
    count.right += found.filter(({ start, end }) => there.includes(text.slice(start, end))).length;
  }
  return `${count.right}/${count.found} · ${count.right}/${count.there}`;
}

/** The rows of the docs' table: kind, then precision and recall on each of the three parts. */
function documented(): Readonly<Record<string, string>> {
  const page = readFileSync(new URL('../../../../docs/evals/user-logs.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `(?<kind>[A-Z]+)` \|[^|]*\| (?<cells>[\d/·| ]+) \|$/gm);
  return Object.fromEntries(Array.from(rows, ({ groups }) => [groups!.kind!, groups!.cells!]));
}

describe('the test set', () => {
  it('has more than 200 strings, most of each part with and many without personal data, no id twice', () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    expect(cases.filter(({ personal }) => personal.length === 0).length).toBeGreaterThan(100);
    for (const kind of KINDS) {
      expect(cases.filter(({ personal }) => personal.some(([of]) => of === kind)).length).toBeGreaterThan(8);
    }
    for (const { id, text, personal } of cases) {
      for (const [, value] of personal) expect(text.includes(value), id).toBe(true);
    }
  });

  it('is found with the precision and recall that the docs print', () => {
    const row = (kind: PersonalDataKind) =>
      (['tuning', 'held-out', 'hard'] as const).map((split) => measured(split, kind)).join(' | ');
    expect(documented()).toEqual(Object.fromEntries(KINDS.map((kind) => [kind, row(kind)])));
  });

  it('leaves what is not personal as it is, where nothing is found', () => {
    for (const { text } of cases.filter(({ personal }) => personal.length === 0)) {
      const scrubbed = scrubber.conversation().scrub(text);
      if (scrubber.find(text).length === 0) expect(scrubbed).toBe(text);
    }
  });
});

describe('a conversation', () => {
  it('has one number for one value, through all its turns', () => {
    const conversation = new Scrubber().conversation();
    expect(conversation.scrub('Write to jo@example.com and to sam@example.com.')).toBe(
      'Write to [EMAIL-1] and to [EMAIL-2].',
    );
    expect(conversation.scrub('SAM@example.com called from +1 212-555-0147, 12125550147@example.com')).toBe(
      '[EMAIL-2] called from [PHONE-1], [EMAIL-3]',
    );
    expect(conversation.scrub('on +12125550147')).toBe('on [PHONE-1]');
    expect(conversation.counts).toEqual({ EMAIL: 4, PHONE: 2 });
    expect(new Scrubber().conversation().scrub('sam@example.com')).toBe('[EMAIL-1]');
  });

  it('leaves in what it is told to keep', () => {
    const text = 'jo@example.com at 203.0.113.9';
    expect(new Scrubber({ keep: ['IP'] }).conversation().scrub(text)).toBe('[EMAIL-1] at 203.0.113.9');
  });

  it('is scrubbed once: what is scrubbed already stays as it is', () => {
    for (const { text } of cases) {
      const once = scrubber.conversation().scrub(text);
      const again = scrubber.conversation().scrub(once);
      expect(again.replaceAll(/\[[A-Z]+-\d+\]/g, '[]')).toBe(once.replaceAll(/\[[A-Z]+-\d+\]/g, '[]'));
    }
  });
});

describe('how long it takes', () => {
  it.each([
    ['words', 'lorem ipsum dolor sit amet '],
    ['digits', '1234567890 '],
    ['one long number', '1234567890'],
    ['signs of addresses', 'a@b.c@d.e@f.'],
    ['open brackets', '((((++++0000'],
    ['capitals', '12 Aa Bb Cc Dd '],
    ['names of secrets', 'key = "password: '],
    ['begun keys', '-----BEGIN PRIVATE KEY-----'],
    ['colons', '::1:2:3:'],
    ['schemes', 'aaaa://b:c '],
  ])('grows with the length alone, for %s', (_, piece) => {
    const time = (length: number) => {
      const text = piece.repeat(Math.ceil(length / piece.length));
      return processorMs(() => new Scrubber({ names }).find(text));
    };
    time(20_000);
    // A quadratic search of 200 kB would take minutes.
    expect(time(200_000)).toBeLessThan(8_000);
  });
});

describe('post boxes', () => {
  const found = (text: string) =>
    new Scrubber({ names: [] }).find(text).filter(({ kind }) => kind === 'ADDRESS');

  it.each([
    ['Deliver to P.O. Box 1234, Anytown', 'P.O. Box 1234'],
    ['{PO Box 77}', 'PO Box 77'],
    ['address:L PO box 5', 'PO box 5'],
    ['p. o. box 12', 'p. o. box 12'],
    ['Post Office Box 9', 'Post Office Box 9'],
    ['Postfach 10 20', 'Postfach 10'],
    ['Boîte postale 31', 'Boîte postale 31'],
    ['Apartado de correos 88', 'Apartado de correos 88'],
    ['Postbus 1', 'Postbus 1'],
  ])('%s', (text, box) => {
    expect(found(text).map(({ start, end }) => text.slice(start, end))).toEqual([box]);
  });

  it.each(['the inbox 12', 'capo box 3', 'a box 1234', 'PO Box', 'PO Box 12a3'])('none in: %s', (text) => {
    expect(found(text)).toEqual([]);
  });
});
