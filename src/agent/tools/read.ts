import type { AgentTool } from '../agent.ts';

/** Files that are larger must be read in parts by the shell. */
const MOST_BYTES = 1 << 20;

/** Reads a text file, or some lines of it. */
export const readTool: AgentTool = {
  tool: {
    name: 'read',
    description: 'Reads a text file, or some of its lines.',
    parameters: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'Absolute, or relative to the working directory.' },
        from: { type: 'integer', minimum: 1, description: 'The first line wanted; lines count from 1.' },
        lines: { type: 'integer', minimum: 1, description: 'How many lines; all that follow, if left out.' },
      },
      required: ['path'],
      additionalProperties: false,
    },
  },
  async run({ path, from, lines }, sandbox) {
    const bytes = await sandbox.readFile(path as string, { maxBytes: MOST_BYTES });
    if (bytes.includes(0)) {
      return { content: `${path} is not a text file (${bytes.length} bytes).`, isError: true };
    }
    const text = new TextDecoder().decode(bytes);
    if (from === undefined && lines === undefined) return { content: text };
    const first = (from as number | undefined) ?? 1;
    const all = text.split('\n');
    if (first > all.length) {
      return { content: `${path} has ${all.length} lines; line ${first} is not there.`, isError: true };
    }
    const until = lines === undefined ? undefined : first - 1 + (lines as number);
    return { content: all.slice(first - 1, until).join('\n') };
  },
};
