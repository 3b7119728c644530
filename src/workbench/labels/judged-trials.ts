import { hasNoAnswer, InputError, isLabeller, parseTrialKey, type TrialKey } from '../../core/index.ts';
import type { JudgesSay, RunReader } from '../../records/index.ts';
import { type LabelledMeasure, setAsking } from './measure.ts';
import type { JudgedTrial } from './pick.ts';

/** The trials that judges gave a value, and what they say of each. */
interface JudgedTrials {
  readonly judges: readonly string[];
  readonly trials: readonly JudgedTrial[];
}

/**
 * What the judges of a run say of its trials on one measure. Judges are its autoraters; where none rated the measure, its
 * rules. Who labels is none.
 *
 * @param wanted ids of raters, in place of these
 * @throws InputError when one of them is unknown, or nobody has rated the measure yet, unless the run is an import: then all
 *   that is asked about it can be labelled
 */
export async function judgedTrials(
  run: RunReader,
  labelled: LabelledMeasure,
  wanted: readonly string[] = [],
): Promise<JudgedTrials> {
  const { info, measure, threshold } = labelled;
  const { raters } = run.manifest;
  const unknown = wanted.find((id) => !raters.some((rater) => rater.id === id && !isLabeller(rater)));
  if (unknown !== undefined) {
    throw new InputError(`the run has no judge "${unknown}"`, {
      remedy: `Its judges are: ${raters.flatMap((rater) => (isLabeller(rater) || rater.kind === 'panel' ? [] : [rater.id])).join(', ')}.`,
    });
  }
  const said = new Map<string, Map<TrialKey, boolean>>();
  for await (const batch of run.ratingBatches({ measure: measure.id })) {
    for (const { key, rater, status, value } of batch) {
      if (status !== 'rated' || value === null || parseTrialKey(key).eval !== info.id) continue;
      const ofRater = said.get(rater) ?? new Map<TrialKey, boolean>();
      said.set(rater, ofRater.set(key, value >= threshold));
    }
  }
  const ofKind = (kind: string) => raters.filter((rater) => rater.kind === kind && said.has(rater.id));
  const auto = ofKind('autorater');
  const judges = wanted.length > 0 ? wanted : (auto.length > 0 ? auto : ofKind('rule')).map(({ id }) => id);
  if (judges.every((id) => !said.has(id))) {
    if (wanted.length === 0 && run.manifest.origin.kind === 'import')
      return await unjudgedTrials(run, labelled);
    throw new InputError(`no judge has rated ${measure.id} in this run yet`, {
      remedy: 'Labels are picked by what judges say: rate the run first (stemma rate).',
    });
  }
  const stages = new Set(run.manifest.stages.map(({ id }) => id));
  const keys = new Set(judges.flatMap((id) => [...(said.get(id)?.keys() ?? [])]));
  const trials = [...keys].flatMap((key): JudgedTrial[] => {
    const { stage, sample, epoch } = parseTrialKey(key);
    if (!stages.has(stage) || run.trial(key) === undefined) return [];
    const answers = judges.flatMap((id) => said.get(id)?.get(key) ?? []);
    return [{ key, stage, sample, epoch, says: sayOf(answers) }];
  });
  return { judges, trials: inOrder(trials, run) };
}

/** What can be labelled of transcripts that nobody rated: all that are asked about the measure, or have an answer at all. */
async function unjudgedTrials(run: RunReader, { info, measure }: LabelledMeasure): Promise<JudgedTrials> {
  const asking = setAsking(info, measure);
  const trials: JudgedTrial[] = [];
  for await (const transcript of run.transcripts({ eval: info.id })) {
    const { key, status, output } = transcript;
    if (hasNoAnswer(status) || output.length === 0) continue;
    if (asking?.asks(transcript).every((ask) => ask.measure.id !== measure.id)) continue;
    const { stage, sample, epoch } = transcript.trial;
    trials.push({ key, stage, sample, epoch, says: 'nothing' });
  }
  if (trials.length > 0) return { judges: [], trials: inOrder(trials, run) };
  throw new InputError(`no transcript of ${info.id} can be labelled for ${measure.id}`, {
    remedy: 'Import responses, and say what is asked about them: stemma rate RUN --as FAMILY.',
  });
}

/** In the manifest's order of stages, so that a frame does not depend on that of the records. */
function inOrder(trials: readonly JudgedTrial[], { manifest }: RunReader): JudgedTrial[] {
  const order = new Map(manifest.stages.map(({ id }, place) => [id, place]));
  return trials.toSorted((a, b) => order.get(a.stage)! - order.get(b.stage)! || (a.key < b.key ? -1 : 1));
}

function sayOf(answers: readonly boolean[]): JudgesSay {
  if (answers.every(Boolean)) return 'yes';
  return answers.some(Boolean) ? 'split' : 'no';
}
