import type { Sandbox } from '../../../core/index.ts';
import { type Respond, scriptedModel } from '../../../models/index.ts';
import { openSandboxes } from '../../../sandbox/index.ts';
import type { AgentLimits } from '../../agent.ts';
import type { HarnessName } from '../harness.ts';
import { openHarness } from '../open-harness.ts';
import { type HarnessOptions, runHarness } from '../run-harness.ts';

/** How each CLI's shell tool is called. */
const SHELLS: Readonly<Record<HarnessName, (command: string) => { name: string; args: object }>> = {
  'gemini-cli': (command) => ({ name: 'run_shell_command', args: { command, description: 'a step' } }),
  codex: (cmd) => ({ name: 'exec_command', args: { cmd } }),
  'claude-code': (command) => ({ name: 'Bash', args: { command, description: 'a step' } }),
};

/** A call of a CLI's shell tool, under the id that a careless model gives every call. */
export function shell(name: HarnessName, command: string) {
  const { name: tool, args } = SHELLS[name](command);
  return { id: 'call', name: tool, arguments: JSON.stringify(args) };
}

/** A slow solution, its timing script and a real CLI in a real sandbox, with a scripted model; `after` looks at what is left. */
export async function harnessTrial<T>(
  name: HarnessName,
  respond: Respond,
  after: (sandbox: Sandbox) => Promise<T>,
  {
    limits = { steps: 20, timeMs: 90_000 },
    ...rest
  }: { limits?: AgentLimits } & Partial<Pick<HarnessOptions, 'system' | 'signal'>> = {},
) {
  const signal = rest.signal ?? new AbortController().signal;
  await using sandboxes = await openSandboxes({ engine: 'bubblewrap' });
  await using harness = await openHarness(name);
  const files = { 'solve.py': { data: SOLUTION }, 'time.sh': { data: TIMING, mode: 0o755 } };
  await using sandbox = await sandboxes.open(harness.spec({ image: { kind: 'system' }, files }), signal);
  const outcome = await runHarness({
    harness,
    sandbox,
    subject: scriptedModel('scripted:agent', respond),
    prompt: PROMPT,
    sampling: { temperature: 0, topP: null, maxTokens: 1000, seed: 1 },
    limits,
    ...rest,
    signal,
  });
  return { outcome, left: await after(sandbox) };
}

export const PROMPT = 'Make solve.py fast, then run ./time.sh.';
const SOLUTION = 'print(sum(i for i in range(3_000_001)))\n';
const TIMING = '#!/bin/sh\npython3 solve.py && echo timed\n';
