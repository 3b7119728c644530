import type { Battery, Eval, Message, Question } from '../../core/index.ts';
import {
  BYTES_A_TOKEN,
  batteryPrompt,
  contextOf,
  type JudgeContext,
  type JudgePrompt,
  type Judging,
  judgePrompt,
  judgeSampling,
  type ShownTranscript,
  TRANSCRIPT_CHARACTERS,
  transcriptTokens,
} from '../../raters/index.ts';
import type { SampleSurvey } from '../samples.ts';
import { type AutoraterSpec, type EvalEntry, type Study, samplingOf } from '../study.ts';
import { agentSize } from './agent-size.ts';
import {
  type Bounds,
  CHARACTERS_A_TOKEN,
  type ModelLoad,
  promptTokens,
  TOKENS_A_MESSAGE,
  USUAL_RESPONSE_TOKENS,
} from './load-size.ts';

/** A judge's label with a sentence or two of reason; judges that think use several times as many. */
const USUAL_JUDGEMENT_TOKENS = 120;
/** One of many that are asked at once: mostly a bare "no". */
const USUAL_PART_TOKENS = 35;

/**
 * A judge reads every stage's transcripts: the rubric, the prompt, the response. What it is asked of the prompt alone it is asked
 * once per sample, for all stages and epochs.
 *
 * @param judging by default, its own
 */
export function judgeLoad(
  study: Study,
  judge: AutoraterSpec,
  surveys: readonly SampleSurvey[],
  judging: Judging = judge.judging ?? 'one-by-one',
): ModelLoad {
  const maxTokens = judge.sampling?.maxTokens ?? judgeSampling.maxTokens;
  const total = { calls: 0, atMost: 0, usual: 0, usualOutput: 0 };
  for (const [index, entry] of study.evals.entries()) {
    const samples = surveys[index]!.count;
    const prompts = promptTokens(surveys[index]!);
    const calls = callsOf(entry, judging, contextOf(judge));
    /** @param each how often each sample is judged; `output`: tokens beside the prompts that are read in all */
    const add = (call: JudgeCall, each: number, output: Bounds<number>) => {
      const times = samples * each;
      const read = (shown: number) =>
        call.instructions * times + Math.min(prompts * each + shown, call.mostShown * times);
      total.calls += times;
      total.atMost += read(output.atMost);
      total.usual += read(output.usual);
      total.usualOutput += times * Math.min(maxTokens, call.usualOutput);
    };
    for (const call of calls.filter(({ oncePerSample }) => oncePerSample)) {
      add(call, 1, { atMost: 0, usual: 0 });
    }
    for (const stage of study.stages) {
      const output = outputOf(entry, samples * entry.epochs, samplingOf(study, stage).maxTokens);
      for (const call of calls) if (!call.oncePerSample) add(call, entry.epochs, output);
    }
  }
  return {
    id: judge.id,
    role: 'judge',
    model: judge.model,
    calls: total.calls,
    callsAtMost: total.calls,
    tokens: {
      atMost: { input: total.atMost, output: total.calls * maxTokens },
      usual: { input: total.usual, output: total.usualOutput },
    },
  };
}

/** What the trials of a stage put out, as a judge reads it. */
function outputOf({ eval: code, options }: EvalEntry, trials: number, maxTokens: number): Bounds<number> {
  const limits = code.conversation?.(options);
  if (limits !== undefined) return agentSize(limits, { trials, prompts: 0, maxTokens }).read;
  return { atMost: maxTokens * trials, usual: Math.min(maxTokens, USUAL_RESPONSE_TOKENS) * trials };
}

/** One call that every transcript of an eval takes, or every sample where it shows the prompt alone. */
interface JudgeCall {
  readonly oncePerSample: boolean;
  /** Tokens of the judge's instructions and of all that is around a transcript. */
  readonly instructions: number;
  /** Tokens of one transcript that it is shown at most. */
  readonly mostShown: number;
  readonly usualOutput: number;
}

function callsOf(
  { eval: code }: EvalEntry,
  judging: Judging,
  context: JudgeContext | undefined,
): JudgeCall[] {
  return [...promptsOf(code, judging)].map(({ prompt, usualOutput, oncePerSample }) => {
    const [{ content: system }] = prompt.messages as [Message, Message];
    const characters =
      context === undefined
        ? TRANSCRIPT_CHARACTERS
        : Math.max(0, transcriptTokens(context, system)) * BYTES_A_TOKEN;
    const mostShown = characters / CHARACTERS_A_TOKEN;
    return { oncePerSample, instructions: tokensOf(prompt), mostShown, usualOutput };
  });
}

/** What a judge is asked about every transcript of an eval, without the transcript. */
function* promptsOf(
  { questions }: Eval,
  judging: Judging,
  context?: JudgeContext,
): Generator<{
  readonly prompt: JudgePrompt;
  readonly usualOutput: number;
  readonly oncePerSample: boolean;
}> {
  const batteries = new Set<Battery>();
  for (const { rubric, battery, rulesOnly, shows } of questions) {
    if (rulesOnly) continue;
    const oncePerSample = shows === 'prompt';
    if (judging === 'one-by-one' || battery === undefined) {
      const prompt = judgePrompt(rubric, empty, { context });
      yield { prompt, usualOutput: USUAL_JUDGEMENT_TOKENS, oncePerSample };
    } else if (!batteries.has(battery)) {
      batteries.add(battery);
      const usualOutput = battery.parts.length * USUAL_PART_TOKENS;
      yield { prompt: batteryPrompt(battery, empty, context), usualOutput, oncePerSample };
    }
  }
}

/** @throws InputError when a judge's context leaves no room for a transcript in what one of these evals asks */
export function requireJudgeContext(
  judge: Pick<AutoraterSpec, 'judging' | 'sampling' | 'contextTokens'>,
  evals: Iterable<Eval>,
): void {
  for (const code of evals) {
    for (const _ of promptsOf(code, judge.judging ?? 'one-by-one', contextOf(judge)));
  }
}

/** Whether it makes a difference how a judge of this eval is asked. */
export function hasBattery({ eval: { questions } }: EvalEntry): boolean {
  return questions.some(({ battery }: Question) => battery !== undefined);
}

const empty: ShownTranscript = { input: [], output: [], response: '', thoughts: null, status: 'completed' };

function tokensOf({ messages }: ReturnType<typeof judgePrompt>): number {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.ceil(characters / CHARACTERS_A_TOKEN) + messages.length * TOKENS_A_MESSAGE;
}
