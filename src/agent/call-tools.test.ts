import { describe, expect, it } from 'vitest';
import { SandboxFileError, type ToolCall } from '../core/index.ts';
import { runAgent } from './run-agent.ts';
import { agentOptions, bash, calls, done, saying } from './testing/agent-run.ts';
import { bashLine, memorySandbox } from './testing/memory-sandbox.ts';
import { bashTool } from './tools/bash.ts';
import { doneTool } from './tools/done.ts';
import { readTool } from './tools/read.ts';

/** What the checkpoint is told of the calls of its first turn. */
async function answersTo(...toolCalls: ToolCall[]) {
  const sandbox = memorySandbox({ exec: (command) => ({ stdout: `ran ${bashLine(command)}` }) });
  const tools = [bashTool, readTool, doneTool];
  const subject = saying(calls(...toolCalls), calls(done('last')));
  const outcome = await runAgent(agentOptions({ subject, sandbox, tools }));
  const answers = outcome.output.filter(({ role }) => role === 'tool').slice(0, toolCalls.length);
  return { answers, outcome, subject, lines: sandbox.commands.map(bashLine) };
}

describe('tool calls', () => {
  it('of one turn are run in order, each answered', async () => {
    const { answers, lines } = await answersTo(bash('one', 'a'), bash('two', 'b'), bash('three', 'c'));
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(answers).toEqual([
      { role: 'tool', toolCallId: 'a', content: 'ran one' },
      { role: 'tool', toolCallId: 'b', content: 'ran two' },
      { role: 'tool', toolCallId: 'c', content: 'ran three' },
    ]);
  });

  it('wait for the one before', async () => {
    const order: string[] = [];
    const sandbox = memorySandbox({
      exec: async (command) => {
        const line = bashLine(command);
        order.push(`${line} begins`);
        await new Promise((resolve) => setTimeout(resolve, line === 'slow' ? 15 : 0));
        order.push(`${line} ends`);
        return {};
      },
    });
    const subject = saying(calls(bash('slow', 'a'), bash('quick', 'b'), done()));
    await runAgent(agentOptions({ subject, sandbox }));
    expect(order).toEqual(['slow begins', 'slow ends', 'quick begins', 'quick ends']);
  });

  it('after the one that ends the task are not run', async () => {
    const { answers, lines, outcome } = await answersTo(done(), bash('late', 'b'));
    expect(lines).toEqual([]);
    expect(answers[1]).toMatchObject({ isError: true, content: 'Not run: the session had ended before it.' });
    expect(outcome).toMatchObject({ status: 'completed', calls: 1 });
  });

  it.each([
    [
      { id: 'x', name: 'bsah', arguments: '{"command": "ls"}' },
      'There is no tool "bsah". Did you mean "bash"?',
    ],
    [{ id: 'x', name: 'teleport', arguments: '{}' }, 'The tools are: bash, read, done.'],
    [{ id: 'x', name: 'bash', arguments: '{"command": "ls"' }, 'The arguments of bash are not JSON'],
    [{ id: 'x', name: 'bash', arguments: '{"cmd": "ls"}' }, 'command: '],
    [{ id: 'x', name: 'bash', arguments: '{"command": ["ls"]}' }, 'must be text'],
    [{ id: 'x', name: 'bash', arguments: '"ls"' }, 'must be a map of keys'],
    [{ id: 'x', name: 'bash', arguments: '{"command": "ls", "user": "root"}' }, 'user'],
    [{ id: 'x', name: 'bash', arguments: '' }, 'command: '],
    [{ id: 'x', name: 'read', arguments: '{"path": "a", "from": 0}' }, 'from: '],
    [{ id: 'x', name: 'read', arguments: '{"path": "a", "from": 1.5}' }, 'from: '],
  ])('that are malformed are not run but answered: %j', async (call, words) => {
    const { answers, lines, outcome } = await answersTo(call);
    expect(lines).toEqual([]);
    expect(answers[0]).toMatchObject({ toolCallId: 'x', isError: true });
    expect(answers[0]?.content).toContain(words);
    expect(outcome).toMatchObject({
      status: 'completed',
      calls: 2,
      state: { agent: { malformed: 1, toolCalls: 1 } },
    });
  });

  it('without any arguments are calls with none', async () => {
    const { outcome } = await answersTo({ id: 'x', name: 'done', arguments: '' });
    expect(outcome).toMatchObject({ status: 'completed', calls: 1 });
  });

  it('with an id that comes twice in a turn: the second is refused, under an id of its own', async () => {
    const { answers, lines, subject } = await answersTo(bash('one', 'a'), bash('two', 'a'));
    expect(lines).toEqual(['one']);
    expect(answers).toMatchObject([
      { toolCallId: 'a', content: 'ran one' },
      { isError: true, content: expect.stringContaining('same id') },
    ]);
    const turn = subject.requests[1]?.messages.findLast(({ role }) => role === 'assistant');
    const sent = turn?.role === 'assistant' ? turn.toolCalls?.map(({ id }) => id) : [];
    expect(new Set(sent).size).toBe(2);
    expect(answers.map((answer) => answer.role === 'tool' && answer.toolCallId)).toEqual(sent);
  });

  it('with an id of an earlier turn are run: servers without ids count anew each turn', async () => {
    const sandbox = memorySandbox();
    const subject = saying(calls(bash('one', 'call_0')), calls(bash('two', 'call_0')), calls(done()));
    await runAgent(agentOptions({ subject, sandbox }));
    expect(sandbox.commands.map(bashLine)).toEqual(['one', 'two']);
  });

  it('beyond thirty-two in a turn are answered, not run', async () => {
    const { answers, lines } = await answersTo(
      ...Array.from({ length: 40 }, (_, i) => bash(`n${i}`, `c${i}`)),
    );
    expect(lines).toHaveLength(32);
    expect(answers).toHaveLength(40);
    expect(answers[32]).toMatchObject({ isError: true, content: expect.stringContaining('at most 32') });
  });

  it('whose file can’t be read are answered with why', async () => {
    const { answers } = await answersTo({ id: 'x', name: 'read', arguments: '{"path": "nowhere"}' });
    expect(answers[0]).toMatchObject({ isError: true, content: 'nowhere: there is no such file' });
  });

  it('of an eval’s own tool may throw a SandboxFileError', async () => {
    const tool = { name: 'peek', description: '', parameters: { type: 'object' } };
    const run = async () => Promise.reject(new SandboxFileError('it is a folder'));
    const subject = saying(calls({ id: '1', name: 'peek', arguments: '{}' }), 'Well.');
    const outcome = await runAgent(agentOptions({ subject, tools: [{ tool, run }] }));
    expect(outcome.output[1]).toMatchObject({ isError: true, content: 'it is a folder' });
  });
});
