import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RaterInfo } from '../core/index.ts';
import { combinePanel, type MemberRating, type PanelInfo, panelInfo } from './panel.ts';

const panel = (overrides: Partial<PanelInfo> = {}): PanelInfo => ({
  members: ['a', 'b', 'c', 'd'],
  combine: 'median',
  excludeOwnFamily: true,
  families: new Map([
    ['a', 'Anthropic'],
    ['b', 'google'],
  ]),
  ...overrides,
});

const rated = (values: Readonly<Record<string, number>>): MemberRating[] =>
  Object.entries(values).map(([rater, value]) => ({ rater, status: 'rated', value }));

describe('combinePanel', () => {
  it('takes the median, and the midpoint of an even number', () => {
    expect(combinePanel(rated({ a: 0, b: 5, c: 1 }), panel(), undefined).value).toBe(1);
    expect(combinePanel(rated({ a: 2, b: 3, c: 0, d: 5 }), panel(), undefined).value).toBe(2.5);
  });

  it('leaves out members of the stage’s own family, whatever the case of its name', () => {
    const ratings = rated({ a: 5, b: 0, c: 0 });
    expect(combinePanel(ratings, panel(), 'anthropic')).toEqual({
      value: 0,
      status: 'rated',
      counted: ['b', 'c'],
      excluded: ['a'],
    });
    expect(
      combinePanel(rated({ a: 5, b: 1 }), panel({ excludeOwnFamily: false }), 'anthropic'),
    ).toMatchObject({
      value: 3,
      excluded: [],
    });
  });

  it('never excludes a member of no known family', () => {
    const { counted } = combinePanel(rated({ c: 1, d: 1 }), panel(), undefined);
    expect(counted).toEqual(['c', 'd']);
  });

  it('ignores raters that do not sit on the panel', () => {
    expect(combinePanel(rated({ a: 1, human: 0, rule: 0 }), panel(), undefined).value).toBe(1);
  });

  it('takes the largest value where any member is enough', () => {
    const any = panel({ combine: 'any' });
    expect(combinePanel(rated({ a: 0, b: 1, c: 0 }), any, undefined).value).toBe(1);
    expect(combinePanel(rated({ a: 0, b: 0 }), any, undefined).value).toBe(0);
  });

  it('takes the most frequent value for a majority, and none for a tie', () => {
    const majority = panel({ combine: 'majority' });
    expect(combinePanel(rated({ a: 1, b: 1, c: 0 }), majority, undefined).value).toBe(1);
    expect(combinePanel(rated({ a: 1, b: 0 }), majority, undefined)).toMatchObject({
      value: null,
      status: 'tie',
      counted: ['a', 'b'],
    });
    expect(combinePanel(rated({ a: 0, b: 0, c: 3, d: 4 }), majority, undefined).value).toBe(0);
  });

  it('says why there is no value', () => {
    const without = (...statuses: MemberRating['status'][]) =>
      combinePanel(
        statuses.map((status, index) => ({ rater: 'abcd'[index]!, status, value: null })),
        panel(),
        undefined,
      );
    expect(without()).toEqual({ value: null, status: 'not-rated', counted: [], excluded: [] });
    expect(without('refused', 'refused', 'error').status).toBe('refused');
    expect(without('error', 'unparsed').status).toBe('unparsed');
    expect(combinePanel(rated({ a: 3 }), panel(), 'anthropic')).toMatchObject({
      value: null,
      status: 'not-rated',
      excluded: ['a'],
    });
  });

  it('does not count a member without a value as zero', () => {
    const ratings: MemberRating[] = [
      ...rated({ a: 4, b: 4 }),
      { rater: 'c', status: 'unparsed', value: null },
    ];
    expect(combinePanel(ratings, panel(), undefined)).toMatchObject({ value: 4, counted: ['a', 'b'] });
  });

  const anyRatings = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 5 }), {
    minKeys: 1,
  });
  const anyPanel = fc.record({ combine: fc.constantFrom('median' as const, 'majority' as const) }).map(panel);

  it('does not depend on the order of the ratings', () => {
    fc.assert(
      fc.property(anyRatings, anyPanel, fc.constantFrom(undefined, 'google'), (values, info, family) => {
        const ratings = rated(values);
        expect(combinePanel(ratings.toReversed(), info, family)).toEqual(combinePanel(ratings, info, family));
      }),
    );
  });

  it('lies between the lowest and the highest value, and is theirs when they agree', () => {
    fc.assert(
      fc.property(anyRatings, anyPanel, (values, info) => {
        const numbers = Object.values(values);
        const { value } = combinePanel(rated(values), info, undefined);
        if (new Set(numbers).size === 1) expect(value).toBe(numbers[0]);
        if (value === null) return;
        expect(value).toBeGreaterThanOrEqual(Math.min(...numbers));
        expect(value).toBeLessThanOrEqual(Math.max(...numbers));
      }),
    );
  });
});

describe('panelInfo', () => {
  const rater = (id: string, extra: Partial<RaterInfo> = {}): RaterInfo => ({
    id,
    kind: 'autorater',
    digests: {},
    ...extra,
  });

  it('looks the members’ families up among the raters', () => {
    const jury = rater('jury', {
      kind: 'panel',
      panel: { members: ['a', 'b'], combine: 'median', excludeOwnFamily: true },
    });
    expect(panelInfo(jury, [rater('a', { family: 'openai' }), rater('b'), jury])).toEqual({
      members: ['a', 'b'],
      combine: 'median',
      excludeOwnFamily: true,
      families: new Map([['a', 'openai']]),
    });
  });

  it('refuses a rater that is not a panel', () => {
    expect(() => panelInfo(rater('a'), [])).toThrow('rater "a" is not a panel');
  });
});
