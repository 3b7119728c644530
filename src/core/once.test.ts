import { expect, test } from 'vitest';
import { keepLatest, once } from './once.ts';

test('a value is made when it is first asked for, once, also where it is undefined', () => {
  let made = 0;
  const value = once(() => {
    made++;
    return undefined;
  });
  expect(made).toBe(0);
  expect([value(), value()]).toEqual([undefined, undefined]);
  expect(made).toBe(1);
});

test('what could not be made is tried again', () => {
  let tried = 0;
  const value = once(() => {
    if (++tried === 1) throw new Error('not yet');
    return tried;
  });
  expect(value).toThrow('not yet');
  expect(value()).toBe(2);
});

test('what a function gave for an object is kept until it is asked about another one, also where it is undefined', () => {
  const asked: object[] = [];
  const first = keepLatest(({ words }: { readonly words: readonly string[] }) => {
    asked.push(words);
    return words[0];
  });
  const [some, none] = [{ words: ['a', 'b'] }, { words: [] }];
  expect([first(some), first(some), first(none), first(none)]).toEqual(['a', 'a', undefined, undefined]);
  expect(asked).toEqual([some.words, none.words]);
  expect(first(some)).toBe('a');
  expect(asked).toHaveLength(3);
  // A copy may be changed, so it is another object.
  expect(first({ ...some, words: ['c'] })).toBe('c');
});
