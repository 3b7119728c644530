import {
  type AskedQuestions,
  type EvalInfo,
  InputError,
  type JsonObject,
  type Manifest,
  RecordsError,
} from '../../core/index.ts';
import { tooWideMargin } from '../../core/wide-margin.ts';
import { ownRubric } from '../../evals/own-rubric/own-rubric.ts';
import { didYouMean } from '../../files/index.ts';
import type { RunReader } from '../../records/index.ts';
import type { RaterSpec } from '../../study/index.ts';
import { type AskedEval, askedEval } from './asked-eval.ts';
import { requireColumns, requireRead } from './check-fields.ts';
import { lackInWords, lackNotes, membersInWords } from './lack-words.ts';
import { askableEvals, type Evals } from './question-sets.ts';
import { type AskedSurvey, surveyAsked } from './survey.ts';

/** What raters are to be asked about imported transcripts: a family's questions, or those of a rubric file. */
export interface QuestionChoice {
  /** A family of evals, or the id of a rubric that was chosen before. */
  readonly as?: string;
  readonly rubric?: { readonly file: string; readonly text: string };
  /** Where the sample's metadata have what the questions need, as `parseSampleFields` gives it. */
  readonly with?: JsonObject;
  /** Ids of the run's evals; all, unless given. */
  readonly evals?: readonly string[];
}

/** A choice, checked against a run's transcripts. */
interface Chosen {
  /** The name that the choice has in the run. */
  readonly name: string;
  /** Puts it into the run's manifest, dated. What is there already stays as it is. */
  change(manifest: Manifest): Manifest;
  /** What the transcripts lack for some of the questions, a sentence each. */
  readonly notes: readonly string[];
}

interface ChosenFor {
  readonly info: EvalInfo;
  readonly asked: AskedQuestions;
  readonly evaluation: AskedEval;
  readonly survey: AskedSurvey;
}

/**
 * Checks what is chosen against the transcripts of an imported run: which questions can be asked, and what they lack for the
 * others.
 *
 * @param raters who is to rate them; each must be able to answer something
 * @throws InputError where nothing can be asked, saying what is lacking; for a name that is not known; and where ratings
 *   are there that answered the same questions otherwise
 * @throws RecordsError for a run of a study
 */
export async function chooseQuestions(
  reader: RunReader,
  choice: QuestionChoice,
  { raters = [], evals: given = {} }: { readonly raters?: readonly RaterSpec[]; readonly evals?: Evals } = {},
): Promise<Chosen> {
  const { manifest } = reader;
  if (manifest.origin.kind !== 'import') {
    throw new RecordsError('what raters are asked can be chosen for imported runs alone', {
      place: { file: reader.folder },
      remedy: 'A study says itself what its transcripts are asked: stemma rate RUN --rater ID.',
    });
  }
  const infos = evalsOf(manifest, choice.evals);
  const found: ChosenFor[] = [];
  const failed: { info: EvalInfo; survey: AskedSurvey }[] = [];
  for (const info of infos) {
    const asked = askedOf(choice, info, given);
    refuseOtherChoice(reader, info, asked, given);
    const evaluation = evalOf(asked, info, given);
    requireRead(choice.with ?? {}, evaluation, asked.as);
    const survey = await surveyAsked(reader, info, evaluation, raters);
    requireColumns(choice.with ?? {}, survey);
    if (survey.asked.size === 0) failed.push({ info, survey });
    else found.push({ info, asked, evaluation, survey });
  }
  const name = askedOf(choice, infos[0]!, given).as;
  if (found.length === 0) throw nothingToAsk(failed[0]!, name);
  for (const rater of raters) refuseIdle(rater, found);
  return {
    name,
    change: (before) => withChoice(before, found),
    notes: [
      ...found.flatMap(({ info, survey }) => lackNotes(survey, infos.length > 1 ? `${info.id}: ` : '')),
      ...failed.map(({ info, survey }) => `${info.id} is not asked as ${name}: ${lackInWords(survey)}.`),
    ],
  };
}

function evalsOf({ evals }: Manifest, wanted: readonly string[] | undefined): readonly EvalInfo[] {
  const ids = evals.map(({ id }) => id);
  for (const id of wanted ?? []) {
    if (!ids.includes(id))
      throw new InputError(`the run has no eval "${id}"`, { remedy: didYouMean(id, ids) });
  }
  return wanted === undefined ? evals : evals.filter(({ id }) => wanted.includes(id));
}

/** The choice as an eval's manifest keeps it. What was chosen before need not be said again. */
function askedOf({ as, rubric, with: fields }: QuestionChoice, info: EvalInfo, given: Evals): AskedQuestions {
  const withFields = fields === undefined || Object.keys(fields).length === 0 ? {} : { with: fields };
  const known = Object.keys(askableEvals(given));
  const chosenBefore = (name: string | undefined) => info.asked?.find((one) => one.as === name);
  if (rubric !== undefined) {
    const own = ownRubric(rubric.text, rubric.file);
    const { name } = own.eval;
    refuseUnfit(own, rubric.file, info);
    if (known.includes(name)) {
      throw new InputError(`the rubric has the id "${name}", which is the name of an eval`, {
        place: { file: rubric.file, key: 'id' },
        remedy: 'Give it another id.',
      });
    }
    return { ...chosenBefore(name), as: name, rubric: rubric.text, ...withFields };
  }
  const before = chosenBefore(as);
  if (before !== undefined) return { ...before, ...withFields };
  if (as !== undefined && known.includes(as)) return { as, ...withFields };
  const rubrics = (info.asked ?? []).flatMap((one) => (one.rubric === undefined ? [] : [one.as]));
  throw new InputError(`there is no eval "${as}" whose questions could be asked`, {
    remedy: didYouMean(as ?? '', [...known, ...rubrics], (all) => `Known: ${all.join(', ')}.`),
  });
}

/** @throws InputError for margins as wide as their measures, and for measures that the run has from elsewhere */
function refuseUnfit(
  { eval: { name, measures }, margins }: ReturnType<typeof ownRubric>,
  file: string,
  info: EvalInfo,
): void {
  for (const measure of measures) {
    const key = `measures.${measure.id.slice(name.length + 1)}`;
    const margin = margins[measure.id];
    const wide = margin === undefined ? null : tooWideMargin(margin, [measure]);
    if (wide !== null) {
      throw new InputError(wide.message, { place: { file, key: `${key}.margin` }, remedy: wide.remedy });
    }
    const elsewhere = info.asked?.some(({ as }) => as === name) !== true;
    if (elsewhere && info.measures.some(({ id }) => id === measure.id)) {
      throw new InputError(`the run has another measure "${measure.id}"`, {
        place: { file, key },
        remedy:
          'Give the rubric another id, or the measure another name: two measures of one name would be mixed.',
      });
    }
  }
}

function evalOf({ as, rubric, with: fields }: AskedQuestions, info: EvalInfo, given: Evals): AskedEval {
  const evaluation =
    rubric === undefined
      ? askableEvals(given)[as]!
      : ownRubric(rubric, `the rubric "${as}" of ${info.id}`).eval;
  return askedEval(evaluation, fields);
}

/** @throws InputError where the run has ratings that answered questions of this name which were others */
function refuseOtherChoice(reader: RunReader, info: EvalInfo, asked: AskedQuestions, given: Evals): void {
  const before = info.asked?.find(({ as }) => as === asked.as);
  if (before === undefined || JSON.stringify(before) === JSON.stringify(asked)) return;
  const { questions, measures } = evalOf(before, info, given);
  const raters = reader.manifest.raters.filter(
    ({ id, digests }) =>
      questions.some((question) => Object.hasOwn(digests, `${info.id}:${question.id}`)) &&
      measures.some(
        (measure) => !reader.ratingRows({ rater: id, measure: measure.id })[Symbol.iterator]().next().done,
      ),
  );
  if (raters.length === 0) return;
  const what =
    before.rubric === asked.rubric ? 'with other fields (--with)' : 'by another text of the rubric';
  throw new InputError(
    `"${info.id}" was rated as ${asked.as} ${what} before, by ${raters.map(({ id }) => id).join(', ')}`,
    {
      remedy:
        asked.rubric === undefined
          ? 'Import the transcripts into another run, and rate that one.'
          : 'Give the rubric another id, or import the transcripts into another run.',
    },
  );
}

function nothingToAsk({ info, survey }: Pick<ChosenFor, 'info' | 'survey'>, name: string): InputError {
  return new InputError(`nothing of "${info.id}" can be asked as ${name}: ${lackInWords(survey)}`, {
    remedy: membersInWords(survey),
  });
}

/** @throws InputError for a rater that has no question to answer */
function refuseIdle(rater: RaterSpec, found: readonly ChosenFor[]): void {
  if (found.some(({ survey }) => survey.answerable.get(rater.id)! > 0)) return;
  const rules = found.flatMap(({ evaluation }) =>
    evaluation.questions.flatMap((question) => Object.keys(question.rules)),
  );
  const name = rater.kind === 'rule' ? rater.rule : rater.id;
  const known = rules.includes(name);
  throw new InputError(
    known
      ? `the rule "${name}" can rate none of these transcripts: it reads what stemma's own sandbox records`
      : `"${rater.id}" can answer nothing that ${found[0]!.asked.as} asks`,
    {
      remedy: known
        ? 'Rate them by a judge or by people.'
        : rules.length === 0
          ? 'No rule answers these questions: name a judge (ID=autorater:MODEL), or label by hand (stemma label).'
          : `Its rules are: ${[...new Set(rules)].join(', ')}.`,
    },
  );
}

function withChoice(manifest: Manifest, found: readonly ChosenFor[]): Manifest {
  const at = new Date().toISOString();
  const growth = [...(manifest.growth ?? [])];
  let { margins } = manifest;
  const evals = manifest.evals.map((info) => {
    const chosen = found.find((one) => one.info.id === info.id);
    if (chosen === undefined) return info;
    const { asked, evaluation, survey } = chosen;
    const measures = evaluation.measures.filter(
      ({ id, derived, without }) => without !== undefined || survey.asked.has(derived?.from ?? id),
    );
    const added = measures.filter(({ id }) => !info.measures.some((measure) => measure.id === id));
    const before = info.asked?.find(({ as }) => as === asked.as);
    if (added.length === 0 && JSON.stringify(before) === JSON.stringify(asked)) return info;
    growth.push({
      at,
      what: `eval ${info.id}: asked as ${asked.as} (${measures.map(({ id }) => id).join(', ')})`,
    });
    if (asked.rubric !== undefined) {
      const own = ownRubric(asked.rubric, asked.as);
      const ratios = { ...own.ratios, ...margins.ratios };
      margins = {
        ...margins,
        byMeasure: { ...own.margins, ...margins.byMeasure },
        ...(Object.keys(ratios).length === 0 ? {} : { ratios }),
      };
    }
    return {
      ...info,
      measures: [...info.measures, ...added],
      asked: [...(info.asked ?? []).filter((one) => one !== before), asked],
    };
  });
  if (growth.length === (manifest.growth ?? []).length) return manifest;
  return { ...manifest, evals, margins, growth };
}
