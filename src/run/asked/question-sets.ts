import {
  type AskedQuestions,
  type Eval,
  type EvalInfo,
  InputError,
  type Manifest,
} from '../../core/index.ts';
import { answeredAlone } from '../../evals/answered/alone.ts';
import { evals as knownEvals } from '../../evals/index.ts';
import { ownRubric } from '../../evals/own-rubric/own-rubric.ts';
import type { EvalEntry } from '../../study/index.ts';
import { askedEval } from './asked-eval.ts';

/** Evals by the name that a manifest has for them. */
export type Evals = Readonly<Record<string, Eval>>;

/** Everything whose questions can be chosen for transcripts of others. @param given evals that are not among stemma's own */
export function askableEvals(given: Evals = {}): Evals {
  const all = { ...knownEvals, [answeredAlone.name]: answeredAlone, ...given };
  return Object.fromEntries(Object.entries(all).filter(([, { questions }]) => questions.length > 0));
}

/**
 * What can be asked about the transcripts of an eval of a run: the questions of the eval itself, where stemma has it, and those
 * that were chosen. Each is an eval whose name is that of the choice.
 *
 * @param given evals that are not among stemma's own
 */
export function questionSets(info: EvalInfo, given: Evals = {}): Eval[] {
  const known = { ...knownEvals, ...given };
  const chosen = (info.asked ?? []).flatMap((asked) => chosenEval(asked, info, given) ?? []);
  // What an Inspect task asks is known only where its study was loaded.
  const own =
    Object.hasOwn(known, info.eval) && known[info.eval]!.questions.length > 0 ? [known[info.eval]!] : [];
  return [...own.filter(({ name }) => !chosen.some((one) => one.name === name)), ...chosen];
}

function chosenEval({ as, rubric, with: fields }: AskedQuestions, info: EvalInfo, given: Evals) {
  if (rubric !== undefined)
    return askedEval(ownRubric(rubric, `the rubric "${as}" of ${info.id}`).eval, fields);
  const askable = askableEvals(given);
  return Object.hasOwn(askable, as) ? askedEval(askable[as]!, fields) : undefined;
}

/**
 * The evals of a run that can be rated here, as entries of a study: their samples are never asked for.
 *
 * @param as  the name of the choice, where an eval is asked several things; then evals that are not asked it are left out
 * @throws InputError where there is none, and where there is no telling which is meant
 */
export function ratedEntries({ evals, origin }: Manifest, given: Evals, as?: string): EvalEntry[] {
  const entries = evals.flatMap((info) => {
    const { id, options, epochs } = info;
    const sets = questionSets(info, given).filter(({ name }) => as === undefined || name === as);
    if (sets.length > 1) {
      throw new InputError(`"${id}" is asked several things: ${sets.map(({ name }) => name).join(', ')}`, {
        remedy: `Say which is meant: --as ${sets[0]!.name}`,
      });
    }
    return sets.map((evaluation) => ({
      id,
      eval: evaluation,
      options: { values: options, folder: '' },
      epochs,
    }));
  });
  if (entries.length > 0) return entries;
  const families = Object.keys(askableEvals(given)).join(', ');
  throw new InputError(
    `nothing in this run can be rated: it is of ${evals.map(({ eval: name }) => `"${name}"`).join(', ')}`,
    {
      remedy:
        origin.kind === 'import'
          ? `Say what raters are asked: --as FAMILY, with one of ${families}, or --rubric FILE.`
          : `Transcripts of these evals can be rated: ${families}. For an eval of a plugin, name the study that loads it: --study study.yaml.`,
    },
  );
}
