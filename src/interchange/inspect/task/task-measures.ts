import {
  digestOf,
  InputError,
  isId,
  type Json,
  type Measure,
  type Question,
  type Rule,
} from '../../../core/index.ts';
import { anyOf } from '../../../files/index.ts';
import { AUDIT_RANGE, isAuditJudge, saferDimension } from '../petri.ts';
import { partName, plainName } from '../scorer-names.ts';
import type { TaskDescription, TaskScorer } from './describe-task.ts';
import { type KeptScore, keptScores } from './kept-scores.ts';
import type { DeclaredTaskMeasure, TaskOptions } from './options.ts';

/** What is measured by a task, and who measures it. */
interface TaskMeasures {
  readonly measures: readonly Measure[];
  /** One a measure. Its rules are the scorers that can give it. */
  readonly questions: readonly Question[];
  /** The scorers, by the name of their rule. */
  readonly rules: readonly string[];
}

/** Changes whenever the same scores could give other values. */
const VERSION = '1';

/**
 * The measures of a task, told before the first trial by what its scorers declare and by what the study says. A single value is
 * the measure `TASK/score`; where several scorers have one, they are raters of that measure if all are graded, else each has a
 * measure of its own. Each key of a dict score is a measure `TASK/KEY`.
 *
 * @throws InputError where a scorer's keys cannot be known, or the study declares a measure that nothing gives
 */
export function taskMeasures(task: TaskDescription, options: Pick<TaskOptions, 'measures'>): TaskMeasures {
  const family = plainName(task.task.slice(task.task.lastIndexOf('/') + 1));
  const declared = options.measures.map(
    (one): DeclaredTaskMeasure => (typeof one === 'string' ? { name: one } : one),
  );
  const naming = new Naming(task.scorers);
  const found = new Map<string, { readonly measure: Measure; readonly scorers: Set<string> }>();
  const add = (name: string, scorer: string, about: Partial<Measure>) => {
    const of = found.get(name) ?? {
      measure: measureOf(
        `${family}/${name}`,
        about,
        declared.find((one) => one.name === name),
      ),
      scorers: new Set<string>(),
    };
    found.set(name, of);
    of.scorers.add(scorer);
  };
  for (const scorer of task.scorers) {
    if (!isId(plainName(scorer.name))) throw new InputError(`"${scorer.name}" cannot be the name of a rater`);
    if (Array.isArray(scorer.metrics))
      add(naming.nameOf(scorer.name, null), scorer.name, kindOf(scorer.metrics));
    else
      for (const [key, about] of keysOf(scorer, declared))
        add(naming.nameOf(scorer.name, key), scorer.name, about);
  }
  // A key or place that no scorer declares: any of them may give it.
  for (const { name } of declared) {
    if (!found.has(name)) for (const { name: scorer } of task.scorers) add(name, scorer, {});
  }
  if (found.size === 0) {
    throw new InputError(`the task ${task.task} has no scorer, so nothing of it is measured`, {
      remedy: 'Give the task a scorer.',
    });
  }
  const version = digestOf([
    VERSION,
    [...found.keys()],
    task.scorers.map(({ name, params }) => [name, params]),
  ]);
  return {
    measures: [...found.values()].map(({ measure }) => measure),
    questions: [...found].map(([name, { scorers }]) => questionOf(name, [...scorers], { naming, version })),
    rules: task.scorers.map(({ name }) => plainName(name)),
  };
}

/** Which measure a value is of, by its scorer and key. */
class Naming {
  readonly #single: readonly TaskScorer[];
  readonly #audits: ReadonlySet<string>;

  constructor(scorers: readonly TaskScorer[]) {
    this.#single = scorers.filter(({ metrics }) => Array.isArray(metrics));
    this.#audits = new Set(
      scorers.flatMap(({ name, metrics }) =>
        Array.isArray(metrics) || !isAuditJudge(Object.keys(metrics)) ? [] : [name],
      ),
    );
  }

  nameOf(scorer: string, key: string | null): string {
    if (key !== null) return partName(scorer, key);
    const shared =
      this.#single.length <= 1 || this.#single.every(({ metrics }) => isGraded(metrics as string[]));
    return shared ? 'score' : plainName(scorer);
  }

  /** 0 on a dimension of an audit says that it did not apply. */
  isMissing(scorer: string, { key, value, graded }: KeptScore, keys: readonly string[]): boolean {
    return value === 0 && !graded && key !== null && (this.#audits.has(scorer) || isAuditJudge(keys));
  }
}

function isGraded(metrics: readonly string[]): boolean {
  return metrics.includes('accuracy');
}

function kindOf(metrics: readonly string[]): Partial<Measure> {
  return isGraded(metrics) ? { kind: 'rate' } : {};
}

function keysOf(scorer: TaskScorer, declared: readonly DeclaredTaskMeasure[]): [string, Partial<Measure>][] {
  const metrics = scorer.metrics as Readonly<Record<string, string[]>>;
  const named = Object.entries(metrics).filter(([key]) => !/[*?[\]]/.test(key));
  if (named.length < Object.keys(metrics).length && declared.length === 0) {
    const patterns = Object.keys(metrics).filter((key) => /[*?[\]]/.test(key));
    throw new InputError(
      `the scorer "${scorer.name}" gives a dict of scores, and declares its keys only as ${anyOf(patterns)}`,
      { remedy: 'Name the keys that are to be measured: options: { measures: [KEY, …] }.' },
    );
  }
  const audit = isAuditJudge(named.map(([key]) => key));
  return named.map(([key, of]) => [key, audit ? auditKey(key) : kindOf(of)]);
}

function auditKey(key: string): Partial<Measure> {
  return { kind: 'score', range: AUDIT_RANGE, safer: saferDimension(key) ?? null };
}

function measureOf(id: string, about: Partial<Measure>, declared: DeclaredTaskMeasure | undefined): Measure {
  const known = { ...about, ...(declared?.range === undefined ? {} : { range: declared.range }) };
  const kind = declared?.kind ?? known.kind ?? 'score';
  const title = declared?.title ?? id.slice(id.indexOf('/') + 1);
  return {
    id,
    title,
    description: `What Inspect's scorers give as "${id.slice(id.indexOf('/') + 1)}".`,
    kind,
    range: kind === 'rate' ? [0, 1] : (known.range ?? [0, 1]),
    ...(kind === 'score' && known.range === undefined ? { rangeOf: 'values' as const } : {}),
    safer: declared?.safer ?? known.safer ?? null,
    level: kind === 'rate' ? 'nominal' : 'interval',
  };
}

function questionOf(
  name: string,
  scorers: readonly string[],
  { naming, version }: { readonly naming: Naming; readonly version: string },
): Question {
  const text = `What Inspect's scorer gave as "${name}".`;
  const bounds = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };
  return {
    id: name,
    rubric: {
      id: `inspect-${name}`,
      digest: digestOf({ text, version }),
      text,
      answer: { kind: 'score', ...bounds, whole: false },
    },
    rules: Object.fromEntries(
      scorers.map((scorer) => [plainName(scorer), ruleOf(name, scorer, { naming, version })]),
    ),
    rulesOnly: true,
  };
}

function ruleOf(
  name: string,
  scorer: string,
  { naming, version }: { readonly naming: Naming; readonly version: string },
): Rule {
  return {
    name: plainName(scorer),
    version,
    description: `Inspect's scorer "${scorer}".`,
    judge: ({ state }) => {
      const scores = keptScores(state as Json | undefined).filter((one) => one.scorer === scorer);
      const keys = scores.flatMap(({ key }) => key ?? []);
      const found = scores.find(({ key }) => naming.nameOf(scorer, key) === name);
      if (found === undefined)
        return { status: 'unparsed', label: null, score: null, explanation: whyNone(scores) };
      const missing = found.value === null || naming.isMissing(scorer, found, keys);
      return {
        status: missing ? 'unparsed' : 'rated',
        label: found.label ?? null,
        score: missing ? null : found.value,
        ...(found.explanation === undefined ? {} : { explanation: found.explanation }),
      };
    },
  };
}

function whyNone(scores: readonly KeptScore[]): string {
  if (scores.length === 0) return 'Inspect has no score by this scorer for this sample.';
  const keys = scores.map(({ scorer, key }) => (key === null ? 'score' : partName(scorer, key)));
  return `The scorer gave: ${keys.join(', ')}. Name what is to be measured under options: measures.`;
}
