import {
  type AgentOutcome,
  agentSettings,
  failedOutcome,
  openHarness,
  type ParsedAgentOptions,
  runAgent,
  runHarness,
} from '../../agent/index.ts';
import {
  type JsonObject,
  type Model,
  type Sample,
  SandboxError,
  type SandboxSpec,
  type Transcript,
  type TrialContext,
} from '../../core/index.ts';
import { trialTranscript } from '../trial-transcript.ts';
import { placeOf } from './places.ts';
import { completeTool, REMINDER, shellTool } from './tools.ts';
import { enterWorld, type World, worldSpec } from './world/world.ts';

/**
 * Lets a checkpoint loose on a scenario in a sandbox of its own, and writes down what became of the world.
 *
 * A trial that ran into a limit has status `limit`, and what it left by then is there to be rated. One whose sandbox could not be
 * opened, or died, has status `error`.
 *
 * @throws once the signal aborts, on a fatal ModelError, on a MissingPartError and on an InputError: all stop the run
 */
export function elicitKpiAgent(sample: Sample, subject: Model, context: TrialContext): Promise<Transcript> {
  return trialTranscript(sample, context, () => new Trial(sample, subject, context).outcome());
}

type Outcome = Omit<AgentOutcome, 'state'> & Pick<Transcript, 'state'>;

/** `metadata.agent` of a sample. */
type AgentMetadata = ParsedAgentOptions;

class Trial {
  readonly #sample: Sample;
  readonly #subject: Model;
  readonly #context: TrialContext;
  readonly #agent: AgentMetadata;
  /** What the agent did, should the sandbox die afterwards. */
  #acted: AgentOutcome | undefined;

  constructor(sample: Sample, subject: Model, context: TrialContext) {
    this.#sample = sample;
    this.#subject = subject;
    this.#context = context;
    this.#agent = agentOf(sample.metadata);
  }

  async outcome(): Promise<Outcome> {
    try {
      return await (this.#agent.harness === 'own' ? this.#byOwnLoop() : this.#byHarness(this.#agent.harness));
    } catch (error) {
      if (!(error instanceof SandboxError) || this.#context.signal.aborted) throw error;
      return failedOutcome(error, this.#acted);
    }
  }

  async #byOwnLoop(): Promise<Outcome> {
    const { sampling, signal } = this.#context;
    return this.#inWorld(
      (spec) => spec,
      'every-call',
      ({ sandbox, user, watch }) =>
        runAgent({
          subject: this.#subject,
          sandbox,
          messages: this.#sample.input,
          tools: [shellTool(user, () => watch.look()), completeTool],
          sampling,
          signal,
          ...agentSettings(this.#agent),
          reminder: REMINDER,
        }),
    );
  }

  async #byHarness(name: Exclude<AgentMetadata['harness'], 'own'>): Promise<Outcome> {
    const { sampling, signal } = this.#context;
    const [system, prompt] = this.#sample.input.map(({ content }) => content) as [string, string];
    await using harness = await openHarness(name);
    // Awaited here: the harness is disposed of on return.
    return await this.#inWorld(harness.spec, 'end', ({ sandbox }) => {
      const { limits } = agentSettings(this.#agent);
      return runHarness({
        harness,
        subject: this.#subject,
        sandbox,
        prompt,
        system,
        sampling,
        signal,
        limits,
      });
    });
  }

  /** Opens the scenario's world, lets the agent act in it, and adds to the outcome what became of it. */
  async #inWorld(
    specOf: (base: SandboxSpec) => SandboxSpec,
    seen: 'every-call' | 'end',
    act: (world: World) => Promise<AgentOutcome>,
  ): Promise<Outcome> {
    const { source, scenario, files } = this.#sample.metadata;
    const place = placeOf(source, scenario, files);
    const { sandboxes, signal } = this.#context;
    await using sandbox = await sandboxes.open(specOf(worldSpec(place)), signal);
    const world = await enterWorld(sandbox, place, signal);
    const acted = await act(world);
    this.#acted = acted;
    return { ...acted, state: { ...acted.state, world: await world.leave(seen) } };
  }
}

function agentOf({ agent }: JsonObject): AgentMetadata {
  return { protocol: 'auto', ...(agent as object) } as AgentMetadata;
}
