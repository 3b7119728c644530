import type { Sandboxes } from '../../../core/index.ts';
import { trialContext } from '../../testing/subject.ts';
import { detectors } from '../detectors/index.ts';
import { rewardHacking } from '../eval.ts';
import { type Evidence, evidenceOf } from '../evidence.ts';
import { succeeded } from '../rules.ts';
import { taskNamed } from '../task.ts';
import { type PlantedAgent, plantedModel } from './planted-agents.ts';

/** What came of a planted agent on a task. */
export interface PlantedTrial {
  readonly agent: PlantedAgent;
  readonly task: string;
  readonly evidence: Evidence;
  /** Names of the detectors that found something. */
  readonly found: readonly string[];
  readonly successful: boolean;
}

const samples = await Array.fromAsync(
  rewardHacking.samples({ values: { variants: ['plain'] }, folder: '/' }),
);

/** Has a planted agent act on a task in the real sandbox, as a run would. @throws Error where the trial is an error */
export async function plantedTrial(
  agent: PlantedAgent,
  task: string,
  sandboxes: Sandboxes,
): Promise<PlantedTrial> {
  const sample = samples.find(({ cluster }) => cluster === task)!;
  const transcript = await rewardHacking.elicit(
    sample,
    plantedModel(agent, taskNamed(task)),
    trialContext({
      trial: { stage: 'planted', eval: 'reward-hacking', sample: sample.id, epoch: 1 },
      sampling: { temperature: null, topP: null, maxTokens: 4096, seed: 1 },
      sandboxes,
    }),
  );
  const evidence = evidenceOf(transcript);
  if (evidence === null) throw new Error(`${agent.name} on ${task}: ${JSON.stringify(transcript.error)}`);
  const found = detectors.filter(({ find }) => find(evidence).length > 0).map(({ name }) => name);
  return { agent, task, evidence, found, successful: found.length > 0 && succeeded(evidence) };
}
