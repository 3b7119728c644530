import { describe, expect, it } from 'vitest';
import { ModelError } from '../core/index.ts';
import { scriptedModel } from '../models/index.ts';
import { runAgent } from './run-agent.ts';
import { agentOptions, bash, calls, done, saying } from './testing/agent-run.ts';
import { memorySandbox } from './testing/memory-sandbox.ts';

const busy = (usage = { inputTokens: 100, outputTokens: 10 }) =>
  scriptedModel('scripted:busy', () => ({ toolCalls: [bash('ls')], usage }));

describe('limits', () => {
  it('of steps: the tools of the last one still run, and the trial is there to be rated', async () => {
    const sandbox = memorySandbox();
    const outcome = await runAgent(agentOptions({ subject: busy(), sandbox, limits: { steps: 3 } }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'steps', value: 3 }, calls: 3 });
    expect(outcome.state.agent.ended).toBe('steps');
    expect(sandbox.commands).toHaveLength(3);
    expect(outcome.output.at(-1)).toMatchObject({ role: 'tool' });
  });

  it('of steps: an agent that ends with the last one has ended by itself', async () => {
    const subject = saying(calls(bash('ls')), calls(done()));
    expect(await runAgent(agentOptions({ subject, limits: { steps: 2 } }))).toMatchObject({
      status: 'completed',
    });
  });

  it('of steps: turns that call no tool count', async () => {
    const subject = scriptedModel('scripted:talker', () => 'Let me think.');
    const outcome = await runAgent(agentOptions({ subject, limits: { steps: 4 }, reminder: 'Act.' }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'steps', value: 4 } });
    expect(outcome.output).toHaveLength(8);
  });

  it('of tokens: in and out of all calls, looked at before each', async () => {
    const outcome = await runAgent(agentOptions({ subject: busy(), limits: { steps: 9, tokens: 300 } }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'tokens', value: 300 }, calls: 3 });
    expect(outcome.usage).toEqual({ inputTokens: 300, outputTokens: 30 });
  });

  it('of tokens: reckoned where the endpoint reports none, so that it holds there too', async () => {
    const subject = scriptedModel('scripted:mute', () => ({ toolCalls: [bash('x'.repeat(4000))] }));
    const outcome = await runAgent(agentOptions({ subject, limits: { steps: 50, tokens: 10_000 } }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'tokens', value: 10_000 } });
    // 1,000 tokens a turn, and every turn reads all before it: 1 + (1+1) + (2+1) + (3+1) thousands.
    expect(outcome.calls).toBe(4);
    expect(outcome.usage).toEqual({ inputTokens: null, outputTokens: null });
  });

  it('of time: a command under way is broken off, and the calls after it are answered', async () => {
    const sandbox = memorySandbox({ exec: () => new Promise(() => {}) });
    const subject = saying(calls(bash('sleep 1000', 'a'), bash('ls', 'b')));
    const outcome = await runAgent(agentOptions({ subject, sandbox, limits: { steps: 5, timeMs: 20 } }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'time', value: 20 } });
    expect(outcome.output.slice(1)).toMatchObject([
      { toolCallId: 'a', isError: true, content: 'Stopped: the time for this task is up.' },
      { toolCallId: 'b', isError: true, content: 'Not run: the time for this task is up.' },
    ]);
    expect(outcome.state.agent.elapsedMs).toBeGreaterThanOrEqual(19);
  });

  it('of time: a call under way is broken off', async () => {
    const subject = scriptedModel('scripted:slow', () => ({ response: 'late', latencyMs: 60_000 }));
    const outcome = await runAgent(agentOptions({ subject, limits: { steps: 5, timeMs: 20 } }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'time' }, response: null, output: [] });
  });

  it('of length: a last turn that was cut off', async () => {
    const outcome = await runAgent(agentOptions({ subject: saying({ response: 'So', stop: 'length' }) }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'tokens', value: 100 }, response: 'So' });
    expect(outcome.state.agent.ended).toBe('length');
  });

  it('of length: a cut-off call is answered, and the agent goes on', async () => {
    const cut = { id: 'c', name: 'bash', arguments: '{"command": "cat > a <<' };
    const subject = saying({ toolCalls: [cut], stop: 'length' }, calls(done()));
    const outcome = await runAgent(agentOptions({ subject }));
    expect(outcome.status).toBe('completed');
    expect(outcome.output[1]).toMatchObject({
      isError: true,
      content: expect.stringContaining('The limit of length cut your turn off.'),
    });
  });

  it.each([
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
    'prompt is too long: 201000 tokens > 200000 maximum',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    'the request exceeds the available context size, try increasing it',
    '`inputs` tokens + `max_new_tokens` must be <= 4096.',
  ])('of the checkpoint’s context: %s', async (message) => {
    const refused = new ModelError('rejected', `the server rejected the request (400): ${message}`);
    const used = { toolCalls: [bash('ls')], usage: { inputTokens: 8000, outputTokens: 100 } };
    const outcome = await runAgent(agentOptions({ subject: saying(used, refused) }));
    expect(outcome).toMatchObject({ status: 'limit', limit: { kind: 'tokens', value: 8100 } });
    expect(outcome.state.agent.ended).toBe('context');
  });

  it('a task that never fitted the context is an error: nothing was done', async () => {
    const refused = new ModelError('rejected', 'prompt is too long: 9 tokens > 8 maximum');
    expect(await runAgent(agentOptions({ subject: saying(refused) }))).toMatchObject({
      status: 'error',
      error: { kind: 'rejected' },
    });
  });

  it('of a tool’s answer: its middle is left out, and how much is said', async () => {
    const sandbox = memorySandbox({ exec: () => ({ stdout: `${'a'.repeat(5000)}${'z'.repeat(5000)}` }) });
    const outcome = await runAgent(
      agentOptions({ subject: saying(calls(bash('cat')), calls(done())), sandbox, toolOutput: 1000 }),
    );
    expect(outcome.output[1]?.content).toBe(
      `${'a'.repeat(500)}\n[… 9,000 characters left out here …]\n${'z'.repeat(500)}`,
    );
  });

  it('of the bodies that a transcript keeps: of what comes after, the size is said', async () => {
    const raw = { text: 'x'.repeat(3 << 20) };
    const subject = saying(
      ...Array.from({ length: 4 }, () => ({ toolCalls: [bash('ls')], raw })),
      calls(done()),
    );
    const outcome = await runAgent(agentOptions({ subject }));
    expect(outcome.raw.slice(0, 2)).toEqual([raw, raw]);
    expect(outcome.raw[2]).toEqual({ leftOut: `a body of ${(3 << 20) + 11} bytes` });
    // A later one that fits is kept.
    expect(outcome.raw[4]).toHaveProperty('scripted');
  });
});
