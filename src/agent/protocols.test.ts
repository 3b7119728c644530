import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModels } from '../models/index.ts';
import { answers, MisbehavingServer } from '../models/testing/misbehaving-server.ts';
import { runAgent } from './run-agent.ts';
import { agentOptions } from './testing/agent-run.ts';
import { memorySandbox } from './testing/memory-sandbox.ts';

/**
 * The same trial over every wire protocol that has tools: a turn with thoughts and two calls, then the end of the task.
 * `first` and `last` are what the provider says; `back` is what it must be sent after the first turn.
 */
const WIRES = [
  {
    prefix: '',
    first: chat('Look.', [
      ['a', 'bash', '{"command":"ls"}'],
      ['b', 'bash', '{"command":7}'],
    ]),
    last: chat('', [['c', 'done', '{}']]),
    tools: (body: Body) => body.tools.map(({ function: f }: Body) => f.name),
    back: (body: Body) => body.messages.slice(2),
    expected: [
      {
        role: 'assistant',
        content: 'I look.',
        reasoning: 'Look.',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } },
          { id: 'b', type: 'function', function: { name: 'bash', arguments: '{"command":7}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'a.txt' },
      { role: 'tool', tool_call_id: 'b', content: expect.stringContaining('must be text') },
    ],
  },
  {
    prefix: 'responses+',
    first: {
      status: 'completed',
      output: [
        {
          type: 'reasoning',
          id: 'r1',
          summary: [{ type: 'summary_text', text: 'Look.' }],
          encrypted_content: 'x',
        },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
        { type: 'function_call', call_id: 'a', name: 'bash', arguments: '{"command":"ls"}' },
        { type: 'function_call', call_id: 'b', name: 'bash', arguments: '{"command":7}' },
      ],
    },
    last: {
      status: 'completed',
      output: [{ type: 'function_call', call_id: 'c', name: 'done', arguments: '{}' }],
    },
    tools: (body: Body) => body.tools.map(({ name }: Body) => name),
    back: (body: Body) => body.input.slice(2),
    expected: [
      expect.objectContaining({ type: 'reasoning', encrypted_content: 'x' }),
      expect.objectContaining({ type: 'message' }),
      expect.objectContaining({ type: 'function_call', call_id: 'a' }),
      expect.objectContaining({ type: 'function_call', call_id: 'b' }),
      { type: 'function_call_output', call_id: 'a', output: 'a.txt' },
      { type: 'function_call_output', call_id: 'b', output: expect.stringContaining('must be text') },
    ],
  },
  {
    prefix: 'anthropic+',
    first: {
      content: [
        { type: 'thinking', thinking: 'Look.', signature: 'signed' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'a', name: 'bash', input: { command: 'ls' } },
        { type: 'tool_use', id: 'b', name: 'bash', input: { command: 7 } },
      ],
      stop_reason: 'tool_use',
    },
    last: { content: [{ type: 'tool_use', id: 'c', name: 'done', input: {} }], stop_reason: 'tool_use' },
    tools: (body: Body) => body.tools.map(({ name }: Body) => name),
    back: (body: Body) => body.messages.slice(1),
    expected: [
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Look.', signature: 'signed' },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'a', name: 'bash', input: { command: 'ls' } },
          { type: 'tool_use', id: 'b', name: 'bash', input: { command: 7 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'a.txt' },
          {
            type: 'tool_result',
            tool_use_id: 'b',
            content: expect.stringContaining('must be text'),
            is_error: true,
          },
        ],
      },
    ],
  },
  {
    prefix: 'gemini+',
    first: gemini([
      { text: 'Look.', thought: true },
      { text: 'I look.' },
      { functionCall: { name: 'bash', args: { command: 'ls' } }, thoughtSignature: 'signed' },
      { functionCall: { name: 'bash', args: { command: 7 } } },
    ]),
    last: gemini([{ functionCall: { name: 'done', args: {} } }]),
    tools: (body: Body) => body.tools[0].functionDeclarations.map(({ name }: Body) => name),
    back: (body: Body) => body.contents.slice(1),
    expected: [
      {
        role: 'model',
        parts: [
          { text: 'Look.', thought: true },
          { text: 'I look.' },
          { functionCall: { name: 'bash', args: { command: 'ls' } }, thoughtSignature: 'signed' },
          { functionCall: { name: 'bash', args: { command: 7 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'bash', response: { output: 'a.txt' } } },
          {
            functionResponse: {
              name: 'bash',
              response: { error: expect.stringContaining('must be text') },
            },
          },
        ],
      },
    ],
  },
];

// biome-ignore lint/suspicious/noExplicitAny: bodies of four wire protocols
type Body = any;

function chat(reasoning: string, calls: readonly (readonly [id: string, name: string, text: string])[]) {
  const tool_calls = calls.map(([id, name, text]) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  }));
  const content = reasoning === '' ? null : 'I look.';
  return {
    choices: [
      { message: { role: 'assistant', content, reasoning, tool_calls }, finish_reason: 'tool_calls' },
    ],
  };
}

function gemini(parts: readonly object[]) {
  return { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }] };
}

let server: MisbehavingServer;
beforeEach(async () => {
  server = await MisbehavingServer.start(answers(500, {}));
});
afterEach(() => server.stop());

function models() {
  return openModels({ folder: '.', env: {} });
}

const sandbox = () => memorySandbox({ exec: () => ({ stdout: 'a.txt\n' }) });

describe('an agent over the wire', () => {
  it.each(WIRES)('$prefix: tools, calls, results and thoughts go both ways', async (wire) => {
    server.next(answers(200, wire.first), answers(200, wire.last));
    await using opened = models();
    const subject = await opened.open({ ref: `${wire.prefix}${server.url}/v1#m` });
    const outcome = await runAgent(agentOptions({ subject, sandbox: sandbox(), protocol: 'auto' }));
    expect(outcome).toMatchObject({
      status: 'completed',
      calls: 2,
      state: { agent: { protocol: 'native', ended: 'done', malformed: 1 } },
    });
    expect(outcome.raw).toEqual([wire.first, wire.last]);
    expect(outcome.output[0]).toMatchObject({ role: 'assistant', content: 'I look.', thoughts: 'Look.' });
    const [asked, again] = server.received.map(({ body }) => body);
    expect(wire.tools(asked)).toEqual(['bash', 'done']);
    expect(wire.tools(again)).toEqual(['bash', 'done']);
    expect(wire.back(again)).toEqual(wire.expected);
  });

  it('completions+: by the text protocol, its results between the template’s turns', async () => {
    const says = (text: string) => answers(200, { choices: [{ text, finish_reason: 'stop' }] });
    server.next(says(' I look.\n\n```bash\nls\n```\n'), says('```action\n{"tool": "done"}\n```'));
    await using opened = models();
    const subject = await opened.open({ ref: `completions+${server.url}/v1#m` });
    const outcome = await runAgent(agentOptions({ subject, sandbox: sandbox(), protocol: 'auto' }));
    expect(outcome).toMatchObject({
      status: 'completed',
      state: { agent: { protocol: 'text', ended: 'done' } },
    });
    expect(server.received[1]?.body.prompt).toMatch(
      /\n\nUser: Tidy up\.\n\nAssistant: I look\.\n\n```bash\nls\n```\n\nUser: Result:\na\.txt\n\nAssistant:$/,
    );
    expect(server.received[0]?.body).not.toHaveProperty('tools');
  });

  it('turns to text where the server has no tools', async () => {
    const refusal = { error: { message: 'm does not support tools' } };
    const end = {
      choices: [{ message: { content: '```action\n{"tool": "done"}\n```' }, finish_reason: 'stop' }],
    };
    server.next(answers(400, refusal), answers(200, end));
    await using opened = models();
    const subject = await opened.open({ ref: `${server.url}/v1#m` });
    const outcome = await runAgent(agentOptions({ subject, protocol: 'auto' }));
    expect(outcome).toMatchObject({
      status: 'completed',
      calls: 2,
      requests: 2,
      state: { agent: { protocol: 'text', why: expect.stringContaining('does not support tools') } },
    });
  });

  it('gemini+: a call that Gemini itself could not read is answered, and the agent goes on', async () => {
    const malformed = { candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL' }] };
    server.next(
      answers(200, malformed),
      answers(200, gemini([{ functionCall: { name: 'done', args: {} } }])),
    );
    await using opened = models();
    const subject = await opened.open({ ref: `gemini+${server.url}/v1#m` });
    const outcome = await runAgent(agentOptions({ subject, protocol: 'auto' }));
    expect(outcome).toMatchObject({ status: 'completed', state: { agent: { ended: 'done', malformed: 1 } } });
    expect(outcome.output[1]).toMatchObject({
      role: 'user',
      content: expect.stringContaining('could not be read'),
    });
  });
});
