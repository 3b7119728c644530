import { z } from 'zod';
import { definedOnly } from '../core/defined-only.ts';
import type { ConversationLimits } from '../core/index.ts';
import type { AgentOptions } from './agent.ts';
import { harnessNames } from './harness/harness.ts';

/**
 * The options that every eval with agents has, to be spread into its own zod object:
 * `z.strictObject({ …, ...agentOptionsShape })`.
 */
export const agentOptionsShape = {
  harness: z
    .enum(['own', ...harnessNames])
    .default('own')
    .describe(
      'The loop that makes the checkpoint an agent: the eval’s own, or that of an agent CLI of somebody else’s.',
    ),
  steps: z
    .int()
    .positive()
    .default(50)
    .describe('The most turns of the checkpoint in one trial; the tools of the last one still run.'),
  tokens: z
    .int()
    .positive()
    .optional()
    .describe('The most tokens of one trial, in and out of all its calls together. Default: no limit.'),
  minutes: z
    .number()
    .positive()
    .optional()
    .describe(
      'The most wall time of one trial, waiting for the checkpoint included. It makes results hang on how busy the machine is: ' +
        'a guard against trials that hang. Default: no limit.',
    ),
  protocol: z
    .enum(['auto', 'native', 'text'])
    .default('auto')
    .describe(
      'How the checkpoint calls tools: its provider’s own calls, a fenced block a turn, or the first where it can.',
    ),
} as const;

export type ParsedAgentOptions = z.infer<z.ZodObject<typeof agentOptionsShape>>;

/** What the plan wants of them. Other people's CLIs know native calls alone. */
export function conversationLimits(options: ParsedAgentOptions): ConversationLimits {
  const { steps: turns, tokens, harness } = options;
  return definedOnly({ turns, tokens, protocol: harness === 'own' ? options.protocol : 'native' });
}

/** What `runAgent` wants of them. */
export function agentSettings(options: ParsedAgentOptions): Pick<AgentOptions, 'limits' | 'protocol'> {
  const { steps, tokens, minutes, protocol } = options;
  const timeMs = minutes === undefined ? undefined : minutes * 60_000;
  return { limits: definedOnly({ steps, tokens, timeMs }), protocol };
}
