import { digestOf, type EvalInfo, type Growth, type Manifest, RecordsError } from '../core/index.ts';
import { holdsRun } from './manifest.ts';
import type { Role } from './role.ts';
import type { RunReader, RunWriter } from './run.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import type { Shard } from './shard.ts';

/** How a run that is there relates to what is to be done in its folder; each in words for people. */
export interface RunComparison {
  /** What keeps the run from being continued as this one; none: it may be. */
  readonly refused: readonly string[];
  /** What is added to it. */
  readonly grown: readonly string[];
}

interface Opening {
  /** Claimed at once. */
  readonly roles: readonly Role[];
  /** The part of the run that this process does alone; absent: all of it. */
  readonly shard?: Shard | null;
  /** Only asked when there is a run. */
  readonly compare: (
    recorded: Manifest,
    wanted: Manifest,
    reader: RunReader,
  ) => RunComparison | Promise<RunComparison>;
  /** What to do where the run is refused. */
  readonly remedy: string;
}

/**
 * Opens a run folder to write to: a new one with this manifest, or the one that is there if it can be continued as this one.
 * What it grew by is dated in its manifest.
 *
 * @throws RecordsError when the run that is there is another one, or as records do
 */
export async function openFolder(
  folder: string,
  manifest: Manifest,
  { roles, shard = null, compare, remedy }: Opening,
): Promise<RunWriter> {
  if (!holdsRun(folder)) {
    try {
      return await createRun(folder, manifest, roles, shard);
    } catch (error) {
      // Another part of the run made the folder meanwhile.
      if (shard === null || !holdsRun(folder)) throw error;
    }
  }
  const writer = await openRunWriter(folder, roles, shard);
  try {
    const { refused, grown } = await compare(writer.manifest, manifest, writer.reader);
    if (refused.length > 0) {
      const list = refused.map((line) => `  - ${line}`).join('\n');
      throw new RecordsError(`${folder} holds another run:\n${list}`, { remedy });
    }
    await writer.changeManifest((recorded) => continued(recorded, manifest, grown));
    return writer;
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * The manifest of a run that is continued. What may change (titles, panels, the analysis, budgets, endpoints) is taken from
 * the study as it is now. Raters that were added to the run since stay; a panel that the study no longer has goes, because it
 * has no records.
 */
function continued(recorded: Manifest, wanted: Manifest, grown: readonly string[]): Manifest {
  const named = new Set(wanted.raters.map(({ id }) => id));
  const added = recorded.raters.filter(({ id, kind }) => !named.has(id) && kind !== 'panel');
  const { stages, margins, analysis, study, digest } = wanted;
  const evals = wanted.evals.map((info) => withSpannedRanges(info, recorded.evals));
  const raters = [...wanted.raters, ...added];
  const manifest = { ...recorded, stages, evals, raters, margins, analysis, study, digest };
  if (grown.length === 0) return digestOf(manifest) === digestOf(recorded) ? recorded : manifest;
  const at = new Date().toISOString();
  const growth: Growth[] = grown.map((what) => ({ at, what }));
  return { ...manifest, growth: [...(recorded.growth ?? []), ...growth] };
}

/** A range that is only what the values span is known from the records alone. */
function withSpannedRanges(info: EvalInfo, recorded: readonly EvalInfo[]): EvalInfo {
  const known = recorded.find(({ id }) => id === info.id)?.measures ?? [];
  const measures = info.measures.map((measure) => {
    if (measure.rangeOf !== 'values') return measure;
    const before = known.find(({ id, rangeOf }) => id === measure.id && rangeOf === 'values')?.range;
    if (before === undefined) return measure;
    const [bottom, top] = measure.range;
    return { ...measure, range: [Math.min(bottom, before[0]), Math.max(top, before[1])] as const };
  });
  return { ...info, measures };
}

/** Where the first failure of some work is kept. */
interface FirstFailure {
  readonly failure: { readonly error: unknown } | null;
  fail(error: unknown): void;
}

/** Does this with the run folder open, and closes it. @throws the first thing that failed, once all is closed */
export async function untilClosed<T>(
  writer: RunWriter,
  halt: FirstFailure,
  work: () => Promise<T>,
): Promise<T> {
  let result: { readonly value: T } | null = null;
  try {
    result = { value: await work() };
  } catch (error) {
    halt.fail(error);
  }
  try {
    await writer.close();
  } catch (error) {
    halt.fail(error);
  }
  if (halt.failure) throw halt.failure.error;
  return result!.value;
}
