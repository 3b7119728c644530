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
export { type FoundHarness, findHarness } from './harness/find.ts';
export { type HarnessName, harnessNames } from './harness/harness.ts';
export type { HarnessOutcome } from './harness/harness-outcome.ts';
export { installHarness } from './harness/install.ts';
export { harnessKinds } from './harness/kinds.ts';
export { type OpenHarness, openHarness } from './harness/open-harness.ts';
export { type HarnessOptions, runHarness } from './harness/run-harness.ts';
export { agentOptionsShape, agentSettings, conversationLimits, type ParsedAgentOptions } from './options.ts';
export { failedOutcome } from './outcome.ts';
export { lacksTools } from './refused.ts';
export { runAgent } from './run-agent.ts';
export { type BashOptions, bashTool } from './tools/bash.ts';
export { doneTool } from './tools/done.ts';
export { readTool } from './tools/read.ts';
export { writeTool } from './tools/write.ts';
