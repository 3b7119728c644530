import type { ErrorPlace } from '../core/index.ts';
import { type KeyPath, keyPathText } from '../files/problems.ts';
import { readStudy } from './check.ts';
import type { InspectTasks } from './inspect-tasks.ts';
import { addPlugin } from './plugins.ts';
import type { StudyInput } from './schema.ts';
import type { Study } from './study.ts';

/** Marks what `defineStudy` made, also across two copies of this package. */
const MARK = Symbol.for('stemma.study');

/**
 * A study in TypeScript. It has the study file's own keys (`max_tokens`, not `maxTokens`), so that one page documents both;
 * a stage's and a judge's `model` may also be a `Model` object.
 *
 *     export default defineStudy(
 *       {
 *         name: 'refusals',
 *         stages: [{ id: 'sft', kind: 'sft', model: myModel }, { id: 'final', kind: 'rl', model: 'openai:gpt-5.5' }],
 *         evals: ['refusals'],
 *         raters: [{ id: 'string-match', kind: 'rule', rule: 'string-match' }],
 *       },
 *       { folder: import.meta.dirname },
 *     );
 *
 * @param options.folder where relative paths start; the working folder unless given
 * @param options.tasks what Inspect told of its Inspect tasks, which is asked where a study is loaded
 * @throws DocumentError with everything that is wrong with it, by key path
 */
export function defineStudy(
  input: StudyInput,
  options: { readonly folder?: string; readonly tasks?: InspectTasks } = {},
): Study {
  for (const plugin of input?.plugins ?? [])
    if (typeof plugin === 'object' && plugin !== null) addPlugin(plugin, 'a plugin of this study');
  const source = { value: input, name: 'the study', locate };
  const { folder = process.cwd(), tasks } = options;
  const study = readStudy(source, { file: null, folder, ...(tasks === undefined ? {} : { tasks }) });
  return Object.defineProperty(study, MARK, { value: true, enumerable: true });
}

export function isStudy(value: unknown): value is Study {
  return value !== null && typeof value === 'object' && MARK in value;
}

function locate(path: KeyPath): ErrorPlace {
  return path.length === 0 ? {} : { key: keyPathText(path) };
}
