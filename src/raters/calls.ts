import type { Ask, Battery, Judgement, Question, Rater, RaterKind, Transcript } from '../core/index.ts';

/**
 * Whether a rater is asked a question. A rule is asked where the question has it, a judge or a person wherever the
 * question is not for rules only, and a panel never: its members are.
 *
 * @param rater a rater, or what a study file says of one
 */
export function answers(
  { kind, rule }: { readonly kind: RaterKind; readonly rule?: string },
  { rules, rulesOnly }: Question,
): boolean {
  if (kind === 'rule') return rule !== undefined && Object.hasOwn(rules, rule);
  return kind !== 'panel' && rulesOnly !== true;
}

/** One call of a rater: it answers one question, or all questions of a battery at once. */
export interface RaterCall {
  /** What the judgements are used for. All have one question, or questions of one battery. */
  readonly asks: readonly [Ask, ...Ask[]];
  readonly battery?: Battery;
  /** It shows the prompt alone, so its answer is the same for every trial of the sample. */
  readonly oncePerSample: boolean;
}

/** The calls that these asks take of a rater, in the order of the asks. Asks that the rater cannot answer are left out. */
export function callsFor(rater: Rater, asks: readonly Ask[]): RaterCall[] {
  const calls: (RaterCall & { readonly asks: [Ask, ...Ask[]] })[] = [];
  for (const ask of asks) {
    const { question } = ask;
    if (!answers(rater, question)) continue;
    const battery = batteryFor(rater, question);
    const known = calls.find(
      (call) =>
        call.battery === battery && (battery !== undefined || call.asks[0].question.id === question.id),
    );
    if (known !== undefined) known.asks.push(ask);
    else {
      const oncePerSample = question.shows === 'prompt';
      calls.push({ asks: [ask], ...(battery === undefined ? {} : { battery }), oncePerSample });
    }
  }
  return calls;
}

/** Makes one call. @returns the judgements by the ids of the questions @throws what the rater throws */
export async function judgementsOf(
  rater: Rater,
  { asks: [{ question }], battery }: RaterCall,
  transcript: Transcript,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Judgement>> {
  return battery === undefined
    ? new Map([[question.id, await rater.judge(question, transcript, signal)]])
    : rater.judgeBattery!(battery, transcript, signal);
}

/** A rater's answer to one question, asked as a run asks it: with its whole battery where the rater is asked so. */
export async function judgementOf(
  rater: Rater,
  question: Question,
  transcript: Transcript,
  signal: AbortSignal,
): Promise<Judgement> {
  const battery = batteryFor(rater, question);
  if (battery === undefined) return rater.judge(question, transcript, signal);
  return (await rater.judgeBattery!(battery, transcript, signal)).get(question.id)!;
}

function batteryFor(rater: Rater, { battery }: Question): Battery | undefined {
  return rater.judgeBattery === undefined ? undefined : battery;
}
