import { describe, expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../core/index.ts';
import { stepSeed } from '../protocols/step-seed.ts';
import { scriptedAgent } from './scripted-agent.ts';

const opening: Message[] = [
  { role: 'system', content: 'You tidy up.' },
  { role: 'user', content: 'Go.' },
];
const tool = (name: string, ...properties: string[]) => ({
  name,
  description: '',
  parameters: { type: 'object', properties: Object.fromEntries(properties.map((key) => [key, {}])) },
});
const request = (messages: readonly Message[], seed: number | null = null): GenerateRequest => ({
  messages: [...opening, ...messages],
  tools: [tool('bash', 'command'), tool('task_complete', 'reason')],
  sampling: { temperature: 1, topP: null, maxTokens: 10, seed },
});
const { signal } = new AbortController();

const listing = scriptedAgent(function* ({ user, tools }) {
  const found = yield { bash: 'ls', think: `${user} ${tools.join()}` };
  const size = yield { bash: `wc ${found}`, say: 'Counting.' };
  return `It has ${size}.`;
});

const turn = (content = ''): Message => ({ role: 'assistant', content });
const result = (content: string): Message => ({ role: 'tool', toolCallId: 'x', content });

describe('scriptedAgent', () => {
  test('goes on from what was answered to the turns before, with no memory of its own', async () => {
    expect(await listing(request([]), signal)).toMatchObject({
      thoughts: 'Go. bash,task_complete',
      toolCalls: [{ id: 'call-1-1', name: 'bash', arguments: '{"command":"ls"}' }],
    });
    const second = [turn(), result('a.txt')];
    const third = [...second, turn('Counting.'), result('7')];
    // In any order, and again.
    expect(await listing(request(third), signal)).toMatchObject({ response: 'It has 7.' });
    expect(await listing(request(second), signal)).toMatchObject({
      response: 'Counting.',
      toolCalls: [{ id: 'call-2-1', name: 'bash', arguments: '{"command":"wc a.txt"}' }],
    });
    expect(await listing(request(third), signal)).toMatchObject({
      toolCalls: [{ name: 'task_complete', arguments: '{"reason":"It has 7."}' }],
    });
  });

  test('ends again where it is asked on after its end', async () => {
    const over = [turn(), result('a'), turn(), result('7'), turn(), result('?')];
    expect(await listing(request(over), signal)).toMatchObject({ response: 'It has 7.' });
  });

  test('ends with words alone where no tool ends the task', async () => {
    const { tools: _, ...bare } = request([turn(), result('a'), turn(), result('7')]);
    expect(await listing(bare, signal)).toMatchObject({ response: 'It has 7.', toolCalls: [] });
  });

  test('hears several answers to a turn, and what the user says to one without a call', async () => {
    const agent = scriptedAgent(function* () {
      const both = yield {
        calls: [
          { name: 'bash', args: {} },
          { name: 'bash', args: {} },
        ],
      };
      const said = yield { say: 'Hm.' };
      return `${both}|${said}`;
    });
    const messages = [
      turn(),
      result('one'),
      result('two'),
      turn('Hm.'),
      { role: 'user', content: 'Act!' } as const,
    ];
    expect(await agent(request(messages), signal)).toMatchObject({ response: 'one\ntwo|Act!' });
  });

  test('knows its trial’s seed on every turn, and draws by it', async () => {
    const agent = scriptedAgent(function* ({ seed, draw }) {
      const words = `${seed} ${draw('games')}`;
      yield { say: words, bash: 'ls' };
      return words;
    });
    const first = await agent(request([], 7), signal);
    const later = await agent(request([turn(), result('a')], stepSeed(7, 2)), signal);
    expect(first).toMatchObject({ response: expect.stringMatching(/^7 0\.\d+$/) });
    expect(later).toMatchObject({ response: (first as { response: string }).response });
  });

  test('draws differently for each name and seed, and evenly', async () => {
    const draws: number[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const agent = scriptedAgent(function* ({ draw }) {
        draws.push(draw('a'), draw('b'));
        yield { say: '' };
        return '';
      });
      await agent(request([], seed), signal);
    }
    expect(new Set(draws).size).toBe(800);
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });
});
