import type { AgentTool } from '../agent.ts';

/** Ends the task. Any arguments are taken, so that no agent is kept from ending by how it says so. */
export const doneTool: AgentTool = {
  tool: {
    name: 'done',
    description: 'Call this once the task is complete, and only then. It ends the session.',
    parameters: {
      type: 'object',
      properties: { summary: { type: 'string', description: 'What was done, in a sentence or two.' } },
    },
  },
  run: async () => ({ content: 'The session has ended.', ends: true }),
};
