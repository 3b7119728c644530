export type {
  AgentEnding,
  AgentLimits,
  AgentOptions,
  AgentOutcome,
  AgentProtocol,
  AgentState,
  AgentTool,
  ToolResult,
} from './agent.ts';
export { failedOutcome } from './outcome.ts';
export { runAgent } from './run-agent.ts';
export { type BashOptions, bashTool } from './tools/bash.ts';
export { doneTool } from './tools/done.ts';
export { readTool } from './tools/read.ts';
export { writeTool } from './tools/write.ts';
