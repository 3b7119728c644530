import { expect, test } from 'vitest';
import { circleFrom } from './circle.ts';

test.each<[string, Record<string, string | null>, string, readonly string[] | null]>([
  ['itself', { a: 'a' }, 'a', ['a']],
  ['others', { a: 'b', b: 'c', c: 'a' }, 'b', ['b', 'c', 'a']],
  ['a root', { a: 'b', b: null }, 'a', null],
  ['a stage that is not known', { a: 'b' }, 'a', null],
  ['a circle that it is not on', { a: 'b', b: 'c', c: 'b' }, 'a', null],
])('a stage that comes from %s', (_, parents, start, circle) => {
  expect(circleFrom(start, new Map(Object.entries(parents)))).toEqual(circle);
});
