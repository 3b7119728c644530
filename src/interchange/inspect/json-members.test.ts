import { expect, test } from 'vitest';
import { JsonMembers } from './json-members.ts';

test('each member is read alone, and the others are not looked at', () => {
  const json =
    ' {"a" : [1, {"b": "}]\\"", "c": NaN}],\n"events": [not json, but brackets {}], "ü\\n": "x\\\\", "last": -1.5e3 } ';
  const members = new JsonMembers(Buffer.from(json));
  expect([...members.names]).toEqual(['a', 'events', 'ü\n', 'last']);
  expect(members.value('a')).toEqual([1, { b: '}]"', c: null }]);
  expect(members.value('ü\n')).toBe('x\\');
  expect(members.value('last')).toBe(-1500);
  expect(members.value('nothing')).toBeUndefined();
  expect(() => members.value('events')).toThrow(SyntaxError);
});

test('an empty object has none; a byte order mark does no harm', () => {
  expect([...new JsonMembers(Buffer.from('\ufeff{ }')).names]).toEqual([]);
});

test.each(['', '[1]', '{"a"', '{"a":', '{"a":1', '{"a":"x}', '{"a" 1}', '{"a":1} x', '{a:1}'])(
  '%s is refused',
  (json) => {
    expect(() => new JsonMembers(Buffer.from(json))).toThrow(SyntaxError);
  },
);
