import { describe, expect, it } from 'vitest';
import { readAction } from './text-protocol.ts';
import { bashTool } from './tools/bash.ts';
import { doneTool } from './tools/done.ts';
import { readTool } from './tools/read.ts';

const tools = [bashTool, readTool, doneTool].map(({ tool }) => tool);
const read = (text: string, cutOff = false) => readAction(text, tools, { cutOff });
const bash = (command: string, around = '') => ({
  kind: 'call',
  name: 'bash',
  arguments: JSON.stringify({ command }),
  around,
});

describe('readAction', () => {
  it('reads a tool with one text for an argument from a block of its name', () => {
    expect(read('```bash\nls -l\n```')).toEqual(bash('ls -l'));
  });

  it('keeps what is around the block, apart', () => {
    expect(read('First I look.\n\n```bash\nls\n```\n\nThen I see.\n')).toEqual(
      bash('ls', 'First I look.\n\nThen I see.'),
    );
  });

  it('takes the block as it is: empty lines, indentation, backslashes', () => {
    const body = "cat > a.py <<'EOF'\ndef f():\n\n    return '\\n'\nEOF";
    expect(read(`\`\`\`bash\n${body}\n\`\`\``)).toEqual(bash(body));
  });

  it('lets more backticks fence what holds three', () => {
    const body = "cat > a.md <<'EOF'\n```\ncode\n```\nEOF";
    expect(read(`\`\`\`\`bash\n${body}\n\`\`\`\``)).toEqual(bash(body));
  });

  it('reads lines that end as on Windows, and a label in capitals', () => {
    expect(read('```Bash\r\nls\r\n```\r\n')).toEqual(bash('ls'));
  });

  it('reads any tool from an action block', () => {
    expect(read('```action\n{"tool": "read", "arguments": {"path": "a", "from": 3}}\n```')).toEqual({
      kind: 'call',
      name: 'read',
      arguments: '{"path":"a","from":3}',
      around: '',
    });
    expect(read('```action\n{"tool": "done"}\n```')).toMatchObject({
      kind: 'call',
      name: 'done',
      arguments: '{}',
    });
    expect(read('```action\n{"tool": "bash", "arguments": {"command": "ls"}}\n```')).toEqual(bash('ls'));
  });

  it('leaves unknown tools and wrong arguments to what answers native calls too', () => {
    expect(read('```action\n{"tool": "fly"}\n```')).toMatchObject({ kind: 'call', name: 'fly' });
  });

  it('finds no action in prose, nor in a block that shows something', () => {
    expect(read('I am done here.')).toEqual({ kind: 'none' });
    expect(read('')).toEqual({ kind: 'none' });
    expect(read('It now reads:\n```python\nprint(1)\n```')).toEqual({ kind: 'none' });
    expect(read('Use `bash` for it.')).toEqual({ kind: 'none' });
    expect(read('```json\n{"a": 1}\n```')).toEqual({ kind: 'none' });
  });

  it('reads the action beside a block that shows something', () => {
    expect(read('The error:\n```text\nboom\n```\nSo:\n```bash\nls\n```')).toMatchObject(
      bash('ls', 'The error:\n```text\nboom\n```\nSo:'),
    );
  });

  it.each([
    ['two actions', '```bash\nls\n```\n```bash\nrm\n```', '2 blocks'],
    ['two kinds of action', '```bash\nls\n```\n```action\n{"tool":"done"}\n```', '2 blocks'],
    ['a block without an end', '```bash\nls', 'no line of backticks closes it'],
    ['no JSON', '```action\n{"tool": done}\n```', 'is not JSON'],
    ['a list', '```action\n["done"]\n```', 'An action is'],
    ['no tool', '```action\n{"name": "done"}\n```', 'An action is'],
    [
      'arguments that are not an object',
      '```action\n{"tool": "bash", "arguments": "ls"}\n```',
      'An action is',
    ],
    ['more members', '```action\n{"tool": "done", "because": "x"}\n```', 'An action is'],
    ['a shell by another name', '```sh\nls\n```', 'labelled "sh"'],
    ['a call as JSON', '```json\n{"tool": "done"}\n```', 'labelled "json"'],
    ['a tool that needs an action block', '```read\na.txt\n```', 'labelled "read"'],
    ['a label that is nearly right', '```actions\n{"tool": "done"}\n```', 'Did you mean "action"?'],
  ])('refuses %s', (_, text, words) => {
    const action = read(text);
    expect(action).toMatchObject({ kind: 'fault', why: expect.stringContaining(words) });
  });

  it('says when the limit of length is why a block has no end', () => {
    expect(read('```bash\ncat <<', true)).toMatchObject({
      why: expect.stringContaining('the limit of length'),
    });
  });
});
