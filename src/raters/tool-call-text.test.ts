import { describe, expect, it } from 'vitest';
import { toolCallText } from './tool-call-text.ts';

const shown = (text: string) => toolCallText({ name: 'bash', arguments: text });

describe('toolCallText', () => {
  it('shows texts as they are, not as JSON writes them', () => {
    expect(shown('{"command": "echo \\"a\\""}')).toBe('bash\ncommand: echo "a"');
    expect(shown('{"path": "a.py", "content": "x = 1\\ny = 2\\n"}')).toBe(
      'bash\npath: a.py\ncontent:\nx = 1\ny = 2\n',
    );
  });

  it('shows other values as JSON', () => {
    expect(shown('{"from": 3, "all": true, "names": ["a", "b"]}')).toBe(
      'bash\nfrom: 3\nall: true\nnames: ["a","b"]',
    );
  });

  it('shows what is not a JSON object as the model wrote it', () => {
    for (const text of ['{"command": "ls', '"ls"', '[1]', 'ls -l']) expect(shown(text)).toBe(`bash\n${text}`);
  });

  it('shows a call without arguments by its name', () => {
    expect(shown('{}')).toBe('bash');
    expect(shown('')).toBe('bash');
  });
});
