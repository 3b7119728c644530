import { describe, expect, it } from 'vitest';
import { runAgent } from './run-agent.ts';
import { agentOptions, saying } from './testing/agent-run.ts';
import { bashLine, memorySandbox } from './testing/memory-sandbox.ts';
import { textInstructions } from './text-dialogue.ts';
import { bashTool } from './tools/bash.ts';
import { doneTool } from './tools/done.ts';

const tools = [bashTool.tool, doneTool.tool];
const LS = 'I look.\n\n```bash\nls\n```';
const END = 'Done.\n\n```action\n{"tool": "done"}\n```';

describe('the text protocol', () => {
  it('is explained at the end of the system message, tools and all, and offers no native tools', async () => {
    const subject = saying(END);
    const outcome = await runAgent(agentOptions({ subject, protocol: 'text' }));
    const [request] = subject.requests;
    expect(request?.tools).toBeUndefined();
    expect(request?.messages[0]).toEqual({
      role: 'system',
      content: `You are an agent.\n\n${textInstructions(tools)}`,
    });
    expect(outcome.state.agent).toMatchObject({ protocol: 'text', instructions: textInstructions(tools) });
  });

  it('has a system message of its own where the task has none', async () => {
    const subject = saying(END);
    await runAgent(agentOptions({ subject, protocol: 'text', messages: [{ role: 'user', content: 'Go.' }] }));
    expect(subject.requests[0]?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it('leaves the same transcript as native calls', async () => {
    const sandbox = memorySandbox({ exec: () => ({ stdout: 'a.txt\n' }) });
    const outcome = await runAgent(agentOptions({ subject: saying(LS, END), sandbox, protocol: 'text' }));
    expect(outcome.output).toEqual([
      {
        role: 'assistant',
        content: 'I look.',
        toolCalls: [{ id: 'turn-1', name: 'bash', arguments: '{"command":"ls"}' }],
      },
      { role: 'tool', toolCallId: 'turn-1', content: 'a.txt' },
      { role: 'assistant', content: 'Done.', toolCalls: [{ id: 'turn-2', name: 'done', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'turn-2', content: 'The session has ended.' },
    ]);
    expect(outcome).toMatchObject({ status: 'completed', response: 'Done.' });
    expect(sandbox.commands.map(bashLine)).toEqual(['ls']);
  });

  it('shows the checkpoint its own words unchanged, and results as user messages', async () => {
    const sandbox = memorySandbox({ exec: () => ({ stdout: 'a.txt\n' }) });
    const subject = saying(LS, '```bash\n```\n```bash\n```', END);
    await runAgent(agentOptions({ subject, sandbox, protocol: 'text' }));
    expect(subject.requests[2]?.messages.slice(2)).toEqual([
      { role: 'assistant', content: LS },
      { role: 'user', content: 'Result:\na.txt' },
      { role: 'assistant', content: '```bash\n```\n```bash\n```' },
      { role: 'user', content: expect.stringContaining('2 blocks') },
    ]);
  });

  it('answers what can’t be read, in the transcript too, and goes on', async () => {
    const outcome = await runAgent(
      agentOptions({ subject: saying('```sh\nls\n```', END), protocol: 'text' }),
    );
    expect(outcome.output.slice(0, 2)).toEqual([
      { role: 'assistant', content: '```sh\nls\n```' },
      { role: 'user', content: expect.stringContaining('labelled "sh"') },
    ]);
    expect(outcome).toMatchObject({ status: 'completed', state: { agent: { malformed: 1, steps: 2 } } });
  });

  it('answers an unknown tool as native calls are answered', async () => {
    const fly = '```action\n{"tool": "fly"}\n```';
    const subject = saying(fly, END);
    const outcome = await runAgent(agentOptions({ subject, protocol: 'text' }));
    expect(outcome.output[1]).toMatchObject({
      role: 'tool',
      isError: true,
      content: expect.stringContaining('no tool "fly"'),
    });
    expect(subject.requests[1]?.messages.at(-1)?.content).toMatch(/^Error:\nThere is no tool "fly"/);
  });

  it('reminds of tools where a turn uses none', async () => {
    const subject = saying('Hm.', END);
    const outcome = await runAgent(agentOptions({ subject, protocol: 'text', reminder: 'Act.' }));
    expect(outcome.output[1]).toEqual({ role: 'user', content: 'Act.' });
  });

  it('tells of a tool with one text by a block of its name, of others by their schema', () => {
    const text = textInstructions(tools);
    expect(text).toContain('```bash\n…\n```');
    expect(text).toContain('{"tool": "NAME", "arguments": {…}}');
    expect(text).toMatch(/^- bash: Runs a command/m);
    expect(text).toMatch(/^- done: .*"summary"/m);
    expect(text).not.toContain('{{');
  });
});
