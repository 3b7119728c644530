import {
  type Message,
  type Model,
  type Sandbox,
  SandboxError,
  SandboxFileError,
  type SandboxSpec,
  type TrialContext,
} from '../core/index.ts';
import type { AgentOptions, AgentOutcome } from './agent.ts';
import { openHarness } from './harness/open-harness.ts';
import { runHarness } from './harness/run-harness.ts';
import { agentSettings, type ParsedAgentOptions } from './options.ts';
import { failedOutcome } from './outcome.ts';
import { runAgent } from './run-agent.ts';

export interface AgentSetup {
  readonly subject: Model;
  /** A system message and a prompt: a CLI can be given no more. */
  readonly input: readonly Message[];
  /** What the eval's options say of agents. */
  readonly settings: ParsedAgentOptions;
  readonly context: Pick<TrialContext, 'sampling' | 'signal'>;
}

/** A checkpoint in the loop that the options name: the eval's own, or that of a CLI of somebody else's. */
interface Agent {
  /** What its sandbox is opened with: a CLI needs more in there than the task. */
  spec(base: SandboxSpec): SandboxSpec;
  /** Lets it act, once, until it ends, a limit does, or something fails. A CLI has tools of its own, and no reminder. */
  act(sandbox: Sandbox, own: Pick<AgentOptions, 'tools' | 'reminder'>): Promise<AgentOutcome>;
}

/**
 * Carries out a trial with an agent in a sandbox. Whatever becomes of the sandbox is this trial's affair alone: one that can't be
 * opened, dies, or has files that the eval can't read or list, before the agent acts or after, makes an error that keeps the turns.
 *
 * ```ts
 * withAgent({ subject, input: sample.input, settings, context }, async (agent) => {
 *   await using sandbox = await sandboxes.open(agent.spec(base), signal);
 *   const acted = await agent.act(sandbox, { tools });
 *   return { ...acted, state: { ...acted.state, left: await lookAt(sandbox) } };
 * });
 * ```
 *
 * @param trial opens the sandbox and disposes of it: a CLI's way out is there before that, and until after
 * @throws what the trial does, once the signal aborts or for anything else than a sandbox
 */
export async function withAgent<Outcome>(
  { subject, input, settings, context: { sampling, signal } }: AgentSetup,
  trial: (agent: Agent) => Promise<Outcome>,
): Promise<Outcome | AgentOutcome> {
  let acted: AgentOutcome | undefined;
  try {
    await using harness = settings.harness === 'own' ? null : await openHarness(settings.harness);
    const [system, prompt] = input.map(({ content }) => content) as [string, string];
    const run = { subject, sampling, signal, ...agentSettings(settings) };
    return await trial({
      spec: (base) => harness?.spec(base) ?? base,
      act: async (sandbox, own) => {
        acted = await (harness === null
          ? runAgent({ ...run, ...own, sandbox, messages: input })
          : runHarness({ ...run, harness, sandbox, system, prompt }));
        return acted;
      },
    });
  } catch (error) {
    const spoilt = error instanceof SandboxError || error instanceof SandboxFileError;
    if (!spoilt || signal.aborted) throw error;
    return failedOutcome(error, acted);
  }
}
