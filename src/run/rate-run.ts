import { InputError, type Manifest, type RaterInfo } from '../core/index.ts';
import type { EndpointSettings } from '../models/index.ts';
import { openRun, openRunWriter, type RunWriter, roleOf, untilClosed } from '../records/index.ts';
import { type EvalEntry, type RaterSpec, raterInfos } from '../study/index.ts';
import {
  chooseQuestions,
  type Evals,
  type QuestionChoice,
  questionSets,
  ratedEntries,
} from './asked/index.ts';
import { openRunModels } from './open-models.ts';
import { runSession, type SessionOptions } from './session.ts';
import { StopControl } from './stop-control.ts';
import type { RunSummary } from './summary.ts';
import { checkpointsFor } from './train-stages.ts';
import { OUTAGE_POLICY } from './watched-model.ts';
import { Workers } from './workers.ts';

export interface RateOptions extends SessionOptions {
  readonly folder: string;
  readonly raters: readonly RaterSpec[];
  readonly endpoints?: Readonly<Record<string, EndpointSettings>>;
  /** Where relative model refs of the raters start; the working folder unless given. */
  readonly base?: string;
  /** Evals that are not among stemma's own, by the name that the run's manifest has for them. */
  readonly evals?: Evals;
  /** What is asked about the transcripts of an import; needed once, and where several things were chosen. */
  readonly choice?: QuestionChoice;
}

/**
 * Has raters rate the transcripts that a run holds already. It asks no checkpoint, and the run's other ratings stay. The
 * raters are added to the run's manifest first. Stopped or killed, the same call goes on with what is missing.
 *
 * @throws InputError when two raters have one id, when the run has another rater by that name, none of its evals can be asked, or a rater can answer nothing;
 *   as `chooseQuestions`; else as `runStudy`
 */
export async function rateRun(options: RateOptions): Promise<RunSummary> {
  const { endpoints = {} } = options;
  const twice = options.raters.find(({ id }, at) => options.raters.findIndex((one) => one.id === id) !== at);
  if (twice !== undefined) {
    throw new InputError(`two raters are called "${twice.id}"`, {
      remedy: 'Give each an id of its own: their ratings could not be told apart.',
    });
  }
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
    const entries = await entriesOf(writer, options);
    return runSession(
      { writer, control, workers, entries, raters, elicits: null, budget: {}, shard: null },
      options,
    );
  });
}

/** The evals to rate, with what was chosen for them and the raters in the run's manifest. */
async function entriesOf(writer: RunWriter, options: RateOptions): Promise<readonly EvalEntry[]> {
  const { raters, evals = {} } = options;
  const choice = options.choice ?? onlyChoice(writer.manifest, evals);
  if (choice === undefined) {
    const entries = ratedEntries(writer.manifest, evals);
    await addRaters(writer, raterInfos(raters, entries));
    return entries;
  }
  const chosen = await chooseQuestions(writer.reader, choice, { raters, evals });
  const entries = ratedEntries(chosen.change(writer.manifest), evals, chosen.name).filter(
    ({ id }) => choice.evals?.includes(id) ?? true,
  );
  const infos = raterInfos(raters, entries);
  await writer.changeManifest(chosen.change);
  await addRaters(writer, infos);
  for (const note of chosen.notes) options.onWarning?.(note);
  return entries;
}

/** What an import is asked, where it is one thing: its manifest may not have all of that one's measures. */
function onlyChoice({ origin, evals }: Manifest, given: Evals): QuestionChoice | undefined {
  const named = evals.flatMap(({ id, ...info }) =>
    questionSets({ id, ...info }, given).map(({ name }) => ({ id, name })),
  );
  const names = new Set(named.map(({ name }) => name));
  if (origin.kind !== 'import' || names.size !== 1) return undefined;
  return { as: named[0]!.name, evals: named.map(({ id }) => id) };
}

/**
 * Puts into an imported run what raters are asked about its transcripts, and has nobody rate them.
 *
 * @returns what the transcripts lack for it, a sentence each
 * @throws as `chooseQuestions`
 */
export async function chooseForRun(folder: string, choice: QuestionChoice): Promise<readonly string[]> {
  using run = await openRun(folder);
  const { change, notes } = await chooseQuestions(run, choice);
  await using writer = await openRunWriter(folder);
  await writer.changeManifest(change);
  return notes;
}

function addRaters(writer: RunWriter, raters: readonly RaterInfo[]): Promise<void> {
  return writer.changeManifest((manifest) => {
    const present = new Map(manifest.raters.map((rater) => [rater.id, rater]));
    const added = raters.filter(({ id }) => !present.has(id));
    const known = manifest.raters.map((before) => {
      const rater = raters.find(({ id }) => id === before.id);
      return rater === undefined ? before : withQuestions(before, rater);
    });
    const same = added.length === 0 && known.every((rater, i) => rater === manifest.raters[i]);
    return same ? manifest : { ...manifest, raters: [...known, ...added] };
  });
}

/** The rater, who is asked more questions now. @throws InputError when it is another one */
function withQuestions(before: RaterInfo, rater: RaterInfo): RaterInfo {
  const digests = Object.entries(rater.digests);
  const isNew = digests.every(([question]) => !Object.hasOwn(before.digests, question));
  if (isNew && digests.length > 0 && Object.keys(before.digests).length > 0 && isSameRater(before, rater))
    return { ...before, digests: { ...before.digests, ...rater.digests } };
  refuseOther(before, rater);
  return before;
}

/** Whether it is one rater, as far as can be told of one that is asked other questions than before. */
function isSameRater(before: RaterInfo, rater: RaterInfo): boolean {
  if (before.kind !== rater.kind) return false;
  return (
    rater.kind === 'rule' || (before.description === rater.description && before.family === rater.family)
  );
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
