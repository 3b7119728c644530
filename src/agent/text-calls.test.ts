import { describe, expect, it } from 'vitest';
import type { Tool } from '../core/index.ts';
import { processorMs } from '../core/testing/processor-time.ts';
import { readTextCalls } from './text-calls.ts';
import { toolNamed } from './tool-name.ts';

const tools: readonly Tool[] = [
  {
    name: 'bash',
    description: 'Runs a command.',
    parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  },
  { name: 'done', description: 'Ends.', parameters: { type: 'object', properties: {} } },
];

describe('calls that a server left in the text', () => {
  it.each<[string, string]>([
    ['Hermes', '<tool_call>\n{"name": "bash", "arguments": {"command": "ls -la"}}\n</tool_call>'],
    ['Hermes, last mark cut off', '<tool_call>\n{"name": "bash", "arguments": {"command": "ls -la"}}\n'],
    [
      'Hermes, OpenAI’s own object',
      '<tool_call>{"type":"function","function":{"name":"bash","arguments":{"command":"ls -la"}}}</tool_call>',
    ],
    ['Llama 3', '{"name": "bash", "parameters": {"command": "ls -la"}}'],
    ['Llama 3, tag', '<|python_tag|>{"name": "bash", "parameters": {"command": "ls -la"}}'],
    ['Llama 3.1', '<function=bash>{"command": "ls -la"}</function>'],
    ['Mistral, list', '[TOOL_CALLS][{"name": "bash", "arguments": {"command": "ls -la"}}]'],
    [
      'Mistral, list and end token',
      '[TOOL_CALLS] [{"name": "bash", "arguments": {"command": "ls -la"}}]</s>',
    ],
    ['Mistral, name', '[TOOL_CALLS]bash{"command": "ls -la"}'],
    ['Mistral, name and mark', '[TOOL_CALLS]bash[ARGS]{"command": "ls -la"}'],
    ['Qwen-Coder', '<function=bash>\n<parameter=command>\nls -la\n</parameter>\n</function>'],
    [
      'Qwen-Coder, wrapped',
      '<tool_call>\n<function=bash>\n<parameter=command>\nls -la\n</parameter>\n</function>\n</tool_call>',
    ],
    ['Granite, Phi', '<|tool_call|>[{"name": "bash", "arguments": {"command": "ls -la"}}]'],
    [
      'Kimi',
      '<|tool_calls_section_begin|><|tool_call_begin|>functions.bash:0<|tool_call_argument_begin|>{"command": "ls -la"}<|tool_call_end|><|tool_calls_section_end|>',
    ],
    [
      'DeepSeek',
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>bash\n```json\n{"command": "ls -la"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ],
    [
      'invoke',
      '<function_calls>\n<invoke name="bash">\n<parameter name="command">ls -la</parameter>\n</invoke>\n</function_calls>',
    ],
  ])('%s', (_, text) => {
    const read = readTextCalls(`I look.\n${text}`.replace(/^I look\.\n(?=\{|<\|python)/, ''), tools);
    expect(read).toMatchObject({ kind: 'calls' });
    if (read.kind !== 'calls') return;
    expect(read.calls).toHaveLength(1);
    expect(toolNamed(read.calls[0]!.name, tools)?.name).toBe('bash');
    expect(JSON.parse(read.calls[0]!.arguments)).toEqual({ command: 'ls -la' });
    expect(['I look.', '']).toContain(read.around);
  });

  it('may be several, with text around them', () => {
    const call = (command: string) =>
      `<tool_call>{"name":"bash","arguments":{"command":"${command}"}}</tool_call>`;
    expect(readTextCalls(`First.\n${call('a')}\n${call('b')}\nThen I wait.`, tools)).toEqual({
      kind: 'calls',
      calls: [
        { name: 'bash', arguments: '{"command":"a"}' },
        { name: 'bash', arguments: '{"command":"b"}' },
      ],
      around: 'First.\n\nThen I wait.',
    });
    expect(
      readTextCalls('{"name":"bash","parameters":{"command":"a"}}; {"name":"done","parameters":{}}', tools),
    ).toMatchObject({ calls: [{ name: 'bash' }, { name: 'done' }] });
  });

  it('keep the lines of a value between tags', () => {
    const read = readTextCalls(
      '<function=bash>\n<parameter=command>\ncat <<X\n  a\nX\n</parameter>\n</function>',
      tools,
    );
    expect(read).toMatchObject({ calls: [{ arguments: JSON.stringify({ command: 'cat <<X\n  a\nX' }) }] });
  });

  it.each([
    '<tool_call>{"name": "bash", "arguments": {"command": "ls"',
    '<tool_call>ls -la</tool_call>',
    '[TOOL_CALLS]bash',
    '[TOOL_CALLS][]',
    '<function=bash><parameter=command>ls',
    '<function=bash><parameter=command>a</parameter><parameter=command>b</parameter></function>',
    '<invoke name="bash',
    '<|tool_call_begin|>functions.bash:0<|tool_call_end|>',
  ])('that cannot be read are a fault, and nothing is run: %s', (text) => {
    expect(readTextCalls(text, tools)).toMatchObject({ kind: 'fault' });
  });

  it.each([
    'I would run ls.',
    '{"answer": 4}',
    '{"name": "Anna", "parameters": {"age": 3}}',
    '{"name": "bash"}',
    'Use {"name": "bash", "parameters": {"command": "ls"}} for that.',
    '',
  ])('are not seen in other answers: %s', (text) => {
    expect(readTextCalls(text, tools)).toEqual({ kind: 'none' });
  });

  it('are not looked for where no tools were offered', () => {
    expect(readTextCalls('<tool_call>{"name":"bash","arguments":{}}</tool_call>', [])).toEqual({
      kind: 'none',
    });
  });

  it.each([
    '<tool_call>',
    '<function=',
    '<invoke name="',
    '[TOOL_CALLS]',
    '{"parameters"',
    '};{',
    '<｜tool▁call▁begin｜>',
  ])('take time in proportion to the text: %s', (mark) => {
    const time = (repeats: number) => {
      const text = mark.repeat(repeats);
      const times = Array.from({ length: 3 }, () => processorMs(() => readTextCalls(text, tools)));
      return Math.min(...times);
    };
    time(1000);
    const [short, long] = [time(20_000), time(80_000)];
    expect(long).toBeLessThan(8 * short + 20);
  });
});

describe('the name of a tool', () => {
  it.each([
    'bash',
    'functions.bash',
    'functions.bash:0',
    'bash<|channel|>commentary',
    'default_api.bash',
    'bash[ARGS]',
    ' bash ',
  ])('%s', (name) => {
    expect(toolNamed(name, tools)).toBe(tools[0]);
  });

  it.each(['bas', 'notbash', 'functions.sh', 'bash.functions'])('%s names none', (name) => {
    expect(toolNamed(name, tools)).toBeUndefined();
  });

  it('is taken as it is where a tool has just that name', () => {
    const odd = { name: 'functions.bash' };
    expect(toolNamed('functions.bash', [{ name: 'bash' }, odd])).toBe(odd);
  });
});
