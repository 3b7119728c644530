import { relative } from 'node:path';
import {
  type AskedSource,
  askedRows,
  askedSources,
  promptOf,
  type Recipe,
  type SourceRow,
  type StageTeacher,
  sourceDigest,
  TeacherAnswers,
  withAnswers,
} from '../checkpoints/index.ts';
import { type Message, type Model, ModelError, StemmaError } from '../core/index.ts';
import { counted } from '../format/index.ts';
import type { Study } from '../study/index.ts';
import { estimated } from './counters.ts';
import { stageWeights } from './identity.ts';
import { openRunModels } from './open-models.ts';
import { serveStages } from './serve-stages.ts';
import type { StoppedBy } from './stop-control.ts';
import type { TeacherBudget } from './teacher-budget.ts';

interface AskingOptions {
  readonly checkpoints: string;
  readonly signal: AbortSignal;
  readonly budget: TeacherBudget;
  readonly onWarning: (warning: string) => void;
  /** After every answer; `done` of `of` prompts have one. */
  readonly onAnswer: (teacher: string, done: number, of: number) => void;
}

/** What kept a teacher from answering all prompts. */
export interface StoppedAsking {
  readonly by: StoppedBy;
  readonly teacher: string;
  readonly done: number;
  readonly of: number;
}

/** Prompts under way at once; the endpoint's own limits hold beside it. */
const AT_ONCE = 32;

/**
 * Asks the stages that are teachers in a recipe for their answers, and puts files of these in their place. Answers are kept beside
 * the checkpoints, each as it comes: what was answered is not asked again, by this recipe or by another one. A budget of tokens or
 * dollars ends the asking as it ends trials.
 *
 * @returns the recipe with files alone, or what stopped the asking
 * @throws StemmaError where a prompt was not answered; all others are kept
 */
export async function answeredRecipe<R extends Recipe>(
  recipe: R,
  study: Study,
  options: AskingOptions,
): Promise<R | StoppedAsking> {
  if (recipe.engine === 'organism') return recipe;
  const { folder } = recipe;
  const files = new Map<StageTeacher, string>();
  for (const asked of askedSources(recipe)) {
    const { name, source, teacher } = asked;
    const kept = new TeacherAnswers(options.checkpoints, teacher, source, askedRows(asked, folder));
    const missing = kept.missing();
    const by = missing.length === 0 ? null : await ask(missing, kept, { asked, study, options });
    if (kept.missing().length > 0)
      return { by: by ?? 'signal', teacher: teacher.stage, done: kept.done, of: kept.of };
    for (const warning of kept.doubts(name)) options.onWarning(warning);
    files.set(teacher, kept.writeExamples());
  }
  return withAnswers(recipe, (_, teacher) => {
    const file = files.get(teacher);
    // A source of which nothing is drawn is not asked for.
    return file === undefined
      ? { path: '', digest: '' }
      : { path: relative(folder, file), digest: sourceDigest(file) };
  });
}

interface TeacherAsking {
  readonly asked: AskedSource;
  readonly study: Study;
  readonly options: AskingOptions;
}

/** @returns the budget that ended it; `null` for none */
async function ask(
  rows: readonly SourceRow[],
  answers: TeacherAnswers,
  asking: TeacherAsking,
): Promise<StoppedBy | null> {
  const { asked, study, options } = asking;
  const stage = study.stages.find(({ id }) => id === asked.teacher.stage)!;
  const own = { ...study, stages: [stage] };
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal]);
  const weights = await stageWeights(own, options.checkpoints, {});
  await using serving = await serveStages(own, {
    checkpoints: options.checkpoints,
    weights,
    onFail: (error) => failing.abort(error),
  });
  await using models = openRunModels(
    {
      ...(serving === null ? {} : { servedAt: serving.servedAt }),
      folder: study.folder,
      endpoints: study.endpoints,
    },
    options.checkpoints,
  );
  await serving?.use([stage.id], signal);
  const model = 'generate' in stage.model ? stage.model : await models.open(stage.model);
  const by = await askAll(rows, answers, { ...asking, model, signal });
  if (failing.signal.aborted) throw failing.signal.reason;
  return by;
}

async function askAll(
  rows: readonly SourceRow[],
  answers: TeacherAnswers,
  {
    asked: { name, teacher },
    model,
    signal,
    options: { budget, onAnswer, onWarning },
  }: TeacherAsking & { readonly model: Model; readonly signal: AbortSignal },
): Promise<StoppedBy | null> {
  const errors: ModelError[] = [];
  let failure: { readonly error: unknown } | null = null;
  const { temperature, top_p: topP, max_tokens: maxTokens, seed, system } = teacher;
  const told: readonly Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  const tracker = budget.tracker(rows, teacher);
  let measured = true;
  const one = async (row: SourceRow) => {
    const messages = [...told, ...promptOf(row)];
    // Each prompt has a seed of its own, so that equal beginnings do not get equal answers.
    const sampling = { temperature, topP, maxTokens, seed: seed + row.line };
    const generation = await model.generate({ messages, sampling }, signal);
    const { response: content, thoughts, usage: said } = generation;
    if (measured && (said.inputTokens === null || said.outputTokens === null)) {
      measured = false;
      onWarning(
        `the server of the stage "${teacher.stage}" does not say how many tokens an answer took: for the budget they are estimated by its length`,
      );
    }
    const answer = { role: 'assistant', content, ...(thoughts === undefined ? {} : { thoughts }) } as const;
    const usage = estimated({ usage: said, input: messages, output: [answer] });
    answers.keep(row, generation, { run: budget.run, usage });
    budget.spend(usage, teacher);
    onAnswer(teacher.stage, answers.done, answers.of);
  };
  const underWay = new Set<Promise<void>>();
  let ended = 0;
  let stoppedBy: StoppedBy | null = null;
  for (const row of rows) {
    let may = tracker.ask(underWay.size, ended);
    while (underWay.size >= AT_ONCE || may === 'wait') {
      await Promise.race(underWay);
      may = tracker.ask(underWay.size, ended);
    }
    if (signal.aborted || failure !== null || errors.some(({ fatal }) => fatal)) break;
    if (may !== 'begin') {
      stoppedBy = may as StoppedBy;
      break;
    }
    const trying: Promise<void> = one(row)
      .catch((error: unknown) => {
        if (error instanceof ModelError) errors.push(error);
        else failure ??= { error };
      })
      .finally(() => {
        ended++;
        underWay.delete(trying);
      });
    underWay.add(trying);
  }
  await Promise.all(underWay);
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  const [first] = errors;
  if (first === undefined || signal.aborted) return stoppedBy;
  throw new StemmaError(
    `${counted(errors.length, 'prompt')} of the source "${name}" got no answer of its teacher, the stage "${teacher.stage}": ${first.message}`,
    {
      remedy: `${first.remedy ?? ''} The answers that came are kept: the same command asks the rest.`.trim(),
    },
  );
}
