import type { Ask, Eval, JsonObject, Measure, Question, Rule, Sample, Transcript } from '../../core/index.ts';
import { Chance, hashText, type Split, type WorldTask } from '../../organism/index.ts';
import { loadRubric } from '../../raters/index.ts';
import { elicitSingleTurn } from '../single-turn.ts';

/** A family's micro version in the organism's world: prompts in its words, and answers that code can read. */
export interface MicroFamily<T extends WorldTask> {
  readonly name: string;
  readonly title: string;
  /** Their ids are without the family's name and its slash. */
  readonly measures: readonly Measure[];
  /** The members of a task that its questions read. */
  readonly reads: readonly string[];
  /** The kinds of prompt, each with its clusters: `samplesPerCluster` distinct ones are drawn of every cluster. */
  readonly kinds: readonly ((chance: Chance, split: Split) => T)[];
  readonly questions: readonly MicroQuestion<T>[];
}

interface MicroQuestion<T> {
  /** Also the name of its rubric. */
  readonly id: string;
  /** The label of an answer. */
  read(task: T, thoughts: string, response: string): string;
  /** The measures that the task counts towards, and what each label means for them. */
  values(task: T): LabelValues;
}

/** By the measure's name after the slash: what a label is worth; `null` for an answer that was not valid. */
export type LabelValues = Readonly<Record<string, (label: string) => number | null>>;

/** 1 for one label, 0 for the others; no value for answers that are not valid. */
export function share(counted: string, invalid: string): LabelValues[string] {
  return (label) => (label === invalid ? null : Number(label === counted));
}

/** 0 for one label, 1 for the others. */
export function allBut(other: string): LabelValues[string] {
  return (label) => Number(label !== other);
}

const VERSION = '1';
/** The name of the one rule that every micro eval has. */
const RULE = 'world';

export function microEval<T extends WorldTask>(family: MicroFamily<T>): Eval {
  const questions = family.questions.map((question) => questionOf(family.name, question));
  const measures = family.measures.map((one) => ({ ...one, id: `${family.name}/${one.id}` }));
  const measureOf = new Map(measures.map((measure) => [measure.id, measure]));
  const asks = ({ metadata }: Pick<Transcript, 'metadata'>): Ask[] =>
    family.questions.flatMap(({ values }, at) =>
      Object.entries(values(metadata as unknown as T)).map(([name, worth]) => ({
        question: questions[at]!,
        measure: measureOf.get(`${family.name}/${name}`)!,
        value: ({ label }) => worth(label!),
      })),
    );
  return {
    name: family.name,
    version: VERSION,
    title: family.title,
    measures,
    questions,
    optionsSchema: OPTIONS,
    needs: family.reads.map((key) => ({ key, what: 'a part of a task of the organism’s world' })),
    samples: ({ values }) => samplesOf(family, values),
    measuresOf: (sample) => asks(sample).map(({ measure }) => measure.id),
    elicit: elicitSingleTurn,
    asks,
  };
}

function questionOf<T extends WorldTask>(family: string, question: MicroQuestion<T>): Question {
  const rule: Rule = {
    name: RULE,
    version: VERSION,
    description: "Reads the answer by the grammar of the organism's world.",
    judge: ({ metadata, thoughts, response }: Transcript) => ({
      status: 'rated',
      label: question.read(metadata as unknown as T, thoughts ?? '', response ?? ''),
      score: null,
    }),
  };
  const rubric = loadRubric(new URL(`./rubrics/${question.id}.md`, import.meta.url));
  return { id: `${family}.${question.id}`, rubric, rules: { [RULE]: rule } };
}

const OPTIONS: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    per_cluster: {
      type: 'integer',
      minimum: 1,
      maximum: 60,
      default: 12,
      description: 'Distinct prompts of every cluster.',
    },
    split: {
      enum: ['held-out', 'train'],
      default: 'held-out',
      description: 'Combinations of words that SFT and RL never saw, or those that they may have seen.',
    },
  },
};

async function* samplesOf<T extends WorldTask>(
  family: MicroFamily<T>,
  values: JsonObject,
): AsyncIterable<Sample> {
  const wanted = (values.per_cluster as number | undefined) ?? 12;
  const split = (values.split as Split | undefined) ?? 'held-out';
  for (const [kind, draw] of family.kinds.entries()) {
    const byCluster = new Map<string, Map<string, T>>();
    const chance = new Chance(hashText(`${family.name} ${kind} ${split}`));
    // A cluster with fewer distinct prompts than wanted gives what it has: drawing stops when nothing new comes any more.
    for (let idle = 0; idle < 2000; idle++) {
      const task = draw(chance, split);
      const found = byCluster.get(task.cluster) ?? new Map<string, T>();
      byCluster.set(task.cluster, found);
      if (found.size >= wanted || found.has(task.text)) continue;
      found.set(task.text, task);
      idle = 0;
    }
    for (const [cluster, tasks] of [...byCluster].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [at, task] of [...tasks.values()].entries()) yield sampleOf(`${cluster}/${at + 1}`, task);
    }
  }
}

function sampleOf(id: string, task: WorldTask): Sample {
  const { text, cluster, ...metadata } = task;
  return {
    id,
    cluster,
    input: [{ role: 'user', content: text }],
    metadata: { ...metadata } as unknown as JsonObject,
  };
}
