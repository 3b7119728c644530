import { readFileSync } from 'node:fs';
import {
  addUsage,
  type Battery,
  type Digest,
  digestOf,
  type Generation,
  type Judgement,
  ModelError,
  noUsage,
  type Transcript,
  type Usage,
} from '../core/index.ts';
import type { Answer } from './answer.ts';
import { ask, type Judge, joined } from './ask.ts';
import { batteryCorrection, batteryFormat, batterySchema, parseBattery } from './battery-answer.ts';
import type { JudgeContext } from './context.ts';
import { isJudgeRefusal } from './judge-refusal.ts';
import { type Asked, type JudgePrompt, promptAgain, promptOf, type Shown } from './prompt.ts';
import { ratedText, viewOf } from './view.ts';

const frame = readFileSync(new URL('./together.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

/** Changes with how parts are laid out below. */
const LAYOUT = 1;

/** Of all that a judge of the whole battery reads beside the prompt around it and the transcript. */
export function togetherDigest({ preface, parts }: Battery): Digest {
  return digestOf({
    layout: LAYOUT,
    frame,
    preface,
    parts: parts.map(({ question, rubric }) => [question, rubric.digest]),
  });
}

const known = new WeakMap<Battery, Asked>();

/** What a judge is asked about all parts of a battery at once. @throws InputError as `judgePrompt` */
export function togetherPrompt(battery: Battery, transcript: Shown, context?: JudgeContext): JudgePrompt {
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
 * Has a judge answer all parts of a battery in one call. Parts that can't be read are asked for once more, by themselves;
 * those that still can't be are `unparsed`, and the others stand.
 *
 * @returns by the parts' questions; the first carries the usage of all
 */
export async function judgeTogether(
  battery: Battery,
  transcript: Transcript,
  judge: Judge,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Judgement>> {
  const shown = viewOf(battery, transcript);
  const sitting = new Sitting(battery, ratedText(battery, shown));
  let prompt = togetherPrompt(battery, shown, judge.context);
  for (let tries = 1; ; tries += 1) {
    const generation = await ask(judge, prompt, signal);
    if (generation instanceof ModelError) {
      sitting.failed(generation);
      break;
    }
    const faults = sitting.take(generation);
    if (faults.length === 0) break;
    if (tries === 2) {
      sitting.unread(faults);
      break;
    }
    const again = battery.parts.filter(({ question }) => faults.some((fault) => fault.question === question));
    const because = generation.stop === 'length' ? ' (it was cut off by the limit of length)' : '';
    const request = batteryCorrection(again, faults, because);
    prompt = { ...promptAgain(prompt, generation.response, request), schema: batterySchema(again) };
  }
  return sitting.judgements();
}

/** A part that could not be read, and why. */
interface Fault {
  readonly question: string;
  readonly why: string;
}

/** One judge over one battery and one transcript: what it has said so far. */
class Sitting {
  readonly #battery: Battery;
  readonly #rated: string;
  readonly #found = new Map<string, Judgement>();
  readonly #texts: string[] = [];
  #usage: Usage = noUsage;

  /** @param rated what quotes must be found in */
  constructor(battery: Battery, rated: string) {
    this.#battery = battery;
    this.#rated = rated;
  }

  /** Takes in what an answer says of the parts that lack a judgement. @returns the parts that it can't be read for */
  take({ response, stop, usage }: Generation): readonly Fault[] {
    this.#usage = addUsage(this.#usage, usage);
    this.#texts.push(response);
    if (stop === 'refusal' || (!response.includes('{') && isJudgeRefusal(response))) {
      this.#rest('refused', 'The judge declined to rate.');
      return [];
    }
    const answers = parseBattery(response, this.#missing, this.#rated);
    const faults: Fault[] = [];
    for (const [question, answer] of answers) {
      if (answer.kind === 'unparsed') faults.push({ question, why: answer.why });
      else this.#found.set(question, judgementOf(answer));
    }
    return faults;
  }

  failed({ kind, message, raw }: ModelError): void {
    if (raw !== undefined) this.#texts.push(raw);
    this.#rest('error', `${kind}: ${message}`);
  }

  unread(faults: readonly Fault[]): void {
    for (const { question, why } of faults) {
      this.#found.set(question, none('unparsed', `The answer could not be read: ${why}.`));
    }
    this.#keepRaw();
  }

  /** By question, in the order of the parts; the usage of all calls stands with the first. */
  judgements(): ReadonlyMap<string, Judgement> {
    return new Map(
      this.#battery.parts.map(({ question }, index) => {
        const judgement = this.#found.get(question)!;
        return [question, index === 0 ? { ...judgement, usage: this.#usage } : judgement];
      }),
    );
  }

  get #missing(): Battery['parts'] {
    return this.#battery.parts.filter(({ question }) => !this.#found.has(question));
  }

  /** The same for every part that has no judgement yet. */
  #rest(status: 'refused' | 'error', explanation: string): void {
    for (const { question } of this.#missing) this.#found.set(question, none(status, explanation));
    this.#keepRaw();
  }

  /** The judge's words are kept once, with the first part that they gave nothing for. */
  #keepRaw(): void {
    for (const [question, judgement] of this.#found) {
      if (judgement.status === 'rated') continue;
      this.#found.set(question, { ...judgement, raw: joined(this.#texts) });
      return;
    }
  }
}

function judgementOf(answer: Exclude<Answer, { kind: 'unparsed' }>): Judgement {
  const { explanation } = answer;
  if (answer.kind === 'declined') return none('refused', explanation);
  const { label, score, quote } = answer;
  return {
    status: 'rated',
    label,
    score,
    ...(explanation === undefined ? {} : { explanation }),
    ...(quote === undefined ? {} : { quote }),
  };
}

function none(status: 'refused' | 'unparsed' | 'error', explanation: string | undefined): Judgement {
  return { status, label: null, score: null, ...(explanation === undefined ? {} : { explanation }) };
}
