import { InputError } from '../../core/index.ts';
import { nearest } from '../../files/index.ts';

/** What a column of a table can hold. */
export const TABLE_FIELDS = [
  'stage',
  'sample',
  'value',
  'cluster',
  'epoch',
  'measure',
  'rater',
  'label',
  'explanation',
  'prompt',
  'thoughts',
  'response',
] as const;
export type TableField = (typeof TABLE_FIELDS)[number];

export interface TableMapping {
  /** Column by field. A field that is not named here is read from the column of its own name, where there is one. */
  readonly columns: Readonly<Partial<Record<TableField, string>>>;
  /** Which way a measure that stemma does not know is safer; by default `lower`. */
  readonly safer?: 'lower' | 'higher';
}

/**
 * Reads a mapping as the command line takes it: `stage=checkpoint,sample=prompt_id,value=refused,safer=lower`. All
 * parts but `safer` name columns.
 *
 * @throws InputError for a field that does not exist, naming the nearest, and for a part that is no `field=column`
 */
export function parseMapping(text: string | undefined): TableMapping {
  const columns: Partial<Record<TableField, string>> = {};
  let safer: TableMapping['safer'];
  for (const part of (text ?? '').split(',').filter((part) => part.trim() !== '')) {
    const [name, value] = splitPart(part);
    if (name === 'safer') safer = parseSafer(value);
    else if (columns[asField(name)] !== undefined) throw new InputError(`--map names "${name}" twice`);
    else columns[asField(name)] = value;
  }
  return { columns, ...(safer === undefined ? {} : { safer }) };
}

function splitPart(part: string): [string, string] {
  const equals = part.indexOf('=');
  const name = part.slice(0, equals).trim();
  const value = part.slice(equals + 1).trim();
  if (equals > 0 && value !== '') return [name, value];
  throw new InputError(`"${part.trim()}" in --map is no field=column`, {
    remedy: 'Write it like this: --map stage=checkpoint,sample=prompt_id,value=refused',
  });
}

function asField(name: string): TableField {
  const field = TABLE_FIELDS.find((field) => field === name);
  if (field !== undefined) return field;
  const meant = nearest(name, [...TABLE_FIELDS, 'safer']);
  throw new InputError(`--map names "${name}", which is no field`, {
    remedy: `${meant === undefined ? '' : `Did you mean "${meant}"? `}The fields are: ${TABLE_FIELDS.join(', ')}; and safer=lower or safer=higher.`,
  });
}

function parseSafer(value: string): 'lower' | 'higher' {
  if (value === 'lower' || value === 'higher') return value;
  throw new InputError(`safer=${value} in --map: it is lower or higher`);
}
