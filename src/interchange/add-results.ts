import {
  digestOf,
  type EvalInfo,
  InputError,
  type Manifest,
  type Measure,
  type StageInfo,
} from '../core/index.ts';
import type { RunReader } from '../records/index.ts';
import { refuseCircle } from './chain.ts';

/** A run's manifest with what a further import brings, and that in words. */
export interface Addition {
  readonly manifest: Manifest;
  readonly grown: readonly string[];
}

/**
 * Adds what an import brings to the manifest of a run that was imported before: stages, evals, measures, raters, epochs.
 *
 * @throws InputError where the two contradict each other
 */
export function withAddition(recorded: Manifest, wanted: Manifest): Addition {
  const grown: string[] = [];
  const stages = [...recorded.stages];
  for (const stage of wanted.stages) {
    const index = stages.findIndex(({ id }) => id === stage.id);
    if (index === -1) {
      stages.push(stage);
      grown.push(`stage ${stage.id}`);
    } else {
      stages[index] = sameStage(stages[index]!, stage);
    }
  }
  refuseCircle(new Map(stages.map(({ id, from }) => [id, from])));
  const evals = [...recorded.evals];
  for (const info of wanted.evals) {
    const index = evals.findIndex(({ id }) => id === info.id);
    if (index === -1) {
      evals.push(info);
      grown.push(`eval ${info.id}`);
    } else {
      evals[index] = sameEval(evals[index]!, info, grown);
    }
  }
  const newRaters = wanted.raters.filter(({ id }) => !recorded.raters.some((rater) => rater.id === id));
  grown.push(...newRaters.map(({ id }) => `rater ${id}`));
  const raters = [...recorded.raters, ...newRaters];
  const margins = {
    ...recorded.margins,
    byMeasure: sameMargins('margin', recorded.margins.byMeasure, wanted.margins.byMeasure),
    ratios: sameMargins('ratio', recorded.margins.ratios, wanted.margins.ratios),
  };
  const contrasts = wanted.analysis.contrasts === 'chain' ? 'chain' : recorded.analysis.contrasts;
  const { source } = recorded.origin as { source: string };
  const all = { stages, evals, raters, margins };
  return {
    manifest: {
      ...recorded,
      ...all,
      analysis: { ...recorded.analysis, contrasts },
      digest: digestOf({ source, ...all }),
    },
    grown,
  };
}

/** A margin that was declared is not changed afterwards. @throws InputError where the two declare other ones */
function sameMargins(
  what: 'margin' | 'ratio',
  known: Readonly<Record<string, number>> = {},
  added: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  for (const [id, margin] of Object.entries(added)) {
    if (known[id] === undefined || known[id] === margin) continue;
    throw new InputError(`${id} has the ${what} ${known[id]} in the run, and ${margin} here`, {
      remedy: `Leave it out, or declare it as it is there: --measure ${id},${what}=${known[id]}`,
    });
  }
  return { ...known, ...added };
}

/**
 * Stages in training order: a parent that the import adds may come after its child, which findings do not mind.
 *
 * @throws InputError where both say how the stage came to be, and say different things
 */
function sameStage(known: StageInfo, added: StageInfo): StageInfo {
  const kindOf = ({ kind }: StageInfo) => (kind === 'imported' ? null : kind);
  const kind = sameSaying(known.id, 'of the kind', kindOf(known), kindOf(added));
  const from = sameSaying(known.id, 'trained from', known.from, added.from);
  sameSaying(known.id, 'taken at step', known.step, added.step);
  const factors = { ...known.factors };
  for (const [factor, level] of Object.entries(added.factors ?? {}))
    factors[factor] = sameSaying(known.id, `at the level of ${factor}`, factors[factor], level)!;
  return {
    ...added,
    ...known,
    kind: kind ?? 'imported',
    from: from ?? null,
    ...(Object.keys(factors).length === 0 ? {} : { factors }),
  };
}

/** What either of the two says of a stage. @throws InputError where both say something, and not the same */
function sameSaying<T extends string | number>(
  stage: string,
  what: string,
  known: T | null | undefined,
  added: T | null | undefined,
): T | null | undefined {
  if (known == null || added == null || known === added) return known ?? added;
  throw new InputError(`"${stage}" is ${what} ${said(known)} in the run, and ${said(added)} here`, {
    remedy: 'Leave it out, or say what the run says. Another checkpoint gets a name of its own.',
  });
}

function said(value: string | number): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}

function sameEval(known: EvalInfo, added: EvalInfo, grown: string[]): EvalInfo {
  const measures: Measure[] = known.measures.map((measure) => {
    const same = added.measures.find(({ id }) => id === measure.id);
    return same === undefined ? measure : sameMeasure(measure, same);
  });
  for (const measure of added.measures) {
    if (measures.some(({ id }) => id === measure.id)) continue;
    measures.push(measure);
    grown.push(`measure ${measure.id}`);
  }
  return { ...known, measures, epochs: Math.max(known.epochs, added.epochs) };
}

/** A range that is only what the values span is that of both. @throws InputError where the two declare other things */
function sameMeasure(known: Measure, added: Measure): Measure {
  if (known.safer !== null && added.safer !== null && known.safer !== added.safer) {
    throw new InputError(
      `${known.id} is safer where it is ${known.safer} in the run, and ${added.safer} here`,
      {
        remedy: `Leave it out, or declare it as it is there: --measure ${known.id},safer=${known.safer}`,
      },
    );
  }
  const declared = known.rangeOf === undefined && added.rangeOf === undefined;
  if (declared && (known.kind !== added.kind || String(known.range) !== String(added.range))) {
    const said = ({ kind, range }: Measure) => `a ${kind} from ${range.join(' to ')}`;
    throw new InputError(`${known.id} is ${said(known)} in the run, and ${said(added)} here`, {
      remedy: `Declare it as it is there: --measure ${known.id},kind=${known.kind},range=${known.range.join('..')}`,
    });
  }
  if (declared) return { ...known, safer: known.safer ?? added.safer };
  const wider = known.kind === 'score' ? known : added;
  const range = [Math.min(known.range[0], added.range[0]), Math.max(known.range[1], added.range[1])] as const;
  return { ...wider, range, safer: known.safer ?? added.safer };
}

/** The evals with the samples that the run holds now. */
export function recounted(evals: readonly EvalInfo[], run: RunReader): EvalInfo[] {
  const samples = new Map(
    evals.map(({ id }) => [id, new Map<string, { digest: string; cluster: string }>()]),
  );
  for (const { eval: id, sample, sampleDigest, cluster } of run.trials()) {
    samples.get(id)?.set(sample, { digest: sampleDigest, cluster });
  }
  return evals.map((info) => {
    const own = [...samples.get(info.id)!.values()];
    const digests = own.map(({ digest }) => digest).sort();
    const clusters = new Set(own.map(({ cluster }) => cluster)).size;
    return { ...info, samples: { count: own.length, clusters, digest: digestOf(digests) } };
  });
}
