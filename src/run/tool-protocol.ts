import { hasNoTools, haveTextProtocol } from '../agent/index.ts';
import { ModelError } from '../core/index.ts';
import { listed } from '../format/index.ts';
import type { Study } from '../study/index.ts';
import { type Fate, fateOfToolsAt } from './check/what-is-taken.ts';
import type { StageWorker } from './workers.ts';

const WORDS: Readonly<Partial<Record<Fate, string>>> = {
  dropped: 'drops tools without a word',
  refused: 'refuses tools',
  'not sent': 'has no tool calls',
};

/**
 * Decides before the first trial how the agents of a study call tools. Where `protocol: auto` leaves it open and the server of one
 * stage drops or refuses tools, all stages use the text protocol: stages that call tools in different ways differ in more than their
 * training. Each trial's `state.agent` records why.
 *
 * A server is asked with two short requests; one that has said already that it has no tools is not.
 *
 * @returns what was decided, as a sentence; `null` where nothing needs to be
 * @throws what a model throws once the signal aborts, or a fatal ModelError
 */
export async function settleToolProtocol(
  { evals }: Pick<Study, 'evals'>,
  stages: readonly StageWorker[],
  signal: AbortSignal,
): Promise<string | null> {
  const open = evals.filter(({ eval: code, options }) => code.conversation?.(options).protocol === 'auto');
  if (open.length === 0) return null;
  const without: string[] = [];
  for (const stage of stages) {
    const why = hasNoTools(stage.model) ?? WORDS[await fateAt(stage, signal)];
    if (why !== undefined) without.push(`${stage.id} (${why})`);
  }
  if (without.length === 0) return null;
  const reason = `not all stages of this study can call tools natively: ${listed(without)}`;
  for (const { model } of stages) haveTextProtocol(model, reason);
  const names = listed(open.map(({ id }) => id));
  return `In ${names} all stages call tools by blocks of text, because ${reason}.`;
}

/** Only servers are asked: scripted models answer what they were written for. */
async function fateAt({ model, server }: StageWorker, signal: AbortSignal): Promise<Fate> {
  const said = server();
  if (said === null) return 'not known';
  if (said.takesTools === false) return 'dropped';
  try {
    return await fateOfToolsAt(model, said, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || error.fatal || signal.aborted) throw error;
    return 'not known';
  }
}
