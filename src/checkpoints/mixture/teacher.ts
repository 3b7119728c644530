import type { Recipe } from '../recipe.ts';
import { type FileSource, readRows, type SourceRow } from './file-source.ts';
import type { StageTeacher } from './stage-teacher.ts';

/** A recipe with teachers that have to be asked before it can be trained. */
export interface AskedSource {
  readonly name: string;
  readonly source: FileSource;
  readonly teacher: StageTeacher;
}

/** The sources of a recipe whose answers, or a share of them, come from stages of the study. */
export function askedSources(recipe: Recipe): AskedSource[] {
  if (recipe.engine === 'organism') return [];
  return Object.entries(recipe.mixture).flatMap(([name, source]): AskedSource[] => {
    const isDrawn = (source.draws ?? source.weight) > 0;
    const teachers = [source.asked, source.swap?.asked].filter((teacher) => teacher !== undefined);
    return isDrawn ? teachers.map((teacher) => ({ name, source, teacher })) : [];
  });
}

/**
 * The prompts that a teacher is asked: all rows that the filters leave, so that another recipe that draws more of them finds them
 * answered.
 *
 * @param folder of the recipe
 * @throws InputError naming the file and line that is not an example
 */
export function askedRows({ name, source, teacher }: AskedSource, folder: string): SourceRow[] {
  const { swap: _, ...prompts } = source;
  return readRows(name, { ...prompts, asked: teacher }, 'sft', folder);
}

/** The recipe with each teacher that is a stage replaced by what `change` makes of it. */
function withTeachers<R extends Recipe>(recipe: R, change: (source: FileSource) => FileSource): R {
  if (recipe.engine === 'organism') return recipe;
  const mixture = Object.entries(recipe.mixture).map(([name, source]) => [name, change(source)] as const);
  return { ...recipe, mixture: Object.fromEntries(mixture) };
}

/**
 * Binds teachers to their checkpoints, so that another checkpoint of the teacher makes another checkpoint of the pupil.
 *
 * @param checkpointOf what the study says of a stage's checkpoint
 */
export function boundTeachers<R extends Recipe>(recipe: R, checkpointOf: (stage: string) => string): R {
  if (askedSources(recipe).length === 0) return recipe;
  const bound = (teacher: StageTeacher) => ({ ...teacher, checkpoint: checkpointOf(teacher.stage) });
  return withTeachers(recipe, ({ asked, swap, ...source }) => ({
    ...source,
    ...(asked === undefined ? {} : { asked: bound(asked) }),
    ...(swap === undefined
      ? {}
      : { swap: swap.asked === undefined ? swap : { ...swap, asked: bound(swap.asked) } }),
  }));
}

/**
 * The recipe with files of answers in the place of teachers that were asked.
 *
 * @param fileOf the file with the answers of a teacher, relative to the recipe, and its digest
 */
export function withAnswers<R extends Recipe>(
  recipe: R,
  fileOf: (source: FileSource, teacher: StageTeacher) => Pick<FileSource, 'path' | 'digest'>,
): R {
  return withTeachers(recipe, (source) => {
    const { asked, swap, ...rest } = source;
    const { asked: other, ...swapped } = swap ?? {};
    return {
      ...rest,
      ...(asked === undefined ? {} : fileOf(source, asked)),
      ...(swap === undefined
        ? {}
        : { swap: { ...(swapped as typeof swap), ...(other === undefined ? {} : fileOf(source, other)) } }),
    };
  });
}
