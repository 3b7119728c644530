import { describe, expect, it } from 'vitest';
import { ModelError } from '../core/index.ts';
import { stepSeed } from '../models/index.ts';
import { runAgent } from './run-agent.ts';
import { agentOptions, bash, calls, done, saying } from './testing/agent-run.ts';
import { bashLine, memorySandbox } from './testing/memory-sandbox.ts';

const echo = () =>
  memorySandbox({
    exec: (command) => ({ stdout: `ran ${bashLine(command)}\n` }),
  });

describe('runAgent', () => {
  it('goes on turn by turn until the agent ends the task', async () => {
    const subject = saying(
      { thoughts: 'Look first.', response: 'I look.', toolCalls: [bash('ls')] },
      { response: 'All tidy.', toolCalls: [done()] },
    );
    const outcome = await runAgent(agentOptions({ subject, sandbox: echo() }));
    expect(outcome).toMatchObject({
      status: 'completed',
      response: 'All tidy.',
      thoughts: null,
      stop: 'tool-calls',
    });
    expect(outcome).toMatchObject({ calls: 2, requests: 2 });
    expect(outcome.raw).toHaveLength(2);
    expect(outcome.output).toEqual([
      { role: 'assistant', content: 'I look.', thoughts: 'Look first.', toolCalls: [bash('ls')] },
      { role: 'tool', toolCallId: 'c1', content: 'ran ls' },
      { role: 'assistant', content: 'All tidy.', toolCalls: [done()] },
      { role: 'tool', toolCallId: 'end', content: 'The session has ended.' },
    ]);
    expect(outcome.state.agent).toMatchObject({
      protocol: 'native',
      ended: 'done',
      tools: ['bash', 'done'],
      steps: 2,
      toolCalls: 2,
      malformed: 0,
    });
  });

  it('shows the checkpoint all that came before, and offers its tools each time', async () => {
    const subject = saying(calls(bash('ls')), calls(done()));
    const options = agentOptions({ subject, sandbox: echo() });
    const { output } = await runAgent(options);
    expect(subject.requests[0]?.messages).toEqual(options.messages);
    expect(subject.requests[1]?.messages).toEqual([...options.messages, ...output.slice(0, 2)]);
    expect(subject.requests.map(({ tools }) => tools?.map(({ name }) => name))).toEqual([
      ['bash', 'done'],
      ['bash', 'done'],
    ]);
  });

  it('hands a turn’s own call objects back, by which clients know its thoughts again', async () => {
    const call = bash('ls');
    const subject = saying(calls(call), calls(done()));
    await runAgent(agentOptions({ subject }));
    const turn = subject.requests[1]?.messages.find(({ role }) => role === 'assistant');
    expect(turn?.role === 'assistant' && turn.toolCalls?.[0]).toBe(call);
  });

  it('asks each step with a seed of its own, the same ones every time', async () => {
    const seeds = async () => {
      const subject = saying(calls(bash('a')), calls(bash('b')), calls(done()));
      await runAgent(agentOptions({ subject }));
      return subject.requests.map(({ sampling }) => sampling.seed);
    };
    const first = await seeds();
    expect(new Set(first).size).toBe(3);
    expect(first).toEqual([7, stepSeed(7, 2), stepSeed(7, 3)]);
    expect(await seeds()).toEqual(first);
  });

  it('ends with a turn that calls no tool', async () => {
    const outcome = await runAgent(agentOptions({ subject: saying('I would rather not.') }));
    expect(outcome).toMatchObject({ status: 'completed', response: 'I would rather not.', stop: 'end' });
    expect(outcome.state.agent.ended).toBe('silent');
  });

  it('reminds instead, where the eval has a reminder', async () => {
    const subject = saying('Hm.', '', calls(done()));
    const outcome = await runAgent(agentOptions({ subject, reminder: 'Use a tool.' }));
    expect(outcome.output.map(({ role, content }) => [role, content])).toEqual([
      ['assistant', 'Hm.'],
      ['user', 'Use a tool.'],
      ['assistant', ''],
      ['user', 'Use a tool.'],
      ['assistant', ''],
      ['tool', 'The session has ended.'],
    ]);
    // An empty turn is not sent, and no two user turns follow each other.
    expect(subject.requests[2]?.messages.slice(2)).toEqual([
      { role: 'assistant', content: 'Hm.' },
      { role: 'user', content: 'Use a tool.\n\nUse a tool.' },
    ]);
  });

  it('ends where the provider says that the checkpoint declined, and runs nothing of that turn', async () => {
    const sandbox = memorySandbox();
    const subject = saying({ response: 'No.', toolCalls: [bash('rm')], stop: 'refusal' });
    const outcome = await runAgent(agentOptions({ subject, sandbox, reminder: 'Use a tool.' }));
    expect(outcome).toMatchObject({ status: 'completed', stop: 'refusal' });
    expect(sandbox.commands).toEqual([]);
  });

  it('adds up what its calls used', async () => {
    const usage = { inputTokens: 10, outputTokens: 5 };
    const subject = saying({ toolCalls: [bash('ls')], usage }, { toolCalls: [done()], usage });
    expect((await runAgent(agentOptions({ subject }))).usage).toEqual({ inputTokens: 20, outputTokens: 10 });
  });

  it('keeps the turns of a trial whose endpoint failed', async () => {
    const error = new ModelError('server', 'it is down', { status: 500, attempts: 4, raw: 'oops' });
    const outcome = await runAgent(agentOptions({ subject: saying(calls(bash('ls')), error) }));
    expect(outcome).toMatchObject({
      status: 'error',
      error: { kind: 'server', message: 'it is down', status: 500, raw: 'oops' },
      calls: 2,
      requests: 5,
    });
    expect(outcome.output).toHaveLength(2);
    expect(outcome.state.agent.ended).toBe('model-error');
  });

  it('stops the run where no call to the endpoint can succeed', async () => {
    const subject = saying(new ModelError('auth', 'bad key'));
    await expect(runAgent(agentOptions({ subject }))).rejects.toThrow('bad key');
  });

  it('throws once it is aborted, in a call and in a command', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const subject = saying(calls(bash('sleep')));
    const sandbox = memorySandbox({
      exec: () => {
        controller.abort(new Error('stopped'));
        return new Promise(() => {});
      },
    });
    await expect(runAgent(agentOptions({ subject, sandbox, signal }))).rejects.toThrow('stopped');
    await expect(runAgent(agentOptions({ subject: saying(''), signal }))).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  it('leaves nothing on the run’s signal', async () => {
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: never, options?: never) => {
      listeners.add(listener);
      add(type, listener, options);
    };
    signal.removeEventListener = (type: string, listener: never) => {
      listeners.delete(listener);
      remove(type, listener);
    };
    await runAgent(
      agentOptions({ subject: saying(calls(done())), signal, limits: { steps: 5, timeMs: 60_000 } }),
    );
    expect(listeners.size).toBe(0);
  });

  it('is an error when the sandbox dies, never a pass, and answers the calls that it leaves', async () => {
    const sandbox = memorySandbox();
    sandbox.die();
    const subject = saying(calls(bash('ls'), done()));
    const outcome = await runAgent(agentOptions({ subject, sandbox }));
    expect(outcome).toMatchObject({
      status: 'error',
      error: { kind: 'sandbox', message: 'the sandbox is gone' },
    });
    expect(outcome.output.slice(1)).toMatchObject([
      { toolCallId: 'c1', isError: true },
      { toolCallId: 'end', isError: true },
    ]);
  });

  it('throws what is wrong with a tool’s own code', async () => {
    const tool = { name: 'bad', description: '', parameters: { type: 'object' } };
    const tools = [{ tool, run: async () => Promise.reject(new TypeError('bug')) }];
    const subject = saying(calls({ id: '1', name: 'bad', arguments: '{}' }));
    await expect(runAgent(agentOptions({ subject, tools }))).rejects.toThrow(TypeError);
  });
});
