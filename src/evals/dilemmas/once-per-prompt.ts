import {
  type Digest,
  digestOf,
  type Judgement,
  type Question,
  type Rater,
  type Transcript,
} from '../../core/index.ts';

/**
 * Asks a rater about a prompt once, and gives the same judgement for every other trial of that prompt: what came of it isn't
 * shown, so the question would be the same to the letter for each stage and epoch, and as dear. Only the first has a usage.
 * What is no rating is not kept: the next trial asks again. A process that resumes a run asks once more.
 */
export class OncePerPrompt {
  readonly #question: Question;
  readonly #judgements = new WeakMap<Rater, Map<Digest, Promise<Judgement>>>();

  /** @param question shows the prompt alone */
  constructor(question: Question) {
    this.#question = question;
  }

  async judge(rater: Rater, transcript: Transcript, signal: AbortSignal): Promise<Judgement> {
    const known = this.#of(rater);
    const prompt = digestOf(transcript.input);
    const before = known.get(prompt);
    if (before !== undefined) {
      const judgement = await before.catch(() => null);
      if (judgement?.status === 'rated') {
        const { usage: _spent, ...same } = judgement;
        return same;
      }
      signal.throwIfAborted();
    }
    const judgement = rater.judge(this.#question, transcript, signal);
    known.set(prompt, judgement);
    return judgement;
  }

  #of(rater: Rater): Map<Digest, Promise<Judgement>> {
    const known = this.#judgements.get(rater) ?? new Map<Digest, Promise<Judgement>>();
    this.#judgements.set(rater, known);
    return known;
  }
}
