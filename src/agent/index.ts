export type { AgentTool } from './agent.ts';
export { findHarness } from './harness/find.ts';
export { type HarnessName, harnessNames } from './harness/harness.ts';
export { installHarness } from './harness/install.ts';
export { harnessKinds } from './harness/kinds.ts';
export { agentOptionsShape, conversationLimits, type ParsedAgentOptions } from './options.ts';
export { hasNoTools, haveTextProtocol, lacksTools } from './refused.ts';

export { bashTool } from './tools/bash.ts';
export { doneTool } from './tools/done.ts';
export { readTool } from './tools/read.ts';
export { writeTool } from './tools/write.ts';
export { withAgent } from './with-agent.ts';
