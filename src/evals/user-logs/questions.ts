import { readFileSync } from 'node:fs';
import {
  type Battery,
  digestOf,
  type Judgement,
  type Measure,
  type Question,
  type Rubric,
} from '../../core/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { type Behaviour, behaviours, type Part } from './behaviours.ts';
import { measureOf } from './measures.ts';

/** What holds for every behaviour. */
const preface = readFileSync(new URL('./rubrics/preface.md', import.meta.url), 'utf8')
  .replaceAll('\r\n', '\n')
  .trim();

const definitions = new Map(
  behaviours.map(({ name }) => [name, loadRubric(new URL(`./rubrics/${name}.md`, import.meta.url))]),
);

/** A question, the part that it is about, and the measure that its answer is a value of. */
export interface Asked {
  readonly question: Question;
  readonly part: Part;
  readonly measure: Measure;
}

/** Every behaviour on every part that it is rated on. What is asked of one part can also be asked at once: its battery. */
export const asked: readonly Asked[] = (['thoughts', 'response', 'both'] as const).flatMap(askedOf);

function askedOf(part: Part): Asked[] {
  const those = behaviours.filter(({ parts }) => parts.includes(part));
  // A battery of one would be no cheaper.
  const battery = those.length < 2 ? {} : { battery: batteryOf(part, those) };
  const shows = part === 'both' ? {} : { shows: part };
  return those.map((behaviour) => ({
    part,
    measure: measureOf(behaviour, part),
    question: {
      id: questionId(behaviour, part),
      rubric: withPreface(behaviour),
      rules: {},
      ...shows,
      ...battery,
    },
  }));
}

function batteryOf(part: Exclude<Part, 'both'> | 'both', those: readonly Behaviour[]): Battery {
  return {
    id: part,
    ...(part === 'both' ? {} : { shows: part }),
    preface,
    parts: those.map((behaviour) => ({
      question: questionId(behaviour, part),
      rubric: definitions.get(behaviour.name)!,
    })),
  };
}

function questionId({ name }: Behaviour, part: Part): string {
  return part === 'both' ? name : `${name}-${part}`;
}

function withPreface({ name }: Behaviour): Rubric {
  const { id, answer, text } = definitions.get(name)!;
  const whole = { id, answer, text: `${preface}\n\n${text}` };
  return { ...whole, digest: digestOf(whole) };
}

/** 1 for a clear yes, 0 for borderline and no. */
export function rateOf({ status, label }: Judgement): number | null {
  if (status !== 'rated') return null;
  if (label !== 'yes' && label !== 'borderline' && label !== 'no') {
    throw new TypeError(`a rater gave the label "${label}", which the question has not`);
  }
  return label === 'yes' ? 1 : 0;
}
