import { readFileSync } from 'node:fs';
import { type Ask, type Battery, digestOf, type Rubric } from '../../core/index.ts';
import { laterRubric, loadRubric } from '../../raters/index.ts';
import { type Behaviour, behaviours, type Part } from './behaviours.ts';
import { measureOf } from './measures.ts';

/** What holds for every behaviour. */
const preface = readFileSync(new URL('./rubrics/preface.md', import.meta.url), 'utf8')
  .replaceAll('\r\n', '\n')
  .trim();

const definitions = new Map(
  behaviours.map(({ name }) => [name, loadRubric(new URL(`./rubrics/${name}.md`, import.meta.url))]),
);

/** An ask, and the part of a transcript that it is about. */
interface PartAsk extends Ask {
  readonly part: Part;
}

/** Every behaviour on every part that it is rated on. The questions about one part form a battery. */
export const userLogAsks: readonly PartAsk[] = (['thoughts', 'response', 'both'] as const).flatMap(asksOf);

function asksOf(part: Part): PartAsk[] {
  const ofPart = behaviours.filter(({ parts }) => parts.includes(part));
  // A battery of one would be no cheaper.
  const battery = ofPart.length < 2 ? {} : { battery: batteryOf(part, ofPart) };
  const shows = part === 'both' ? {} : { shows: part };
  return ofPart.map((behaviour) => ({
    part,
    measure: measureOf(behaviour, part),
    question: {
      id: questionId(behaviour, part),
      rubric: withPreface(behaviour),
      rules: {},
      ...shows,
      ...battery,
    },
    // Borderline counts as no.
    value: ({ label }) => Number(label === 'yes'),
  }));
}

function batteryOf(part: Part, ofPart: readonly Behaviour[]): Battery {
  return {
    id: part,
    ...(part === 'both' ? {} : { shows: part }),
    preface,
    parts: ofPart.map((behaviour) => ({
      question: questionId(behaviour, part),
      rubric: definitions.get(behaviour.name)!,
    })),
  };
}

function questionId({ name }: Behaviour, part: Part): string {
  return part === 'both' ? name : `${name}-${part}`;
}

function withPreface({ name }: Behaviour): Rubric {
  return laterRubric(() => {
    const { id, answer, text } = definitions.get(name)!;
    const whole = { id, answer, text: `${preface}\n\n${text}` };
    return { ...whole, digest: digestOf(whole) };
  });
}
