import { describe, expect, test } from 'vitest';
import type { Message } from '../../core/index.ts';
import { bridgeRequest, ModelError, scriptedSession, waiting } from './testing/session.ts';

const prompt: Message = { role: 'user', content: 'Do the task.' };
const call = (text = '{}', id = '1') => ({ id, name: 'bash', arguments: text });

describe('a session', () => {
  test("asks with the trial's own sampling, another seed each time, and the CLI's tools", async () => {
    const { session, asked } = scriptedSession(() => 'Done.');
    await session.answer(bridgeRequest({ messages: [prompt] }), waiting);
    await session.answer(
      bridgeRequest({ messages: [prompt, { role: 'assistant', content: 'Done.' }, prompt] }),
      waiting,
    );
    expect(asked[0]).toMatchObject({
      tools: [{ name: 'bash' }],
      sampling: { temperature: 0, maxTokens: 64 },
    });
    expect(asked[0]?.sampling.seed).not.toBe(asked[1]?.sampling.seed);
  });

  test('of parallel calls the readable ones run; the others are answered as errors with the next turn', async () => {
    const { session, asked } = scriptedSession(({ messages }) =>
      messages.length === 1
        ? { toolCalls: [call('{"a":1}', 'x'), call('{"a":', 'y'), call('[1]', 'z')] }
        : 'Done.',
    );
    const { calls } = await session.answer(bridgeRequest({ messages: [prompt] }), waiting);
    expect(calls.map((made) => made.arguments)).toEqual([{ a: 1 }]);
    const id = calls[0]?.id ?? '';
    const history: Message[] = [
      prompt,
      { role: 'assistant', content: '', toolCalls: [{ id, name: 'bash', arguments: '{"a":1}' }] },
      { role: 'tool', content: 'ran', toolCallId: id },
    ];
    await session.answer(bridgeRequest({ messages: history }), waiting);
    expect(asked[1]?.messages.slice(2)).toEqual([
      { role: 'tool', content: expect.stringContaining("can't be read"), toolCallId: 'y', isError: true },
      { role: 'tool', content: expect.stringContaining('not a JSON object'), toolCallId: 'z', isError: true },
      { role: 'tool', content: 'ran', toolCallId: 'x' },
    ]);
  });

  test('a turn whose calls are all malformed is told so at once, as a step of its own', async () => {
    const { session, asked } = scriptedSession(({ messages }) =>
      messages.length === 1 ? { toolCalls: [call('ls')] } : { toolCalls: [call('{"command":"ls"}')] },
    );
    const { calls } = await session.answer(bridgeRequest({ messages: [prompt] }), waiting);
    expect(calls).toHaveLength(1);
    expect(asked).toHaveLength(2);
    expect(session.steps).toBe(2);
    expect(session.conversations.turns[0]?.said.map(({ role }) => role)).toEqual([
      'assistant',
      'tool',
      'assistant',
    ]);
  });

  test('calls that stay malformed end at the step limit', async () => {
    const { session, asked, ends } = scriptedSession(() => ({ toolCalls: [call('ls')] }), {
      limits: { steps: 3 },
    });
    const answer = await session.answer(bridgeRequest({ messages: [prompt] }), waiting);
    expect(asked).toHaveLength(3);
    expect(answer).toMatchObject({ calls: [], stop: 'end' });
    expect(ends).toEqual(['steps']);
  });

  test('after the last step the CLI is answered without the model, and what it brought is kept', async () => {
    const { session, asked, ends } = scriptedSession(() => ({ toolCalls: [call()] }), {
      limits: { steps: 1 },
    });
    const { calls } = await session.answer(bridgeRequest({ messages: [prompt] }), waiting);
    const id = calls[0]?.id ?? '';
    const result: Message = { role: 'tool', content: 'the last result', toolCallId: id };
    const told: Message = {
      role: 'assistant',
      content: '',
      toolCalls: [{ id, name: 'bash', arguments: '{}' }],
    };
    const closing = await session.answer(bridgeRequest({ messages: [prompt, told, result] }), waiting);
    expect(closing).toMatchObject({ response: expect.stringContaining('used up'), calls: [], stop: 'end' });
    expect(asked).toHaveLength(1);
    expect(ends).toEqual(['steps']);
    expect(session.end).toEqual({ ended: 'steps', value: 1 });
    expect(session.conversations.turns[1]).toMatchObject({
      received: [{ content: 'the last result' }],
      said: [],
    });
  });

  test('calls on the side are not steps, but no more than steps', async () => {
    const { session, asked } = scriptedSession(() => 'A title', { limits: { steps: 2 } });
    const aside = bridgeRequest({ messages: [prompt], tools: [] });
    for (let i = 0; i < 3; i++) await session.answer(aside, waiting);
    expect(asked).toHaveLength(2);
    expect(session.steps).toBe(0);
    expect(session.end).toEqual({ ended: 'steps', value: 2 });
  });

  test('tokens in and out are counted, reckoned where the model does not say', async () => {
    const usage = { inputTokens: 90, outputTokens: 20 };
    const { session } = scriptedSession(() => ({ response: 'Going on.', usage }), {
      limits: { steps: 9, tokens: 100 },
    });
    const messages = [prompt];
    const first = await session.answer(bridgeRequest({ messages }), waiting);
    expect(first).toMatchObject({ inputTokens: 90, outputTokens: 20 });
    await session.answer(bridgeRequest({ messages }), waiting);
    expect(session.end).toEqual({ ended: 'tokens', value: 100 });
    const silent = scriptedSession(() => 'x'.repeat(400));
    expect((await silent.session.answer(bridgeRequest({ messages }), waiting)).outputTokens).toBe(100);
  });

  test("a model's error ends the session, and every later call meets it", async () => {
    const { session, asked, ends } = scriptedSession(() => ({ error: { kind: 'server', message: 'boom' } }));
    for (let i = 0; i < 2; i++) {
      await expect(session.answer(bridgeRequest({ messages: [prompt] }), waiting)).rejects.toThrow(
        ModelError,
      );
    }
    expect(asked).toHaveLength(1);
    expect(ends).toEqual(['model-error']);
  });

  test('an error on the side is left to the CLI; a fatal one ends the session', async () => {
    const kinds = ['server', 'auth'] as const;
    for (const kind of kinds) {
      const { session } = scriptedSession(() => ({ error: { kind } }));
      const aside = bridgeRequest({ messages: [prompt], tools: [] });
      await expect(session.answer(aside, waiting)).rejects.toThrow(ModelError);
      expect(session.end?.ended).toBe(kind === 'auth' ? 'model-error' : undefined);
    }
  });

  test('a conversation that outgrew the context is a limit, not a failure', async () => {
    let calls = 0;
    const { session } = scriptedSession(() =>
      calls++ === 0
        ? { toolCalls: [call()], usage: { inputTokens: 30, outputTokens: 5 } }
        : { error: { kind: 'rejected', message: "this model's maximum context length is 32" } },
    );
    await session.answer(bridgeRequest({ messages: [prompt] }), waiting);
    await expect(session.answer(bridgeRequest({ messages: [prompt] }), waiting)).rejects.toThrow();
    expect(session.end).toEqual({ ended: 'context', value: 35 });
  });

  test('a CLI that hangs up cancels its call; that ends nothing', async () => {
    const gone = new AbortController();
    const { session } = scriptedSession(() => new Promise(() => {}));
    const answer = session.answer(bridgeRequest({ messages: [prompt] }), gone.signal);
    gone.abort();
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    expect(session.end).toBeUndefined();
    expect(session.calls[0]?.outcome).toMatchObject({ kind: 'cancelled' });
  });

  test('the clock of the trial breaks a call off', async () => {
    const { session, clock } = scriptedSession(() => new Promise(() => {}), {
      limits: { steps: 1, timeMs: 20 },
    });
    await expect(session.answer(bridgeRequest({ messages: [prompt] }), waiting)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(session.end).toEqual({ ended: 'time', value: 20 });
    clock[Symbol.dispose]();
  });
});
