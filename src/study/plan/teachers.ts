import {
  type AskedSource,
  askedRows,
  askedSources,
  engineOf,
  promptOf,
  type SourceRow,
  type StageTeacher,
  TeacherAnswers,
} from '../../checkpoints/index.ts';
import type { Study } from '../study.ts';
import {
  type Bounds,
  CHARACTERS_A_TOKEN,
  type ModelLoad,
  TOKENS_A_MESSAGE,
  type Tokens,
  USUAL_RESPONSE_TOKENS,
} from './load-size.ts';
import type { PlannedTeacher } from './planned.ts';

/** What one stage is to be asked as the teacher of others, before these are trained. */
type TeacherLoad = ModelLoad & Pick<PlannedTeacher, 'source' | 'pupils' | 'prompts' | 'answered'>;

/**
 * What the teachers that are stages will be asked. What is kept of their answers is not asked again, nor is anything for a pupil that
 * is trained.
 *
 * @param checkpoints where checkpoints and answers are kept; `null`: nothing is there yet
 * @throws InputError naming the file and line that is not an example
 */
export function teacherLoads(study: Study, checkpoints: string | null): TeacherLoad[] {
  const asked = study.stages.flatMap(({ id, training }) => {
    if (training === undefined) return [];
    const { recipe } = training;
    const job = { stage: id, ...training };
    if (recipe.engine === 'organism') return [];
    if (checkpoints !== null && engineOf(recipe).isTrained(job, checkpoints)) return [];
    const { folder } = recipe;
    return askedSources(recipe).map((source) => ({ pupil: id, source, rows: askedRows(source, folder) }));
  });
  // Recipes whose filters differ may ask one teacher for other rows of one file.
  const alike = Map.groupBy(asked, ({ source }) => answersOf(source, [], '').file);
  return [...alike.values()].map((group) => {
    const { source } = group[0]!;
    const rows = [...new Map(group.flatMap((one) => one.rows.map((row) => [row.line, row]))).values()];
    const missing = checkpoints === null ? rows : answersOf(source, rows, checkpoints).missing();
    const { teacher, name } = source;
    return {
      id: teacher.stage,
      role: 'teacher',
      model: study.stages.find(({ id }) => id === teacher.stage)!.model,
      calls: missing.length,
      callsAtMost: missing.length,
      tokens: teacherTokens(missing, teacher),
      source: name,
      pupils: [...new Set(group.map(({ pupil }) => pupil))],
      prompts: rows.length,
      answered: rows.length - missing.length,
    };
  });
}

function answersOf({ teacher, source }: AskedSource, rows: readonly SourceRow[], checkpoints: string) {
  return new TeacherAnswers(checkpoints, teacher, source, rows);
}

/** What it takes to have these prompts answered: an estimate by the length of the prompts. */
export function teacherTokens(rows: readonly SourceRow[], teacher: StageTeacher): Bounds<Tokens> {
  const told = teacher.system === undefined ? 0 : tokensOf(teacher.system);
  const input = rows.reduce(
    (sum, row) => sum + told + promptOf(row).reduce((all, { content }) => all + tokensOf(content), 0),
    0,
  );
  const answers = (length: number) => ({ input, output: rows.length * length });
  return {
    atMost: answers(teacher.max_tokens),
    usual: answers(Math.min(teacher.max_tokens, USUAL_RESPONSE_TOKENS)),
  };
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN) + TOKENS_A_MESSAGE;
}
