import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError, StemmaError } from '../core/index.ts';
import { type KeyPath, readDocumentText } from '../files/index.ts';
import { readYaml } from '../files/yaml-source.ts';
import { readStudy, type StudyPlace } from './check.ts';
import { defineStudy, isStudy } from './define.ts';
import { openTasks } from './inspect-tasks.ts';
import { answerOwnName, loadPlugin } from './plugins.ts';
import type { StudyInput } from './schema.ts';
import type { Study } from './study.ts';

const AS_MODULE = 'Write "type": "module" into the package.json above it, or name the file .mts or .mjs.';
const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Reads, checks and resolves a study file: YAML (or JSON), or a module whose default export is `defineStudy(…)`.
 * Nothing is asked of any model, and nothing is taken from the environment.
 *
 * @param file relative to the working folder
 * @throws DocumentError with everything that is wrong in it, each with file, line, column, key and what to do
 * @throws InputError when the file can't be read
 */
export async function loadStudy(file: string): Promise<Study> {
  refuseWhatIsNoFile(file);
  if (MODULES.includes(extname(file))) return loadModule(file);
  const source = readYaml(readDocumentText(file, 'study file'), file);
  const faults = await loadPlugins(source.value, dirname(file));
  const tasks = await openTasks(source.value, resolve(dirname(file)));
  return readStudy(source, { file, folder: dirname(file), faults, tasks });
}

/** Loads the plugins that a study names. @returns what was wrong with them, by their places in the study */
async function loadPlugins(study: unknown, folder: string): Promise<NonNullable<StudyPlace['faults']>> {
  const { plugins } = (study ?? {}) as { plugins?: unknown };
  const faults: { path: KeyPath; error: InputError }[] = [];
  for (const [index, path] of (Array.isArray(plugins) ? plugins : []).entries()) {
    if (typeof path !== 'string' || path === '') continue;
    try {
      await loadPlugin(resolve(folder, path));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push({ path: ['plugins', index], error });
    }
  }
  return faults;
}

function refuseWhatIsNoFile(file: string): void {
  const place = { file };
  if (!existsSync(file)) {
    throw new InputError('there is no such study file', {
      place,
      remedy: `\`stemma init ${file}\` writes one to start from.`,
    });
  }
  if (statSync(file).isDirectory()) {
    const inside = ['study.yaml', 'study.yml', 'study.ts', 'study.mjs'].find((name) =>
      existsSync(join(file, name)),
    );
    const remedy =
      inside === undefined ? 'Name the study file itself.' : `Did you mean ${join(file, inside)}?`;
    throw new InputError('this is a folder, not a study file', { place, remedy });
  }
}

async function loadModule(file: string): Promise<Study> {
  const path = resolve(file);
  answerOwnName();
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    // A mistake that defineStudy found is told as it is; it only lacks the file.
    if (error instanceof StemmaError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    // Node takes a module for CommonJS where the package.json above it says so, as that of `npm init` does.
    const asCommonJs =
      error instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(reason);
    throw new InputError(`this module can't be loaded: ${reason}`, {
      place: { file },
      cause: error,
      ...(asCommonJs ? { remedy: AS_MODULE } : {}),
    });
  }
  const study = module.default;
  if (study === undefined) {
    throw new InputError('this module has no default export', {
      place: { file },
      remedy: 'Write `export default defineStudy({ … }, { folder: import.meta.dirname });`.',
    });
  }
  // The bare shape is as good: it only lacks a folder, and that is the module's.
  if (typeof study !== 'object' || study === null) {
    throw new InputError(
      `the default export of this module is ${study === null ? 'null' : `a ${typeof study}`}, not a study`,
      {
        place: { file },
        remedy: 'Write `export default defineStudy({ … }, { folder: import.meta.dirname });`.',
      },
    );
  }
  if (!isStudy(study)) {
    const [fault] = await loadPlugins(study, dirname(path));
    if (fault !== undefined) throw fault.error;
  }
  const folder = dirname(path);
  const defined = isStudy(study)
    ? study
    : defineStudy(study as StudyInput, { folder, tasks: await openTasks(study, folder) });
  return { ...defined, file };
}
