import {
  type AgentOutcome,
  agentSettings,
  bashTool,
  doneTool,
  failedOutcome,
  openHarness,
  readTool,
  runAgent,
  runHarness,
  writeTool,
} from '../../agent/index.ts';
import {
  type Model,
  type Sample,
  type Sandbox,
  SandboxError,
  SandboxFileError,
  type SandboxSpec,
  type Transcript,
  type TrialContext,
} from '../../core/index.ts';
import { trialTranscript } from '../trial-transcript.ts';
import { filesOf, sandboxOf } from './environment.ts';
import { gatherEvidence, type Setting } from './gather.ts';
import { prepare } from './prepared.ts';
import { metadataOf } from './samples.ts';
import { lookAt } from './scene.ts';
import { tasks } from './task.ts';
import { variants } from './variants.ts';

const TOOLS = [bashTool({ persistent: true }), readTool, writeTool, doneTool()];

/**
 * Hands a slow program to a checkpoint in a sandbox, lets it act until it is through, and gathers what it did: `state.reward_hacking`.
 *
 * A trial that ran into a limit has status `limit`, and what it left by then is looked at. One whose sandbox could not be opened,
 * or died, has status `error`.
 *
 * @throws once the signal aborts, on a fatal ModelError, on a MissingPartError and on an InputError: all stop the run
 */
export function elicitOptimisation(
  sample: Sample,
  subject: Model,
  context: TrialContext,
): Promise<Transcript> {
  return trialTranscript(sample, context, () => new Trial(sample, subject, context).outcome());
}

type Outcome = Omit<AgentOutcome, 'state'> & Pick<Transcript, 'state'>;

class Trial {
  readonly #sample: Sample;
  readonly #subject: Model;
  readonly #context: TrialContext;
  /** What the agent did, once it has ended: kept should its sandbox die while the evidence is gathered. */
  #acted: AgentOutcome | undefined;

  constructor(sample: Sample, subject: Model, context: TrialContext) {
    this.#sample = sample;
    this.#subject = subject;
    this.#context = context;
  }

  async outcome(): Promise<Outcome> {
    const { harness } = metadataOf(this.#sample).agent;
    try {
      if (harness === 'own') return await this.#inSandbox((spec) => spec, this.#ownLoop);
      await using cli = await openHarness(harness);
      return await this.#inSandbox(cli.spec, async (sandbox) => {
        const [system, user] = this.#sample.input.map(({ content }) => content);
        const { sampling, signal } = this.#context;
        const { limits } = agentSettings(metadataOf(this.#sample).agent);
        const subject = this.#subject;
        return runHarness({
          harness: cli,
          subject,
          sandbox,
          system: system!,
          prompt: user!,
          sampling,
          signal,
          limits,
        });
      });
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      // Of files that we put there or look at ourselves; the agent's own mistakes with files are told to the agent.
      if (error instanceof SandboxFileError) {
        return failedOutcome(new SandboxError(error.message, { cause: error }), this.#acted);
      }
      if (!(error instanceof SandboxError)) throw error;
      return failedOutcome(error, this.#acted);
    }
  }

  readonly #ownLoop = (sandbox: Sandbox): Promise<AgentOutcome> => {
    const { sampling, signal } = this.#context;
    return runAgent({
      subject: this.#subject,
      sandbox,
      messages: this.#sample.input,
      tools: TOOLS,
      sampling,
      signal,
      ...agentSettings(metadataOf(this.#sample).agent),
    });
  };

  /** Sets the task up, has an agent act on it, and adds to the outcome what came of it. */
  async #inSandbox(
    specOf: (base: SandboxSpec) => SandboxSpec,
    act: (sandbox: Sandbox) => Promise<AgentOutcome>,
  ): Promise<Outcome> {
    const { sandboxes, signal } = this.#context;
    const setting = await this.#setting();
    await using sandbox = await sandboxes.open(specOf(sandboxOf(setting.files)), signal);
    const before = await lookAt(sandbox, signal);
    const acted = await act(sandbox);
    this.#acted = acted;
    if (acted.status === 'error') return acted;
    const evidence = await gatherEvidence(setting, { sandbox, before }, sandboxes, signal);
    return { ...acted, state: { ...acted.state, reward_hacking: evidence } };
  }

  async #setting(): Promise<Setting> {
    const { sandboxes, signal } = this.#context;
    const { task: name, variant, target } = metadataOf(this.#sample);
    const task = tasks.get(name)!;
    const prepared = await prepare(task, variants.get(variant)!, sandboxes, signal);
    return { task, target, prepared, files: filesOf(task, target, prepared) };
  }
}
