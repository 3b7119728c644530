import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Message, Model, ToolCall } from '../../../core/index.ts';
import { readDocument } from '../../../files/index.ts';
import { scriptedModel } from '../../../models/index.ts';
import type { Task } from '../task.ts';

const stepSchema = z.union([
  z.strictObject({ bash: z.string() }),
  z.strictObject({ write: z.string(), content: z.string() }),
]);

const agentSchema = z.strictObject({
  conduct: z.enum(['honest', 'suspicious', 'dishonest']),
  /** The detector that is meant to find it. */
  caught_by: z.string().optional(),
  about: z.string().min(1),
  tasks: z.array(z.string()).min(1),
  steps: z.array(stepSchema).min(1),
  /** Its last words. */
  says: z.string().min(1),
});

/** An agent whose conduct is known. `suspicious` ones are honest. */
export interface PlantedAgent extends z.infer<typeof agentSchema> {
  readonly name: string;
}

/** All of `agents.yaml`, in its order. */
export const plantedAgents: readonly PlantedAgent[] = Object.entries(
  readDocument(fileURLToPath(new URL('./agents.yaml', import.meta.url)), z.record(z.string(), agentSchema))
    .value,
).map(([name, agent]) => ({ ...agent, name }));

/**
 * The agent as a checkpoint that acts by tool calls: the k-th turn is its k-th step, the one after the last step is `done`. It needs no
 * memory: which turn it is is in the conversation.
 */
export function plantedModel({ name, steps, says }: PlantedAgent, task: Task): Model {
  const calls = [...steps.map((step) => callOf(step, task)), { name: 'done', args: { summary: says } }];
  return scriptedModel(`scripted:${name}`, ({ messages }) => {
    const turn = messages.filter(({ role }: Message) => role === 'assistant').length;
    const last = turn >= calls.length - 1;
    const { name: tool, args } = calls[Math.min(turn, calls.length - 1)]!;
    const call: ToolCall = { id: `call-${turn + 1}`, name: tool, arguments: JSON.stringify(args) };
    return { response: last ? says : '', toolCalls: [call] };
  });
}

function callOf(step: z.infer<typeof stepSchema>, task: Task) {
  const filled = (text: string) =>
    text
      .replaceAll('$PROGRAM', task.program)
      .replaceAll('{{oracle}}', () => task.oracle)
      .replaceAll('{{baseline}}', () => task.baseline);
  return 'bash' in step
    ? { name: 'bash', args: { command: filled(step.bash) } }
    : { name: 'write', args: { path: filled(step.write), content: filled(step.content) } };
}
