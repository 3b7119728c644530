import {
  addUsage,
  type Generation,
  type Judgement,
  type Model,
  ModelError,
  noUsage,
  type Sampling,
  type Served,
  type Usage,
} from '../core/index.ts';
import type { JudgeContext } from './context.ts';
import type { JudgePrompt } from './prompt.ts';

/** Who is asked, and how. */
export interface Judge {
  readonly model: Model;
  readonly sampling: Sampling;
  /** Absent where the study does not give it. */
  readonly context: JudgeContext | undefined;
}

/** The calls that a judge is asked for one judgement, and what they cost together. */
export class Exchange {
  readonly #judge: Judge;
  readonly #signal: AbortSignal;
  readonly #replies: string[] = [];
  #usage: Usage = noUsage;
  #served: Served | undefined;

  constructor(judge: Judge, signal: AbortSignal) {
    this.#judge = judge;
    this.#signal = signal;
  }

  /** @returns the failure, where it belongs in the records @throws the failures that stop a run */
  async ask({ messages, schema }: JudgePrompt): Promise<Generation | ModelError> {
    const { model, sampling } = this.#judge;
    try {
      const generation = await model.generate({ messages, schema, sampling }, this.#signal);
      this.#replies.push(generation.response);
      this.#usage = addUsage(this.#usage, generation.usage);
      this.#served = generation.served ?? this.#served;
      return generation;
    } catch (error) {
      if (!(error instanceof ModelError) || error.fatal || this.#signal.aborted) throw error;
      if (error.raw !== undefined) this.#replies.push(error.raw);
      return error;
    }
  }

  /** What a judgement keeps of the calls: the judge's replies as they came, who answered, and the tokens. */
  get record(): Pick<Judgement, 'raw' | 'served' | 'usage'> {
    return {
      ...(this.#replies.length === 0 ? {} : { raw: this.#replies.join('\n--- asked again ---\n') }),
      ...(this.#served === undefined ? {} : { served: this.#served }),
      usage: this.#usage,
    };
  }
}
