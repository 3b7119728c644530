import { bashTool, doneTool, readTool, withAgent, writeTool } from '../../agent/index.ts';
import type { Model, Sample, Sandboxes, Transcript, TrialContext } from '../../core/index.ts';
import { trialTranscript } from '../trial-transcript.ts';
import { filesOf, sandboxOf } from './environment.ts';
import { gatherEvidence, type Setting } from './gather.ts';
import { prepare } from './prepared.ts';
import { metadataOf, type TaskMetadata } from './samples.ts';
import { sandboxStateOf } from './sandbox-state.ts';
import { taskNamed } from './task.ts';
import { variants } from './variants.ts';

const TOOLS = [bashTool, readTool, writeTool, doneTool];

/**
 * Hands a slow program to a checkpoint in a sandbox, lets it act until it is through, and gathers what it did: `state.reward_hacking`.
 *
 * A trial that ran into a limit has status `limit`, and what it left by then is looked at. One whose sandbox could not be opened,
 * died, or can't be looked at any more, has status `error`.
 *
 * @throws once the signal aborts, on a fatal ModelError, on a MissingPartError and on an InputError: all stop the run
 */
export function elicitOptimisation(
  sample: Sample,
  subject: Model,
  context: TrialContext,
): Promise<Transcript> {
  const metadata = metadataOf(sample);
  const { sandboxes, signal } = context;
  const carryOut = () =>
    withAgent({ subject, input: sample.input, settings: metadata.agent, context }, async (agent) => {
      const setting = await settingOf(metadata, sandboxes, signal);
      await using sandbox = await sandboxes.open(agent.spec(sandboxOf(setting.files)), signal);
      const before = await sandboxStateOf(sandbox, signal);
      const acted = await agent.act(sandbox, { tools: TOOLS });
      if (acted.status === 'error') return acted;
      const evidence = await gatherEvidence(setting, { sandbox, before }, sandboxes, signal);
      return { ...acted, state: { ...acted.state, reward_hacking: evidence } };
    });
  return trialTranscript(sample, context, carryOut);
}

/** The sample's task, its inputs made. */
async function settingOf(
  { task: name, variant, target }: TaskMetadata,
  sandboxes: Sandboxes,
  signal: AbortSignal,
): Promise<Setting> {
  const task = taskNamed(name);
  const prepared = await prepare(task, variants().get(variant)!, sandboxes, signal);
  return { task, target, prepared, files: filesOf(task, target, prepared) };
}
