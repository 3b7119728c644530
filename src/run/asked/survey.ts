import { type EvalInfo, hasNoAnswer } from '../../core/index.ts';
import { answers } from '../../raters/index.ts';
import type { RunReader } from '../../records/index.ts';
import type { RaterSpec } from '../../study/index.ts';
import type { AskedEval, Lack } from './asked-eval.ts';

/** What can be asked about the transcripts of an eval, and what they lack for it. */
export interface AskedSurvey {
  /** Transcripts with an answer. */
  readonly transcripts: number;
  /** Those without a prompt, where raters see the response alone. */
  readonly withoutPrompt: number;
  /** By measure: the transcripts that are asked a question about it. */
  readonly asked: ReadonlyMap<string, number>;
  readonly lacking: readonly LackCount[];
  /** By rater: the questions that it can answer, over all transcripts. */
  readonly answerable: ReadonlyMap<string, number>;
  /** The members of the samples' metadata, up to `MOST_MEMBERS`. */
  readonly members: readonly string[];
}

export interface LackCount {
  readonly lack: Lack;
  readonly transcripts: number;
  /** What is there in place of what is needed; absent: nothing is. */
  readonly instead?: string;
}

export const MOST_MEMBERS = 1000;

/** What `--with` can name. */
export function columnsOfRun({ members }: Pick<AskedSurvey, 'members'>): readonly string[] {
  return ['sample', 'cluster', 'prompt', ...members];
}

/** Goes through the transcripts of an eval once. */
export async function surveyAsked(
  reader: RunReader,
  info: EvalInfo,
  evaluation: AskedEval,
  raters: readonly RaterSpec[],
): Promise<AskedSurvey> {
  let transcripts = 0;
  let withoutPrompt = 0;
  const asked = new Map<string, number>();
  const lacking = new Map<unknown, { lack: Lack; transcripts: number; instead?: string }>();
  const answerable = new Map(raters.map(({ id }) => [id, 0]));
  const members = new Set<string>();
  for await (const transcript of reader.transcripts({ eval: info.id })) {
    if (hasNoAnswer(transcript.status)) continue;
    transcripts++;
    if (transcript.input.length === 0) withoutPrompt++;
    if (members.size < MOST_MEMBERS) for (const key of Object.keys(transcript.metadata)) members.add(key);
    const asks = evaluation.asks(transcript);
    for (const id of new Set(asks.map(({ measure }) => measure.id))) asked.set(id, (asked.get(id) ?? 0) + 1);
    for (const rater of raters) {
      const able = asks.filter(({ question }) => answers(rater, question)).length;
      answerable.set(rater.id, answerable.get(rater.id)! + able);
    }
    for (const { lack, instead } of evaluation.lacks(transcript)) {
      const thing = lack.kind === 'metadata' ? lack.need : lack.kind;
      const known = lacking.get(thing) ?? { lack, transcripts: 0 };
      known.transcripts++;
      if (instead !== undefined) known.instead ??= instead;
      lacking.set(thing, known);
    }
  }
  return {
    transcripts,
    withoutPrompt,
    asked,
    lacking: [...lacking.values()],
    answerable,
    members: [...members],
  };
}
