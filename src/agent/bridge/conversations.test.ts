import { describe, expect, test } from 'vitest';
import type { Message, ToolCall } from '../../core/index.ts';
import { type BridgeTurn, Conversations, messagesOf, pathTo } from './conversations.ts';
import { bridgeRequest } from './testing/session.ts';

const user = (content: string): Message => ({ role: 'user', content });
const system: Message = { role: 'system', content: 'You are a CLI.' };
const result = (toolCallId: string, content: string): Message => ({ role: 'tool', content, toolCallId });
const told = (id: string, content = ''): Message => ({
  role: 'assistant',
  content,
  toolCalls: [{ id, name: 'bash', arguments: '{}' }],
});

/** The model's answer to a turn, with one call under the id that models like to give again and again. */
function answer(
  conversations: Conversations,
  turn: BridgeTurn,
  response: string,
  call?: Partial<ToolCall>,
): string {
  const toolCalls = call === undefined ? [] : [{ id: '1', name: 'bash', arguments: '{}', ...call }];
  turn.generations.push({
    response,
    toolCalls,
    stop: call === undefined ? 'end' : 'tool-calls',
    usage: { inputTokens: null, outputTokens: null },
    raw: null,
  });
  turn.said.push({ role: 'assistant', content: response, ...(call === undefined ? {} : { toolCalls }) });
  return toolCalls.map((made) => conversations.admit(turn, made)).join();
}

describe('conversations', () => {
  test('a resent history adds only what is new, and the model gets its own turns back word for word', () => {
    const conversations = new Conversations('Do the task.');
    const opening = [system, user('context'), user('Do the task.')];
    const first = conversations.place(bridgeRequest({ messages: opening }));
    const id = answer(conversations, first, 'Looking.', { arguments: '{ "command": "ls" }' });
    // The CLI put the call into other words of the same meaning, and left the text out.
    const second = conversations.place(
      bridgeRequest({ messages: [...opening, told(id), result(id, 'a.py')] }),
    );
    expect(second.conversation.kind).toBe('main');
    expect(second.received).toEqual([result('1', 'a.py')]);
    expect(second.messages.slice(3)).toEqual([...first.said, result('1', 'a.py')]);
    // The very object: a provider's own form of the turn is remembered by it.
    const [resent] = second.messages.filter(({ role }) => role === 'assistant') as (Message & {
      role: 'assistant';
    })[];
    expect(resent?.toolCalls?.[0]).toBe(first.generations[0]?.toolCalls[0]);
    answer(conversations, second, 'Done.');
    expect(messagesOf(pathTo(second))).toEqual([
      user('context'),
      user('Do the task.'),
      ...first.said,
      result('1', 'a.py'),
      { role: 'assistant', content: 'Done.' },
    ]);
  });

  test('the same ids in every turn do not confuse the results', () => {
    const conversations = new Conversations('Do the task.');
    const messages = [user('Do the task.')];
    const ids: string[] = [];
    for (const step of ['a', 'b', 'c']) {
      const turn = conversations.place(bridgeRequest({ messages: [...messages] }));
      const id = answer(conversations, turn, '', {});
      ids.push(id);
      messages.push(told(id), result(id, step));
    }
    const last = conversations.place(bridgeRequest({ messages }));
    expect(new Set(ids).size).toBe(3);
    expect(messagesOf(pathTo(last)).filter(({ role }) => role === 'tool')).toEqual(
      ['a', 'b', 'c'].map((c) => result('1', c)),
    );
  });

  test('results that are between the calls of one turn are all received', () => {
    const conversations = new Conversations('Do the task.');
    const first = conversations.place(bridgeRequest({ messages: [user('Do the task.')] }));
    const one = answer(conversations, first, '', { id: 'x' });
    const two = conversations.admit(first, { id: 'y', name: 'bash', arguments: '{}' });
    const second = conversations.place(
      bridgeRequest({
        messages: [user('Do the task.'), told(one), result(one, 'A'), told(two), result(two, 'B')],
      }),
    );
    expect(second.received).toEqual([result('x', 'A'), result('y', 'B')]);
    expect(second.messages).toEqual([
      user('Do the task.'),
      ...first.said,
      result('x', 'A'),
      result('y', 'B'),
    ]);
  });

  test('a text turn that the CLI goes on from is known by its words', () => {
    const conversations = new Conversations('Do the task.');
    const first = conversations.place(bridgeRequest({ messages: [user('Do the task.')] }));
    answer(conversations, first, 'Shall I?\n');
    const second = conversations.place(
      bridgeRequest({
        messages: [user('Do the task.'), { role: 'assistant', content: 'Shall I?' }, user('Yes.')],
      }),
    );
    expect(second.parent).toBe(first);
    expect(second.received).toEqual([user('Yes.')]);
  });

  test('calls without tools, with a schema or of a purpose stand aside, whatever history they bring', () => {
    const conversations = new Conversations('Do the task.');
    const first = conversations.place(bridgeRequest({ messages: [user('Do the task.')] }));
    const id = answer(conversations, first, '', {});
    const history = [user('Do the task.'), told(id), result(id, 'ok')];
    const asides = [
      bridgeRequest({ messages: [...history, user('Who speaks next?')], tools: [] }),
      bridgeRequest({ messages: history, schema: { type: 'object' } }),
      bridgeRequest({ messages: history, purpose: 'title' }),
    ].map((request) => conversations.place(request));
    expect(asides.map(({ conversation }) => conversation.kind)).toEqual(['utility', 'utility', 'utility']);
    expect(asides[0]?.received).toEqual([result('1', 'ok'), user('Who speaks next?')]);
    const second = conversations.place(bridgeRequest({ messages: history }));
    expect(second.parent).toBe(first);
    expect(conversations.main?.turns).toEqual([first, second]);
  });

  test('an agent of its own name is another conversation, also when it inherits the history', () => {
    const conversations = new Conversations('Do the task.');
    const first = conversations.place(bridgeRequest({ messages: [user('Do the task.')] }));
    const id = answer(conversations, first, '', { name: 'Agent' });
    const history = [user('Do the task.'), told(id)];
    const fork = conversations.place(
      bridgeRequest({ messages: [...history, result(id, 'You are the fork.'), user('List.')], agent: 'f1' }),
    );
    answer(conversations, fork, 'Listed.');
    const back = conversations.place(bridgeRequest({ messages: [...history, result(id, 'Listed.')] }));
    expect(fork.conversation).toMatchObject({ kind: 'subagent', agent: 'f1' });
    expect(messagesOf(pathTo(fork)).map(({ content }) => content)).toEqual([
      'You are the fork.',
      'List.',
      'Listed.',
    ]);
    expect(messagesOf(pathTo(back)).map(({ content }) => content)).toEqual(['Do the task.', '', 'Listed.']);
  });

  test('an agent without a name is told by its system text', () => {
    const conversations = new Conversations('Do the task.');
    conversations.place(bridgeRequest({ messages: [system, user('Do the task.')] }));
    const other = conversations.place(
      bridgeRequest({
        messages: [{ role: 'system', content: 'You are a helper.' }, user('Do the task. A part of it.')],
      }),
    );
    expect(other.conversation.kind).toBe('subagent');
  });

  test('a history that was shortened goes on with the main conversation, and repeats nothing', () => {
    const conversations = new Conversations('Do the task.');
    const first = conversations.place(bridgeRequest({ messages: [system, user('Do the task.')] }));
    const id = answer(conversations, first, '', {});
    const second = conversations.place(
      bridgeRequest({ messages: [system, user('Do the task.'), told(id), result(id, 'ok')] }),
    );
    answer(conversations, second, 'Half of it.');
    const third = conversations.place(
      bridgeRequest({ messages: [system, user('Do the task.'), user('So far: half.'), user('Go on.')] }),
    );
    expect(third.conversation.kind).toBe('main');
    expect(third.parent).toBe(second);
    expect(third.received).toEqual([user('So far: half.'), user('Go on.')]);
    // The model sees what the CLI sent, not what we remember.
    expect(third.messages.map(({ content }) => content)).toEqual([
      system.content,
      'Do the task.',
      'So far: half.',
      'Go on.',
    ]);
  });

  test('an old result that the CLI masked is noted, and the transcript keeps the whole one', () => {
    const conversations = new Conversations('Do the task.');
    const first = conversations.place(bridgeRequest({ messages: [user('Do the task.')] }));
    const one = answer(conversations, first, '', {});
    const second = conversations.place(
      bridgeRequest({ messages: [user('Do the task.'), told(one), result(one, 'a long text')] }),
    );
    const two = answer(conversations, second, '', {});
    const third = conversations.place(
      bridgeRequest({
        messages: [user('Do the task.'), told(one), result(one, '[masked]'), told(two), result(two, 'ok')],
      }),
    );
    expect(third.rewritten).toEqual([result('1', '[masked]')]);
    expect(messagesOf(pathTo(third)).map(({ content }) => content)).toEqual([
      'Do the task.',
      '',
      'a long text',
      '',
      'ok',
    ]);
  });

  test('an answer that the CLI threw away and asked for again is not on the path', () => {
    const conversations = new Conversations('Do the task.');
    const messages = [user('Do the task.')];
    const first = conversations.place(bridgeRequest({ messages }));
    answer(conversations, first, '');
    const again = conversations.place(bridgeRequest({ messages }));
    answer(conversations, again, 'Done.');
    expect(again.parent).toBeNull();
    expect(messagesOf(pathTo(again))).toEqual([
      user('Do the task.'),
      { role: 'assistant', content: 'Done.' },
    ]);
    expect(conversations.main?.turns).toEqual([first, again]);
  });
});
