import { describe, expect, test } from 'vitest';
import { assembled } from './event-stream.ts';
import { NotWhole } from './shape.ts';

const stream = (...events: readonly unknown[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const delta = (members: object, more: object = {}) => ({ choices: [{ delta: members, ...more }] });
const end = delta({}, { finish_reason: 'stop' });
const piece = (index: unknown, id: unknown, name: unknown, text: unknown) =>
  delta({ tool_calls: [{ index, id, function: { name, arguments: text } }] });
const messageOf = (...events: readonly unknown[]) =>
  (assembled(stream(...events)).choices as { message: Record<string, unknown> }[])[0]!.message;

describe('pieces of tool calls', () => {
  const call = (id: string, name: string, text: string) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  });
  const whole = [call('a', 'f', '{"x":1}')];
  const both = [call('a', 'f', '{}'), call('b', 'g', '{}')];

  test.each([
    ['by index', [piece(0, 'a', 'f', '{"x"'), piece(0, undefined, undefined, ':1}')], whole],
    ['an index that does not begin with 0', [piece(3, 'a', 'f', '{"x"'), piece(3, null, null, ':1}')], whole],
    ['a negative index', [piece(-1, 'a', 'f', '{"x":1}')], whole],
    ['no index', [piece(undefined, 'a', 'f', '{"x"'), piece(undefined, undefined, undefined, ':1}')], whole],
    ['id and name in each piece', [piece(0, 'a', 'f', '{"x"'), piece(0, 'a', 'f', ':1}')], whole],
    ['the id after the name', [piece(0, undefined, 'f', '{"x"'), piece(0, 'a', undefined, ':1}')], whole],
    ['arguments as an object', [piece(0, 'a', 'f', { x: 1 })], whole],
    ['two calls', [piece(0, 'a', 'f', '{}'), piece(1, 'b', 'g', '{}')], both],
    [
      'two calls without an index',
      [piece(undefined, 'a', 'f', '{}'), piece(undefined, 'b', 'g', '{}')],
      both,
    ],
    ['two calls with one index', [piece(0, 'a', 'f', '{}'), piece(0, 'b', 'g', '{}')], both],
  ])('%s', (_, events, calls) => {
    expect(messageOf(...events, end).tool_calls).toEqual(calls);
  });
});

test('content in parts and details of reasoning are kept', () => {
  const details = [{ type: 'reasoning.text', text: 'Hm.' }];
  const parts = [{ type: 'text', text: 'Hi' }];
  expect(messageOf(delta({ reasoning_details: details }), delta({ content: parts }), end)).toMatchObject({
    content: parts,
    reasoning_details: details,
  });
});

test('the pieces of another choice are left out', () => {
  const choice = (index: number, content: string) => ({ choices: [{ index, delta: { content } }] });
  expect(messageOf(choice(1, 'B'), choice(0, 'A'), choice(1, 'C'), end).content).toBe('A');
});

test('a stream with a broken event, or with no event, is not whole', () => {
  const said = stream(delta({ content: 'H' }));
  expect(() => assembled(`${said}data: {"choices":[{"de\n\n${stream(end)}`)).toThrow(NotWhole);
  expect(() => assembled('data: [DONE]\n\n')).toThrow(NotWhole);
});
