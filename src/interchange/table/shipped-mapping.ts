import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../core/index.ts';
import { nearest } from '../../files/index.ts';

/** Layouts that others publish in, each described by a mapping file. */
const FOLDER = fileURLToPath(new URL('./mappings/', import.meta.url));

/** The names of the mappings that stemma ships. */
export function shippedMappings(): string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();
}

/** Whether a `--map` can be the name of a mapping: it is not a path, and lists no fields. */
export function isMappingName(text: string): boolean {
  return text !== '' && !/[=,./\\\s]/.test(text);
}

/**
 * The file of the mapping of this name. A file of one's own with this very name comes first.
 *
 * @throws InputError for a name that is not there, with the nearest
 */
export function shippedMapping(name: string): string {
  if (statSync(name, { throwIfNoEntry: false })?.isFile()) return name;
  const all = shippedMappings();
  if (all.includes(name)) return `${FOLDER}${name}.yaml`;
  const near = nearest(name, all);
  throw new InputError(`there is no mapping "${name}", and no file of this name`, {
    remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${all.join(', ')}. Or name a mapping file, or columns: --map stage=checkpoint,sample=prompt_id,value=refused`,
  });
}
