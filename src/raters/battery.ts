import { readFileSync } from 'node:fs';
import {
  type Battery,
  type Digest,
  digestOf,
  type Generation,
  type Judgement,
  ModelError,
  type Transcript,
} from '../core/index.ts';
import type { Answer } from './answer.ts';
import { Exchange, type Judge } from './ask-judge.ts';
import { batteryCorrection, batteryFormat, batterySchema, parseBattery } from './battery-answer.ts';
import type { JudgeContext } from './context.ts';
import { isJudgeRefusal } from './judge-refusal.ts';
import { judgementFrom, unreachable } from './judgement.ts';
import {
  type Asked,
  type JudgePrompt,
  promptAgain,
  promptOf,
  type ShownTranscript,
  wasCut,
} from './prompt.ts';
import { ratedText, viewOf } from './view.ts';

const frame = readFileSync(new URL('./battery.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

/** Raise it when the layout of parts below changes: it is part of raters' digests. */
const LAYOUT = 1;

/** Covers all that a judge of the whole battery reads, but for the prompt around it and the transcript. */
export function batteryDigest({ preface, parts }: Battery): Digest {
  return digestOf({
    layout: LAYOUT,
    frame,
    preface,
    parts: parts.map(({ question, rubric }) => [question, rubric.digest]),
  });
}

const known = new WeakMap<Battery, Asked>();

/** The prompt that asks a judge about all parts of a battery at once. @throws InputError as `judgePrompt` */
export function batteryPrompt(
  battery: Battery,
  transcript: ShownTranscript,
  context?: JudgeContext,
): JudgePrompt {
  const asked = known.get(battery) ?? askedOf(battery);
  known.set(battery, asked);
  return promptOf(asked, transcript, context);
}

function askedOf({ preface, parts }: Battery): Asked {
  const values: Readonly<Record<string, string>> = {
    preface: preface.trim(),
    count: String(parts.length),
    parts: parts.map(({ question, rubric }) => `## ${question}\n\n${rubric.text}`).join('\n\n'),
  };
  const rubric = frame.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!).trim();
  return { rubric, answer: batteryFormat(parts), schema: batterySchema(parts) };
}

/**
 * Has a judge answer all parts of a battery in one call. Parts that cannot be read are asked for once more, by themselves.
 * Those that still cannot be read are `unparsed`; the others stay.
 *
 * @returns one judgement for each part, by its question; the first has the usage and the replies of all calls
 */
export async function judgeBattery(
  battery: Battery,
  transcript: Transcript,
  judge: Judge,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Judgement>> {
  const shown = viewOf(battery, transcript);
  const rated = ratedText(battery, shown);
  const exchange = new Exchange(judge, signal);
  const judgements = new Map<string, Judgement>();
  const settle = (parts: Battery['parts'], of: (question: string) => Judgement) => {
    for (const { question } of parts) judgements.set(question, of(question));
  };
  let open = battery.parts;
  let prompt = batteryPrompt(battery, shown, judge.context);
  for (let tries = 1; open.length > 0; tries += 1) {
    const generation = await exchange.ask(prompt);
    if (generation instanceof ModelError) {
      settle(open, () => unreachable(generation));
      break;
    }
    const answers = read(generation, open, rated);
    const again =
      tries === 2 ? [] : open.filter(({ question }) => answers.get(question)!.kind === 'unparsed');
    settle(
      open.filter((part) => !again.includes(part)),
      (question) => judgementFrom(answers.get(question)!),
    );
    open = again;
    if (open.length > 0) prompt = promptForRest(prompt, open, answers, generation);
  }
  const inOrder = battery.parts.map(({ question }) => [question, judgements.get(question)!] as const);
  return new Map(
    inOrder.map(([question, judgement], index) => [
      question,
      index === 0 ? { ...judgement, ...exchange.record } : judgement,
    ]),
  );
}

/** What a reply says of these parts; a reply that declines says so of each. */
function read(generation: Generation, parts: Battery['parts'], rated: string): ReadonlyMap<string, Answer> {
  const { response, stop } = generation;
  if (stop === 'refusal' || (!response.includes('{') && isJudgeRefusal(response))) {
    const explanation = 'The judge declined to rate.';
    return new Map(parts.map(({ question }) => [question, { kind: 'declined', explanation }]));
  }
  return parseBattery(response, parts, rated);
}

function promptForRest(
  prompt: JudgePrompt,
  rest: Battery['parts'],
  answers: ReadonlyMap<string, Answer>,
  generation: Generation,
): JudgePrompt {
  const faults = rest.flatMap(({ question }) => {
    const answer = answers.get(question)!;
    return answer.kind === 'unparsed' ? [{ question, why: answer.why }] : [];
  });
  const request = batteryCorrection(rest, faults, wasCut(generation));
  return { ...promptAgain(prompt, generation, request), schema: batterySchema(rest) };
}
