import { type Generation, type Model, ModelError, type Sampling } from '../core/index.ts';
import type { JudgeContext } from './context.ts';
import type { JudgePrompt } from './prompt.ts';

/** Who is asked, and how. */
export interface Judge {
  readonly model: Model;
  readonly sampling: Sampling;
  /** Absent where it was not given. */
  readonly context: JudgeContext | undefined;
}

/** @returns the failure, when it is one that belongs in the records; throws those that stop the run */
export async function ask(
  { model, sampling }: Judge,
  { messages, schema }: JudgePrompt,
  signal: AbortSignal,
): Promise<Generation | ModelError> {
  try {
    return await model.generate({ messages, schema, sampling }, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || error.fatal || signal.aborted) throw error;
    return error;
  }
}

/** Both of a judge's answers, where it was asked twice. */
export function joined(texts: readonly string[]): string {
  return texts.join('\n--- asked again ---\n');
}
