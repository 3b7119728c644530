import { pathToFileURL } from 'node:url';
import { InputError, type Model } from '../../core/index.ts';
import { nearest } from '../../files/index.ts';
import { type Respond, scriptedModel } from './scripted.ts';
import { respondFrom } from './scripted-draw.ts';
import { readScriptedTables } from './scripted-table.ts';

const MODULE = /\.(m|c)?(ts|js)$/;

/**
 * The model that `scripted:FILE#NAME` names: a function that a module exports, or a table in a YAML or JSON file.
 * Without NAME: the module's default export, or the file's only table.
 *
 * @throws InputError when the file can't be read, is malformed, or holds nothing by that name
 */
export async function openScripted(ref: string, file: string, name: string): Promise<Model> {
  return MODULE.test(file) ? openFunction(ref, file, name || 'default') : openTable(ref, file, name);
}

async function openFunction(ref: string, file: string, name: string): Promise<Model> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    throw new InputError(`${ref}: the module can't be loaded: ${(cause as Error).message}`, {
      place: { file },
      cause,
    });
  }
  const respond = module[name];
  if (typeof respond === 'function') return scriptedModel(ref, respond as Respond);
  const functions = Object.keys(module).filter((key) => typeof module[key] === 'function');
  throw new InputError(`${ref}: the module exports no function "${name}"`, {
    place: { file },
    remedy: choice(name, functions, 'It exports no function at all.'),
  });
}

function openTable(ref: string, file: string, name: string): Model {
  const tables = readScriptedTables(file);
  const names = Object.keys(tables);
  const chosen = name === '' && names.length === 1 ? names[0]! : name;
  const table = Object.hasOwn(tables, chosen) ? tables[chosen] : undefined;
  if (table !== undefined) return scriptedModel(ref, respondFrom(table, chosen));
  throw new InputError(
    `${ref}: the file holds ${name === '' ? 'more than one table' : `no table "${name}"`}`,
    {
      place: { file },
      remedy: choice(name, names, 'It holds no table at all.'),
    },
  );
}

function choice(name: string, names: readonly string[], none: string): string {
  if (names.length === 0) return none;
  const meant = nearest(name, names);
  return `${meant === undefined ? '' : `Did you mean #${meant}? `}It holds ${names.join(', ')}.`;
}
