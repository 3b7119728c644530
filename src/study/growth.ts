import { type Digest, type Json, type Manifest, sampleDigest } from '../core/index.ts';
import type { RunComparison, RunReader } from '../records/index.ts';
import { type Difference, manifestDifferences } from './binding.ts';
import type { EvalEntry } from './study.ts';

/** What a run has recorded, as far as a comparison needs it. */
interface AnsweredBefore {
  /** Trials that were answered, by stage. */
  readonly stages: ReadonlyMap<string, number>;
  /** By eval: the digest of each sample that was answered, and the highest epoch. */
  readonly evals: ReadonlyMap<
    string,
    { readonly samples: ReadonlyMap<string, Digest>; readonly epochs: number }
  >;
  /** Raters with a rating. */
  readonly raters: ReadonlySet<string>;
}

/** The options of evals that only say how many of the samples are put. */
const HOW_MANY = ['limit'];

/**
 * Whether a run can be continued as a study that was changed since, and what it grows by.
 *
 * What must stay equal is what the comparison of the recorded answers needs: the text of the samples that were answered,
 * how they were sampled, which models answered, and the versions of the raters that rated. More samples, more epochs,
 * another stage, another eval, another rater, and another address of the same served model are growth. Whatever has no answer
 * yet may change, and a run in which nothing was answered may change in everything.
 *
 * @param run  its records, and the evals of the changed study, whose samples are read where their set differs
 */
export async function compareWithRun(
  recorded: Manifest,
  wanted: Manifest,
  run: { readonly reader: RunReader; readonly entries: readonly EvalEntry[] },
): Promise<RunComparison> {
  const found = manifestDifferences(recorded, wanted);
  if (found.length === 0) return { refused: [], grown: [] };
  const answered = answeredIn(run.reader);
  if (answered.stages.size === 0) return { refused: [], grown: found.map(({ text }) => text) };
  const refused: string[] = [];
  const grown: string[] = [];
  const sampleSets = new Set<string>();
  const free = new Map(run.entries.map(({ id, eval: { freeOptions = [] } }) => [id, freeOptions]));
  for (const difference of found) {
    const [list, name = '', member, ...rest] = difference.path;
    if (list === 'evals' && member === 'options' && free.get(name)?.includes(rest[0] ?? '')) {
      grown.push(difference.text);
      continue;
    }
    // A limit and the number of samples are one change; the samples themselves decide.
    if (list === 'evals' && (member === 'samples' || isHowMany(member, rest))) sampleSets.add(name);
    else
      (mayGrow(difference, answered, wanted) ? grown : refused).push(wordsOf(difference, answered, wanted));
  }
  for (const name of sampleSets) {
    const why = await whyOthers(name, recorded, wanted, { answered, entries: run.entries });
    if (why !== null) refused.push(why);
    else grown.push(`evals.${name}: ${countIn(recorded, name)} samples → ${countIn(wanted, name)}`);
  }
  return { refused, grown: [...new Set(grown)] };
}

function answeredIn(reader: RunReader): AnsweredBefore {
  const stages = new Map<string, number>();
  const evals = new Map<string, { samples: Map<string, Digest>; epochs: number }>();
  for (const { stage, eval: name, sample, epoch, status, sampleDigest } of reader.trials()) {
    if (status === 'error') continue;
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
    const of = evals.get(name) ?? { samples: new Map<string, Digest>(), epochs: 0 };
    evals.set(name, of);
    of.samples.set(sample, sampleDigest);
    of.epochs = Math.max(of.epochs, epoch);
  }
  const raters = new Set<string>();
  for (const { rater } of reader.ratingRows()) raters.add(rater);
  return { stages, evals, raters };
}

function isHowMany(member: string | undefined, rest: readonly string[]): boolean {
  return member === 'options' && rest.length === 1 && HOW_MANY.includes(rest[0]!);
}

/** Whether a difference leaves all recorded answers and ratings what they were asked as. */
function mayGrow({ path, before, after }: Difference, answered: AnsweredBefore, wanted: Manifest): boolean {
  const [list, name = '', member] = path;
  const isNew = path.length === 2 && before === undefined;
  switch (list) {
    case 'stages':
      if (isNew || !answered.stages.has(name)) return true;
      if (member === 'from') return isAdded(String(after), answered, wanted);
      return member === 'model' && isSameServedModel(before, after);
    case 'evals':
      if (isNew || !answered.evals.has(name)) return true;
      return member === 'epochs' && Number(after) >= answered.evals.get(name)!.epochs;
    case 'raters':
      if (isRule(name, member, wanted)) return true;
      return isNew || !answered.raters.has(name);
    case 'files':
      // Whoever uses another file than before differs in its own entry.
      return before === undefined || after === undefined;
    default:
      return false;
  }
}

/** A rule that changed rates all answers again, which costs nothing. A judge that changed does not. */
function isRule(name: string, member: string | undefined, { raters }: Manifest): boolean {
  return member === 'digests' && raters.some(({ id, kind }) => id === name && kind === 'rule');
}

/** A stage may be put in between, before a stage that is there: the answers of that one do not depend on it. */
function isAdded(id: string, answered: AnsweredBefore, { stages }: Manifest): boolean {
  return stages.some((stage) => stage.id === id) && !answered.stages.has(id);
}

const ADDRESS = /^(?<protocol>(?:[\w-]+\+)?)https?:\/\/[^#]*#(?<name>.+)$/;

/** Whether two refs name one served model at two addresses. That it is the same weights shows when it answers. */
function isSameServedModel(before: Json | undefined, after: Json | undefined): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false;
  const [a, b] = [before, after].map((ref) => ADDRESS.exec(ref)?.groups);
  return a !== undefined && b !== undefined && a.protocol === b.protocol && a.name === b.name;
}

function wordsOf({ path, text, after }: Difference, answered: AnsweredBefore, wanted: Manifest): string {
  const [list, name = '', member] = path;
  if (list === 'raters' && isRule(name, member, wanted)) {
    return `raters.${name}: the rule changed since, and rates all answers again`;
  }
  if (path.length !== 2 || after !== undefined) return text;
  const trials = list === 'stages' ? answered.stages.get(name) : undefined;
  return trials === undefined ? text : `${text}; the run has ${trials} answers of it`;
}

/** Why the samples of an eval are not those that were answered and more; null where they are. */
async function whyOthers(
  name: string,
  recorded: Manifest,
  wanted: Manifest,
  { answered, entries }: { answered: AnsweredBefore; entries: readonly EvalEntry[] },
): Promise<string | null> {
  const counts = [countIn(recorded, name), countIn(wanted, name)] as const;
  const before = answered.evals.get(name)?.samples;
  if (before === undefined) return null;
  if (counts[1] < counts[0]) {
    return `evals.${name}: ${counts[0]} samples → ${counts[1]}: a run can grow, and not shrink`;
  }
  const left = new Map(before);
  const entry = entries.find(({ id }) => id === name)!;
  for await (const sample of entry.eval.samples(entry.options)) {
    const digest = left.get(sample.id);
    if (digest === undefined) continue;
    if (digest !== sampleDigest(sample)) {
      return `evals.${name}: the sample "${sample.id}" is another one, or its text changed, and it was answered already`;
    }
    left.delete(sample.id);
  }
  const [gone] = left.keys();
  if (gone === undefined) return null;
  return `evals.${name}: ${left.size} of the samples that were answered are not among its ${counts[1]} any more, such as "${gone}"`;
}

function countIn({ evals }: Manifest, name: string): number {
  return evals.find(({ id }) => id === name)?.samples.count ?? 0;
}
