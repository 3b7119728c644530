import type { Battery, Judgement, Question, Rater, Transcript } from '../core/index.ts';

/** What a rater has already said of whole batteries. Of one rater and one transcript: never share it wider. */
export type Sittings = Map<Battery, ReadonlyMap<string, Judgement>>;

/**
 * What a rater says to a question as a run asks it: together with its whole battery where it has one and the rater is to
 * judge together, else by itself.
 *
 * @param sittings with it, a battery is asked once, for all of its questions
 * @throws whatever the rater throws: an abort, or a fatal ModelError
 */
export async function judgeQuestion(
  rater: Rater,
  question: Question,
  transcript: Transcript,
  { signal, sittings }: { readonly signal: AbortSignal; readonly sittings?: Sittings },
): Promise<Judgement> {
  const { id, battery } = question;
  if (battery === undefined || rater.judgeTogether === undefined) {
    return rater.judge(question, transcript, signal);
  }
  const judgements = sittings?.get(battery) ?? (await rater.judgeTogether(battery, transcript, signal));
  sittings?.set(battery, judgements);
  return judgements.get(id) as Judgement;
}
