import { z } from 'zod';
import { InputError } from '../../core/index.ts';
import { type Locate, readDocument, readSource } from '../../files/index.ts';

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
  /** Which way a measure that stemma does not know is safer; left out where nobody said. */
  readonly safer?: 'lower' | 'higher';
}

const mappingSchema = z.strictObject({
  ...(Object.fromEntries(
    TABLE_FIELDS.map((field) => [
      field,
      z.string().min(1).optional().describe('The column it is read from.'),
    ]),
  ) as Record<TableField, z.ZodOptional<z.ZodString>>),
  safer: z.enum(['lower', 'higher']).optional(),
});

/**
 * Reads a mapping as the command line takes it: `stage=checkpoint,sample=prompt_id,value=refused,safer=lower`, or the name
 * of a YAML or JSON file with the same keys. All parts but `safer` name columns.
 *
 * @throws InputError naming every field that does not exist, with the nearest, and every part that is not a `field=column`
 */
export function parseMapping(text = ''): TableMapping {
  const { safer, ...columns } = MAPPING_FILE.test(text)
    ? readDocument(text, mappingSchema, { what: 'mapping' }).value
    : readSource(flagSource(text), mappingSchema).value;
  return { columns: columns as TableMapping['columns'], ...(safer === undefined ? {} : { safer }) };
}

const MAPPING_FILE = /^[^=]+\.(ya?ml|json)$/;

function flagSource(text: string): { value: unknown; name: string; locate: Locate } {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const pairs = parts.map(splitPart);
  const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) < index);
  if (twice !== undefined)
    throw new InputError(`--map names "${twice[0]}" twice`, { remedy: 'Keep one of the two.' });
  return {
    value: Object.fromEntries(pairs),
    name: '--map',
    locate: (path) => ({ key: ['--map', ...path].join(' ') }),
  };
}

function splitPart(part: string): [string, string] {
  const equals = part.indexOf('=');
  const name = part.slice(0, equals).trim();
  const value = part.slice(equals + 1).trim();
  if (equals > 0 && value !== '') return [name, value];
  throw new InputError(`"${part.trim()}" in --map is not of the form field=column`, {
    remedy: 'Write it like this: --map stage=checkpoint,sample=prompt_id,value=refused',
  });
}
