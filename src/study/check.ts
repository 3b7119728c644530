import { resolve } from 'node:path';
import { InputError } from '../core/index.ts';
import { findEval } from '../evals/index.ts';
import { type KeyPath, type Problems, readSource } from '../files/index.ts';
import type { YamlSource } from '../files/yaml-source.ts';
import { checkControls } from './check-controls.ts';
import { checkEndpoints } from './check-endpoints.ts';
import { checkEvals } from './check-evals.ts';
import { checkExpectations } from './check-expectations.ts';
import { checkModels } from './check-models.ts';
import { checkRaters } from './check-raters.ts';
import { checkRecipes } from './check-recipes.ts';
import { checkAnalysis, checkAnalysisMeasures, checkMargins, checkName } from './check-settings.ts';
import { checkStages } from './check-stages.ts';
import { type InspectTasks, toldTask, withOwnRaters } from './inspect-tasks.ts';
import { studyJsonSchema } from './json-schema.ts';
import { ownPrograms } from './own-programs.ts';
import { isLoadedPlugin } from './plugins.ts';
import type { SoundStudy } from './rows.ts';
import { studySchema } from './schema.ts';
import { bindStages } from './stages.ts';
import type { Study } from './study.ts';

/** Where a study is: its file as it was named (`null` for a study without one), and where its relative paths start. */
export interface StudyPlace {
  readonly file: string | null;
  readonly folder: string;
  /** What Inspect told of its tasks; absent where it was not asked. */
  readonly tasks?: InspectTasks;
  /** What was wrong with its plugins. */
  readonly faults?: readonly { readonly path: KeyPath; readonly error: InputError }[];
}

/**
 * Checks a study as it was written, and binds it to its evals and checkpoints.
 *
 * @throws DocumentError with everything that is wrong with it, in the order of its file
 */
export function readStudy(
  source: YamlSource,
  { file, folder: given, faults = [], tasks = new Map() }: StudyPlace,
): Study {
  const folder = resolve(given);
  const { value, locate } = readSource(source, studySchema, {
    json: studyJsonSchema,
    begins: 'A study begins with `name:` and `stages:`; `stemma init` writes one to start from.',
    check: (study, problems) => {
      for (const { path, error } of faults) problems.addError(path, error);
      if (faults.length === 0) checkPlugins(study, { file, folder }, problems);
      checkStudy(study, { folder, tasks }, problems);
    },
  });
  const { stages: _, evals: rows, raters, controls: _controls, ...settings } = value;
  const evals = rows.map(({ id, eval: name, options, epochs }, index) => ({
    id,
    eval: toldTask(tasks, index) ?? findEval(name),
    options: { values: options, folder },
    epochs,
  }));
  return {
    ...settings,
    ...ownPrograms(settings, folder),
    file,
    folder,
    stages: bindStages(value, folder),
    evals,
    raters: withOwnRaters(
      raters,
      evals.map((entry) => entry.eval),
    ),
    locate,
  };
}

function checkStudy(
  study: SoundStudy,
  { folder, tasks }: { readonly folder: string; readonly tasks: InspectTasks },
  problems: Problems,
): void {
  checkName(study, problems);
  checkStages(study, problems);
  const evals = checkEvals(study, { folder, tasks }, problems);
  const measures = evals.possible.flatMap((one) => one.measures);
  // What a task measures that Inspect could not load, nobody knows.
  const told = [...tasks.values()].every((task) => !(task instanceof InputError));
  if (told) checkRaters(study, evals, problems);
  if (told) checkMargins(study, measures, problems);
  checkControls(study, problems);
  checkAnalysis(study, problems);
  const possible = evals.possible.map((one) => ({
    measures: one.measures,
    epochs: epochsOf(study, one.name),
  }));
  if (told) checkAnalysisMeasures(study, possible, problems);
  checkEndpoints(study, problems);
  checkModels(study, folder, problems);
  checkRecipes(study, folder, problems);
  if (told) checkExpectations(study, measures, problems);
}

/** The most epochs that an entry gives an eval. */
function epochsOf(study: SoundStudy, name: string): number {
  const entries = (study.evals ?? []).flatMap((entry) =>
    typeof entry === 'object' && entry.eval === name ? [entry.epochs ?? 1] : [],
  );
  return Math.max(1, ...entries);
}

function checkPlugins({ plugins = [] }: SoundStudy, { file, folder }: StudyPlace, problems: Problems): void {
  for (const [index, plugin] of plugins.entries()) {
    if (typeof plugin === 'object' && file !== null)
      problems.add(
        ['plugins', index],
        'must be the path of a module, not a map of keys',
        'Write `plugins: [./my-eval.ts]`.',
      );
    if (typeof plugin !== 'string' || isLoadedPlugin(resolve(folder, plugin))) continue;
    const remedy = `Import it and write it without quotes: \`import plugin from '${plugin}'\`, \`plugins: [plugin]\`.`;
    problems.add(['plugins', index], 'defineStudy cannot load a plugin by its path', remedy);
  }
}
