import { type Eval, type EvalInfo, InputError, type Manifest, type RaterInfo } from '../core/index.ts';
import { evals as knownEvals } from '../evals/index.ts';
import type { EndpointSettings } from '../models/index.ts';
import { openRunWriter, type RunWriter, roleOf, untilClosed } from '../records/index.ts';
import { type EvalEntry, type RaterSpec, raterInfos } from '../study/index.ts';
import { runSession, type SessionOptions } from './session.ts';
import { StopControl } from './stop-control.ts';
import type { RunSummary } from './summary.ts';
import { checkpointsFor, openRunModels } from './train-stages.ts';
import { OUTAGE_POLICY } from './watched-model.ts';
import { Workers } from './workers.ts';

export interface RateOptions extends SessionOptions {
  readonly folder: string;
  readonly raters: readonly RaterSpec[];
  readonly endpoints?: Readonly<Record<string, EndpointSettings>>;
  /** Where relative model refs of the raters start; the working folder unless given. */
  readonly base?: string;
  /** Evals that are not among stemma's own, by the name that the run's manifest has for them. */
  readonly evals?: Readonly<Record<string, Eval>>;
}

/**
 * Has raters rate the transcripts that a run holds already. It asks no checkpoint, and the run's other ratings stay. The
 * raters are added to the run's manifest first. Stopped or killed, the same call goes on with what is missing.
 *
 * @throws InputError when the run has another rater by that name, or none of its evals can be asked; else as `runStudy`
 */
export async function rateRun(options: RateOptions): Promise<RunSummary> {
  const { endpoints = {} } = options;
  using control = new StopControl(options);
  await using models = openRunModels(
    { folder: options.base ?? process.cwd(), endpoints, onEvent: (event) => workers.observe(event) },
    checkpointsFor(options.folder),
  );
  const workers = new Workers(models, endpoints, control, { ...OUTAGE_POLICY, ...options.outage });
  const raters = await workers.openRaters(options.raters);
  await models.learnServers(control.signal);
  const roles = options.raters.map((rater) => roleOf(rater));
  const writer = await openRunWriter(options.folder, roles);
  return await untilClosed(writer, control, async () => {
    const entries = knownEntries(writer.manifest, options.evals ?? {});
    await addRaters(writer, raterInfos(options.raters, entries));
    return runSession(
      { writer, control, workers, entries, raters, elicits: null, budget: {}, shard: null },
      options,
    );
  });
}

/** The evals of a run that can be rated here, as entries of a study: their samples are never asked for. */
export function knownEntries({ evals }: Manifest, given: Readonly<Record<string, Eval>>): EvalEntry[] {
  const known = { ...knownEvals, ...given };
  const entries = evals.flatMap(({ id, eval: name, options, epochs }: EvalInfo) => {
    const evaluation = Object.hasOwn(known, name) ? known[name]! : undefined;
    return evaluation ? [{ id, eval: evaluation, options: { values: options, folder: '' }, epochs }] : [];
  });
  if (entries.length > 0) return entries;
  throw new InputError(
    `nothing in this run can be rated: it is of ${evals.map(({ eval: name }) => `"${name}"`).join(', ')}`,
    {
      remedy: `Transcripts of these evals can be rated: ${Object.keys(known).join(', ')}. For an eval of a plugin, name the study that loads it: --study study.yaml.`,
    },
  );
}

function addRaters(writer: RunWriter, raters: readonly RaterInfo[]): Promise<void> {
  return writer.changeManifest((manifest) => {
    const present = new Map(manifest.raters.map((rater) => [rater.id, rater]));
    const added = raters.filter(({ id }) => !present.has(id));
    for (const rater of raters) {
      const before = present.get(rater.id);
      if (before) refuseOther(before, rater);
    }
    return added.length === 0 ? manifest : { ...manifest, raters: [...manifest.raters, ...added] };
  });
}

function refuseOther(before: RaterInfo, rater: RaterInfo): void {
  const same =
    before.kind === rater.kind &&
    Object.entries(rater.digests).every(([question, digest]) => before.digests[question] === digest);
  if (same) return;
  const [there, here] = [what(before), what(rater)];
  const difference = there === here ? `${there} too, but steered otherwise` : `${there}, not ${here}`;
  throw new InputError(`the run has another rater named "${rater.id}": ${difference}`, {
    remedy: 'Give this one another id: ratings of two raters under one name could not be told apart.',
  });
}

function what({ kind, description }: RaterInfo): string {
  return description === undefined ? `of kind ${kind}` : `of kind ${kind} (${description})`;
}
