import { count } from '../../format/index.ts';
import type { AgentTool } from '../agent.ts';

/** Writes a whole file, making its folders. */
export const writeTool: AgentTool = {
  tool: {
    name: 'write',
    description: 'Writes a file, replacing what was there. Folders on the way are made.',
    parameters: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'Absolute, or relative to the working directory.' },
        content: { type: 'string', description: 'The whole content of the file.' },
      },
      required: ['path', 'content'],
      additionalProperties: false,
    },
  },
  async run({ path, content }, sandbox) {
    const text = content as string;
    await sandbox.writeFile(path as string, text);
    return { content: `Wrote ${count(Buffer.byteLength(text))} bytes to ${path}.` };
  },
};
