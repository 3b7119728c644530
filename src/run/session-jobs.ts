import { hasNoAnswer, type Manifest } from '../core/index.ts';
import type { EvalEntry } from '../study/index.ts';
import { Counters } from './counters.ts';
import type { EvalJobs, JobPlan } from './jobs.ts';
import type { Recorded } from './recorded.ts';
import type { Samples } from './samples.ts';
import { type RaterWorker, ratersOf, type StageWorker } from './workers.ts';

/** As much of a session as says what there is to do. */
interface JobSource {
  readonly writer: { readonly manifest: Manifest };
  readonly entries: readonly EvalEntry[];
  /** `null` where only recorded transcripts are rated. */
  readonly elicits: { readonly stages: readonly StageWorker[]; readonly samples: Samples } | null;
}

/** All jobs of these raters, and where checkpoints are asked, of all trials; some of them may be recorded already. */
export function jobPlan(
  { writer: { manifest }, entries, elicits }: JobSource,
  raters: readonly RaterWorker[],
  recorded: Recorded,
): JobPlan {
  const samples = elicits?.samples ?? recordedSamples(recorded);
  return {
    stages: (elicits?.stages ?? manifest.stages).map(({ id }) => id),
    evals: entries.map(
      (entry): EvalJobs => ({
        id: entry.id,
        epochs: entry.epochs,
        ...(entry.eval.open === undefined ? {} : { epochByEpoch: true }),
        samples: samples.of(entry.id),
        raters: ratersOf(raters, entry),
      }),
    ),
    seed: manifest.analysis.seed,
    elicits: elicits !== null,
  };
}

/** The samples that have a transcript to rate. */
function recordedSamples(recorded: Recorded): Pick<Samples, 'of'> {
  const byEval = new Map<string, Map<string, { id: string; cluster: string }>>();
  for (const { eval: name, sample: id, cluster } of recorded.ratable()) {
    const samples = byEval.get(name) ?? new Map();
    byEval.set(name, samples.set(id, { id, cluster }));
  }
  return { of: (evalId) => [...(byEval.get(evalId)?.values() ?? [])] };
}

/** The trials of the run; where only ratings are wanted, those that have something to rate. */
export function countersOf(plan: JobPlan, recorded: Recorded): Counters {
  const ratable = new Map<string, number>();
  for (const { stage, eval: name } of plan.elicits ? [] : recorded.ratable()) {
    ratable.set(`${stage}/${name}`, (ratable.get(`${stage}/${name}`) ?? 0) + 1);
  }
  const counters = new Counters(
    plan.evals.flatMap(({ id, samples, epochs, raters }) =>
      plan.stages.map((stage) => ({
        stage,
        eval: id,
        raters: raters.length,
        total: plan.elicits ? samples.length * epochs : (ratable.get(`${stage}/${id}`) ?? 0),
      })),
    ),
  );
  recorded.countInto(counters, { errors: plan.elicits });
  const raters = new Map(plan.evals.map(({ id, raters }) => [id, raters.map((rater) => rater.id)]));
  for (const trial of recorded.finished(raters)) {
    const cell = counters.cell(trial);
    if (cell && (plan.elicits || !hasNoAnswer(trial.status))) cell.skipped++;
  }
  return counters;
}
