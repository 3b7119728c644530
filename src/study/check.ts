import { Problems } from '../files/problems.ts';
import { readShape } from '../files/schema-problems.ts';
import { checkControls } from './check-controls.ts';
import { checkEndpoints } from './check-endpoints.ts';
import { checkEvals } from './check-evals.ts';
import { checkExpectations } from './check-expectations.ts';
import { checkModels } from './check-models.ts';
import { checkRaters } from './check-raters.ts';
import { checkRecipes } from './check-recipes.ts';
import { checkAnalysis, checkMargins, checkName } from './check-settings.ts';
import { checkStages } from './check-stages.ts';
import { isObject, type WrittenStudy, withoutExtras } from './input.ts';
import { studyJsonSchema } from './json-schema.ts';
import { resolveStudy } from './resolve.ts';
import { studySchema } from './schema.ts';
import type { Study } from './study.ts';

/**
 * Checks a study as it was written, and resolves it.
 *
 * @throws DocumentError with everything that is wrong with it, in the order of its file
 */
export function checkStudy(written: WrittenStudy): Study {
  const problems = new Problems(written.locate);
  const name = written.file ?? 'the study';
  const value = withoutExtras(written.value);
  if (!isObject(value)) {
    const subject = written.file === null ? 'the study' : 'this file';
    const what = value === null || value === undefined ? 'is empty' : 'is not a map of keys';
    problems.add(
      [],
      `${subject} ${what}`,
      'A study begins with `name:` and `stages:`; `stemma init` writes one to start from.',
    );
    problems.throwIfAny(name);
  }
  const { output } = readShape({ schema: studySchema, json: studyJsonSchema(), value, path: [] }, problems);
  checkName(value, problems);
  checkStages(value, problems);
  const evals = checkEvals(value, written.folder, problems);
  checkRaters(value, evals, problems);
  checkMargins(
    value,
    evals.possible.flatMap(({ measures }) => measures),
    problems,
  );
  checkControls(value, problems);
  checkAnalysis(value, problems);
  checkEndpoints(value, problems);
  checkModels({ ...written, value }, problems);
  checkRecipes({ ...written, value }, problems);
  checkExpectations(
    value,
    evals.possible.flatMap(({ measures }) => measures),
    problems,
  );
  problems.throwIfAny(name);
  if (output === null) throw new Error('checkStudy: a study that fits no schema has no problem');
  return resolveStudy(output.value, written);
}
