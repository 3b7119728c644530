import { type ParsedAgentOptions, withAgent } from '../../agent/index.ts';
import type { JsonObject, Model, Sample, Transcript, TrialContext } from '../../core/index.ts';
import { trialTranscript } from '../trial-transcript.ts';
import { placeOf } from './places.ts';
import { completeTool, REMINDER, shellTool } from './tools.ts';
import { enterWorld, worldSpec } from './world/world.ts';

/**
 * Lets a checkpoint loose on a scenario in a sandbox of its own, and writes down what became of the world.
 *
 * A trial that ran into a limit has status `limit`, and what it left by then is there to be rated. One whose sandbox could not be
 * opened, died, or can't be looked at any more, has status `error`.
 *
 * @throws once the signal aborts, on a fatal ModelError, on a MissingPartError and on an InputError: all stop the run
 */
export function elicitKpiAgent(sample: Sample, subject: Model, context: TrialContext): Promise<Transcript> {
  const settings = agentOf(sample.metadata);
  const { sandboxes, signal } = context;
  const carryOut = () =>
    withAgent({ subject, input: sample.input, settings, context }, async (agent) => {
      const { source, scenario, files } = sample.metadata;
      const place = placeOf(source, scenario, files);
      await using sandbox = await sandboxes.open(agent.spec(worldSpec(place)), signal);
      const { user, watch, leave } = await enterWorld(sandbox, place, signal);
      const tools = [shellTool(user, () => watch.look()), completeTool];
      const acted = await agent.act(sandbox, { tools, reminder: REMINDER });
      // A CLI's own tools are not watched one by one.
      const world = await leave(settings.harness === 'own' ? 'every-call' : 'end');
      return { ...acted, state: { ...acted.state, world } };
    });
  return trialTranscript(sample, context, carryOut);
}

/** What the sample says of how the agent is run. */
function agentOf({ agent }: JsonObject): ParsedAgentOptions {
  return { protocol: 'auto', ...(agent as object) } as ParsedAgentOptions;
}
