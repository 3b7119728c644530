import { InputError, isLabeller, type Manifest, type RaterInfo } from '../core/index.ts';
import { firstFindings, looksTaken, type RunReader, readLastSession } from '../records/index.ts';
import { isAsWritten } from '../study/binding.ts';
import { againArm, againFindings } from './again.ts';
import { answerOf } from './answer.ts';
import { conditionalFindings } from './conditional.ts';
import { derivedColumns } from './derived-column.ts';
import type { Findings } from './findings.ts';
import { judgeWarnings } from './judge-warnings.ts';
import { judgedMeasures } from './judged-measures.ts';
import { labelDesigns } from './label-design.ts';
import { type Look, lookAt } from './looks.ts';
import type { MeasureSettings } from './measure-views.ts';
import { measureIdOf, notInRun } from './not-in-run.ts';
import { epochColumns } from './over-epochs.ts';
import { panelColumns } from './panel-column.ts';
import { provenanceOf } from './provenance.ts';
import { type RatingColumn, readRatings } from './rating-column.ts';
import { TRIAL_RATER } from './sign-column.ts';
import { describeStages, planStages } from './stage-chain.ts';
import { togetherOf } from './together.ts';
import { signFindings, signWarnings } from './trial-signs.ts';
import { plannedTrials, readTrials, TRIAL, type TrialTable } from './trial-table.ts';
import { warningsOf } from './warnings.ts';

/** What may be asked for in place of what the manifest says. */
export interface FindingsOptions {
  /** The rater whose values make the headlines. */
  readonly rater?: string;
  /** Only these stages, by id, and all contrasts between them. */
  readonly stages?: readonly string[];
  /** For every measure; where it is not the declared one, verdicts are marked as post hoc. */
  readonly margin?: number;
  /** Resamples of the cluster bootstrap; 0 for none. */
  readonly bootstrap?: number;
  /** A measure's id, or what is after the slash: of it, every sample that changed is listed. `true`: of all measures. */
  readonly flipped?: string | true;
}

/**
 * What the records of a run say: estimates, contrasts with verdicts, shares, agreement, corrections. A pure function of the
 * records and the options: made twice they are the same, byte for byte.
 *
 * @throws InputError for an option that fits nothing in the run; RecordsError for a rating outside its measure's range
 */
export async function makeFindings(run: RunReader, options: FindingsOptions = {}): Promise<Findings> {
  const { manifest } = run;
  checkOptions(options, manifest);
  const plan = planStages(manifest.stages, manifest.analysis.contrasts, options.stages);
  const trials = readTrials(run);
  const { columns: rated, tokens, judges, unknownRatings } = await readRatings(run, trials);
  const combined = [...rated, ...panelColumns(manifest, rated)];
  const trialColumns = [...combined, ...derivedColumns(combined)];
  const overEpochs = epochColumns(trialColumns, manifest.analysis.overEpochs ?? []);
  const columns = [...trialColumns, ...overEpochs];
  const tables = [...trials.evals, ...new Set(overEpochs.map(({ table }) => table))];
  const headlineRater = options.rater ?? manifest.analysis.headlineRater ?? manifest.raters[0]?.id;
  const counts = countTrials(manifest, trials);
  const recorded = counts.completed + counts.limit + counts.errors + (counts.empty ?? 0);
  const noted = looksTaken(run.folder);
  // A study that does not declare its looks any more had them all the same.
  const declared = manifest.analysis.looks ?? (noted.looks.length === 0 ? undefined : [1]);
  const look =
    declared === undefined ? undefined : lookAt(declared, { recorded, planned: counts.planned }, noted.looks);
  const asWritten = isAsWritten(manifest);
  const measureIds = tables.flatMap(({ info }) => info.measures.map(({ id }) => id));
  const settings: MeasureSettings = {
    look,
    manifest,
    asWritten,
    plan,
    headlineRater,
    margin: options.margin,
    bootstrap: options.bootstrap ?? manifest.analysis.bootstrap,
    seed: manifest.analysis.seed,
    flipped: typeof options.flipped === 'string' ? measureIdOf(options.flipped, measureIds) : options.flipped,
    designOf: labelDesigns(run, trials),
  };
  refusePickedHeadline(columns, settings);
  const stages = describeStages(manifest.stages, plan);
  const declaredRater = options.rater !== undefined || manifest.analysis.headlineRater !== null;
  const blocks = trials.evals.map(({ info }) => info.id);
  const measures = judgedMeasures({ tables, columns, blocks, stages, declaredRater }, settings);
  const together = togetherOf(measures, stages);
  const idOf = (stage: number) => manifest.stages[stage]!.id;
  const chains = plan.chains.map((chain) => chain.map(idOf));
  const signs = signFindings(trials.evals, plan, idOf, manifest.origin.kind === 'import');
  const arms = plan.again.map(([stage, again]) =>
    againArm(manifest.stages[stage]!, manifest.stages[again]!, trials.answered),
  );
  const again = againFindings(measures, stages, arms);
  const wanted = manifest.analysis.conditional ?? [];
  const conditional = conditionalFindings(wanted, trialColumns, measures, manifest, plan.shown);
  return {
    version: 1,
    run: manifest.name,
    origin: manifest.origin,
    answer: answerOf({ measures, stages, together, chains }),
    stages,
    chains,
    raters: [
      ...manifest.raters,
      ...(measures.some(({ rater }) => rater === TRIAL_RATER.id) ? [TRIAL_RATER] : []),
    ].map(({ id, kind, title }) => ({
      id,
      kind,
      ...(title === undefined ? {} : { title }),
      headline: id === headlineRater,
    })),
    measures,
    together,
    ...(conditional.length === 0 ? {} : { conditional }),
    ...(look === undefined ? {} : { look: lookInFindings(look) }),
    ...(again === undefined ? {} : { again }),
    signs,
    warnings: [
      ...warningsOf({
        measures,
        stages,
        manifest,
        asWritten,
        unknownRatings,
        unknownTrials: trials.unknownTrials,
        answered: trials.answered,
        judges,
        trials: { planned: counts.planned, recorded },
        lastSession: readLastSession(run.folder),
        damaged: run.damaged,
        ratedAlone: run.countRatedAlone(),
        silentRaters: silentRaters(manifest, rated),
        headlineRater,
        firstFindings: firstFindings(run.folder),
        look,
        damagedLooks: noted.damaged,
      }),
      ...signWarnings(signs, stages),
      ...judgeWarnings(rated.filter((column) => settings.designOf(column) === undefined)),
    ],
    ...provenanceOf(run, trials, settings.bootstrap, tokens),
    trials: counts,
  };
}

/** Those who label with `stemma label`, or in a study, do so when they like; those whose labels were imported have done so. */
function silentRaters({ raters, origin }: Manifest, rated: readonly RatingColumn[]): RaterInfo[] {
  if (rated.length === 0) return [];
  const heard = new Set(rated.map(({ rater }) => rater.id));
  const mayWait = (rater: RaterInfo) =>
    isLabeller(rater) && (origin.kind === 'study' || Object.keys(rater.digests).length > 0);
  const isPanel = ({ kind, panel }: RaterInfo) => kind === 'panel' || panel !== undefined;
  return raters.filter((rater) => !heard.has(rater.id) && !isPanel(rater) && !mayWait(rater));
}

function lookInFindings(look: Look): NonNullable<Findings['look']> {
  const { number, declared, answered, part, recorded, planned, earlier } = look;
  const taken = earlier.map(({ at, ...one }) => ({
    part: one.part,
    answered: one.recorded / one.planned,
    at,
  }));
  return { number, declared, answered, part, recorded, planned, taken };
}

/** Labels that were picked by what judges say are not a view of their own: they correct the judges'. */
function refusePickedHeadline(
  columns: readonly RatingColumn[],
  { headlineRater, designOf }: MeasureSettings,
): void {
  const own = columns.filter(({ rater }) => rater.id === headlineRater);
  if (own.length === 0 || own.some((column) => designOf(column) === undefined)) return;
  throw new InputError(`the labels of "${headlineRater}" can't make the headlines by themselves`, {
    remedy:
      'They are of trials that were picked by what the judges say, and correct the judges’ values: name a judge instead.',
  });
}

function checkOptions({ rater, margin, bootstrap }: FindingsOptions, { raters }: Manifest): void {
  if (margin !== undefined && !(margin > 0 && Number.isFinite(margin))) {
    throw new InputError(`the margin ${margin} is not a number above 0`);
  }
  if (bootstrap !== undefined && !(Number.isInteger(bootstrap) && bootstrap >= 0)) {
    throw new InputError(`${bootstrap} is not a number of resamples`);
  }
  if (rater === undefined || raters.some(({ id }) => id === rater)) return;
  const ids = raters.map(({ id }) => id);
  throw notInRun('rater', rater, ids);
}

function countTrials(manifest: Manifest, { evals }: TrialTable): Findings['trials'] {
  const count = (code: number) =>
    evals.reduce(
      (total, { status }) => total + status.reduce((sum, one) => sum + (one === code ? 1 : 0), 0),
      0,
    );
  return {
    planned: plannedTrials(manifest),
    completed: count(TRIAL.completed),
    errors: count(TRIAL.error),
    limit: count(TRIAL.limit),
    ...(count(TRIAL.empty) === 0 ? {} : { empty: count(TRIAL.empty) }),
  };
}
