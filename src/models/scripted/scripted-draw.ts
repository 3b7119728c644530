import { fractionOf } from '../../core/fraction-of.ts';
import { digestOf, type GenerateRequest, ModelError, type ToolCall } from '../../core/index.ts';
import { shorten } from '../endpoint/fault.ts';
import type { Respond, ScriptedAnswer } from './scripted.ts';
import type { ScriptedOutcome, ScriptedRule, ScriptedTable } from './scripted-table.ts';

/**
 * What a table answers. Which outcome of a rule comes is a pure function of the request's seed and messages and of the
 * table's salt, so it does not matter in which order trials run, nor how often.
 *
 * @param name  the table's name: its salt unless it has one of its own
 */
export function respondFrom(table: ScriptedTable, name: string): Respond {
  const salt = table.salt ?? name;
  const rules = table.rules.map(({ when, outcomes }) => ({ matches: matcher(when), outcomes }));
  return (request) => {
    const prompt = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const rule = rules.find(({ matches }) => matches(prompt));
    if (rule === undefined) {
      throw new ModelError('rejected', `scripted table "${name}" has no rule for: ${shorten(prompt, 200)}`, {
        remedy: 'Add a last rule without "when".',
      });
    }
    const outcome = draw(rule.outcomes, uniform(request, salt, 'outcome'));
    return answerOf(outcome, table, () => uniform(request, salt, 'latency'));
  };
}

function matcher(when: ScriptedRule['when']): (prompt: string) => boolean {
  if (when === undefined) return () => true;
  if ('exact' in when) return (prompt) => prompt === when.exact;
  if ('contains' in when) return (prompt) => prompt.includes(when.contains);
  // Without "g" and "y", whose position would carry over from one prompt to the next.
  const pattern = new RegExp(when.matches, (when.flags ?? '').replace(/[gy]/g, ''));
  return (prompt) => pattern.test(prompt);
}

/** A number in [0, 1), even over requests. */
function uniform({ sampling, messages }: GenerateRequest, salt: string, purpose: string): number {
  return fractionOf(digestOf({ purpose, salt, seed: sampling.seed, messages }));
}

function draw(outcomes: readonly ScriptedOutcome[], at: number): ScriptedOutcome {
  let sum = 0;
  for (const outcome of outcomes) {
    sum += outcome.probability ?? 1;
    if (at < sum) return outcome;
  }
  // Rounding may leave the sum a hair below 1.
  return outcomes.findLast((outcome) => outcome.probability !== 0)!;
}

function answerOf(
  outcome: ScriptedOutcome,
  table: ScriptedTable,
  uniformly: () => number,
): Exclude<ScriptedAnswer, string> {
  const { probability: _, toolCalls, latencyMs, ...rest } = outcome;
  const range = latencyMs ?? table.latencyMs ?? 0;
  const latency = typeof range === 'number' ? range : range[0] + uniformly() * (range[1] - range[0]);
  const calls: ToolCall[] = (toolCalls ?? []).map(({ id, name, arguments: given }, index) => ({
    id: id ?? `call_${index}`,
    name,
    arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
  }));
  return { ...rest, toolCalls: calls, latencyMs: latency };
}
