import { z } from 'zod';
import { definedOnly } from '../../core/defined-only.ts';
import { InputError, type JsonSchema } from '../../core/index.ts';
import { type Locate, type Problems, readDocument, readSource, type Sound } from '../../files/index.ts';
import type { DeclaredStage } from '../chain.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import { ExpressionError, parseExpression } from './expression.ts';
import type { FieldSpec } from './field.ts';
import { isMappingName, shippedMapping } from './shipped-mapping.ts';

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

export type FieldSpecs = Readonly<Partial<Record<TableField, FieldSpec>>>;

/** A measure of which each row has a value. */
interface MappedMeasure extends DeclaredMeasure {
  readonly fields: FieldSpecs;
  readonly where?: string;
}

/** By key: what is kept of a row in the metadata of its sample, for raters. */
export type MetadataSpecs = Readonly<Record<string, FieldSpec>>;

export interface TableMapping {
  /** Where each field comes from. One that is not named here is read from the column of its own name, where there is one. */
  readonly columns: FieldSpecs;
  readonly metadata?: MetadataSpecs;
  /** Which way a measure that stemma does not know is safer; left out where nobody said. */
  readonly safer?: 'lower' | 'higher';
  /** Where the rows are in a JSON file that is not itself an array: `results.results`. */
  readonly rows?: string;
  /** Only rows for which this holds. */
  readonly where?: string;
  /** Files below the folder that is imported, or on the hub, each with fields of its own. */
  readonly sources?: readonly {
    readonly file: string;
    readonly fields: FieldSpecs;
    readonly metadata?: MetadataSpecs;
    readonly where?: string;
  }[];
  /** Several measures a row. */
  readonly measures?: readonly MappedMeasure[];
  readonly stages?: readonly DeclaredStage[];
  readonly raters?: Readonly<
    Record<string, { readonly kind?: 'autorater' | 'rule' | 'human'; readonly title?: string }>
  >;
  /** Of the run, by default that of the file. */
  readonly name?: string;
  readonly citation?: string;
  /** The id of the eval; by default `imported`. */
  readonly eval?: string;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const expression = z.string().min(1).describe('An expression over columns: score > 5 and split == "test".');
const rows = z
  .string()
  .min(1)
  .describe('Where the rows are in a JSON file that is not itself an array: results.results.');
export const field = z
  .union([
    z.string().min(1),
    z.array(z.string().min(1)).min(1),
    z.strictObject({ value: scalar }),
    z.strictObject({
      column: z.string().min(1),
      values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    }),
    z.strictObject({ derive: expression }),
  ])
  .describe(
    'A column, a path into nested JSON (a.b), several columns that make one text, { value: … } for all rows, { column: …, values: { old: new } }, or { derive: … }.',
  );
const fields = Object.fromEntries(TABLE_FIELDS.map((name) => [name, field.optional()])) as Record<
  TableField,
  z.ZodOptional<typeof field>
>;
const measure = z.strictObject({
  value: field.optional(),
  rater: field.optional(),
  label: field.optional(),
  explanation: field.optional(),
  where: expression.optional(),
  optional: z
    .boolean()
    .optional()
    .describe(
      'Rows, and whole tables, without its column are not of this measure, instead of missing a value.',
    ),
  kind: z.enum(['rate', 'score']).optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
  margin: z.number().positive().optional(),
  ratio: z.number().gt(1).optional(),
  safer: z.enum(['lower', 'higher']).optional(),
});
const stage = z.strictObject({
  from: z.string().min(1).optional(),
  kind: z.string().min(1).optional(),
  title: z.string().min(1).optional(),
  family: z.string().min(1).optional(),
  step: z
    .number()
    .min(0)
    .optional()
    .describe('At which step of its training it was taken. Three or more of one kind make a curve.'),
  factors: z.record(z.string(), z.string()).optional(),
});
const rater = z.strictObject({
  kind: z.enum(['autorater', 'rule', 'human']).optional(),
  title: z.string().min(1).optional(),
});

const metadata = z
  .record(z.string().min(1), field)
  .optional()
  .describe('What is kept of each sample for raters, who may need to know it: { intent: label }.');

const sourceFile = z
  .string()
  .min(1)
  .describe('A file in the folder that is imported, or of a data set: hf:ORG/NAME@REVISION/PATH.');

const mappingSchema = z.strictObject({
  ...fields,
  metadata,
  safer: z.enum(['lower', 'higher']).optional(),
  rows: rows.optional(),
  where: expression.optional(),
  name: z.string().min(1).optional(),
  citation: z.string().min(1).optional(),
  eval: z.string().min(1).optional(),
  sources: z
    .array(z.strictObject({ file: sourceFile, where: expression.optional(), metadata, ...fields }))
    .min(1)
    .optional(),
  measures: z
    .record(z.string().min(1), measure)
    .refine((all) => Object.keys(all).length > 0, 'names no measure')
    .optional(),
  stages: z.record(z.string().min(1), stage.nullable()).optional(),
  raters: z.record(z.string().min(1), rater).optional(),
});

/** What `--map field=column,…` can say. */
const flagSchema = z.strictObject({
  ...(Object.fromEntries(TABLE_FIELDS.map((name) => [name, z.string().min(1).optional()])) as Record<
    TableField,
    z.ZodOptional<z.ZodString>
  >),
  safer: z.enum(['lower', 'higher']).optional(),
  metadata: z.record(z.string().min(1), z.string().min(1)).optional(),
  rows: rows.optional(),
});

/** The JSON Schema of mapping files, for editors. */
export function mappingJsonSchema(): JsonSchema {
  return z.toJSONSchema(mappingSchema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
}

/**
 * Reads a mapping as the command line takes it: `stage=checkpoint,sample=prompt_id,value=refused,safer=lower`, the name
 * of a YAML or JSON file, which can say more (docs/import.md), or that of a mapping that stemma ships.
 *
 * @param texts one, or several, of which a later one adds to those before it and replaces what they say of the same thing
 * @throws InputError naming file, line and column: every key that does not exist, with the nearest, every expression that
 *   cannot be read, every part that is not a `field=column`
 */
export function parseMapping(texts: string | readonly string[] = ''): TableMapping {
  const all = (typeof texts === 'string' ? [texts] : texts).map(parseOne);
  const metadata = all.flatMap(({ metadata }) => (metadata === undefined ? [] : [metadata]));
  return Object.assign({}, ...all, {
    columns: Object.assign({}, ...all.map(({ columns }) => columns)),
    ...(metadata.length === 0 ? {} : { metadata: Object.assign({}, ...metadata) }),
  });
}

/** The mapping file that a text names; `null` where it lists fields. */
function fileOf(text: string): string | null {
  if (MAPPING_FILE.test(text)) return text;
  return isMappingName(text) ? shippedMapping(text) : null;
}

function parseOne(text: string): TableMapping {
  const file = fileOf(text);
  const value: z.output<typeof mappingSchema> =
    file === null
      ? readSource(flagSource(text), flagSchema).value
      : readDocument(file, mappingSchema, { what: 'mapping', check: checkMapping }).value;
  const { sources, measures, stages, ...said } = value;
  const isField = ([name]: [string, unknown]) => TABLE_FIELDS.some((field) => field === name);
  const entries = Object.entries(said);
  return definedOnly({
    columns: Object.fromEntries(entries.filter(isField)),
    ...Object.fromEntries(entries.filter((entry) => !isField(entry))),
    sources: sources?.map(({ file, where, metadata: kept, ...own }) =>
      definedOnly({ file, where, metadata: kept as MetadataSpecs | undefined, fields: own as FieldSpecs }),
    ),
    measures:
      measures &&
      Object.entries(measures).map(([name, { value, rater, label, explanation, where, ...declared }]) => ({
        name,
        ...definedOnly({ ...declared, where }),
        fields: definedOnly({ value: value ?? name, rater, label, explanation }) as FieldSpecs,
      })),
    stages: stages && Object.entries(stages).map(([name, said]) => ({ name, ...definedOnly({ ...said }) })),
  }) as TableMapping;
}

/**
 * Reads the stages of a mapping file for a layout whose columns are known.
 *
 * @throws InputError where it is no file, or says more
 */
export function parseStages(text: string): readonly DeclaredStage[] {
  const place = { file: text };
  if (!MAPPING_FILE.test(text)) {
    throw new InputError('--map must name a mapping file here: the columns of this layout are known', {
      remedy: 'A file such as stages.yaml, with the key "stages" (docs/import.md).',
    });
  }
  const { columns, stages, ...others } = parseMapping(text);
  const [more] = [...Object.keys(columns), ...Object.keys(others)];
  if (more !== undefined) {
    throw new InputError(`"${more}" cannot be mapped in this layout: a mapping file says only its stages`, {
      place,
    });
  }
  return stages ?? [];
}

const MAPPING_FILE = /^[^=]+\.(ya?ml|json)$/;

/** Expressions, ranges and kinds, each with its place. */
function checkMapping(written: Sound<z.input<typeof mappingSchema>>, problems: Problems): void {
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [key, member] of Object.entries(value)) {
      const place = [...path, Array.isArray(value) ? Number(key) : key];
      if ((key === 'where' || key === 'derive') && typeof member === 'string')
        checkExpression(member, place, problems);
      else visit(member, place);
    }
  };
  visit(written, []);
  const { measure, measures } = written as { measure?: unknown; measures?: Record<string, unknown> };
  if (measure !== undefined && measures !== undefined) {
    problems.add(
      ['measure'],
      'each row has the measures that "measures" names, so that nothing else can say its measure',
      'Leave out one of the two.',
    );
  }
  for (const [name, said] of Object.entries(measures ?? {})) {
    const { kind, range, ratio } = (said ?? {}) as { kind?: unknown; range?: unknown; ratio?: unknown };
    if (Array.isArray(range) && !(range[0] < range[1])) {
      problems.add(
        ['measures', name, 'range'],
        'the lower end of the range must come first',
        'For example: [0, 10]',
      );
    }
    if (kind === 'rate' && Array.isArray(range) && (range[0] !== 0 || range[1] !== 1)) {
      problems.add(
        ['measures', name, 'range'],
        'a rate lies between 0 and 1',
        'Leave the range out, or say kind: score',
      );
    }
    if (kind === 'score' && ratio !== undefined) {
      problems.add(
        ['measures', name, 'ratio'],
        'a score has no ratio: only rates have one',
        'Declare a margin.',
      );
    }
  }
}

function checkExpression(text: string, path: readonly (string | number)[], problems: Problems): void {
  try {
    parseExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.add(
      [...path],
      `${error.message}, at character ${error.offset + 1} of "${text}"`,
      'docs/import.md lists what an expression can say.',
    );
  }
}

function flagSource(text: string): { value: unknown; name: string; locate: Locate } {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const pairs = parts.map(splitPart);
  const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) < index);
  if (twice !== undefined)
    throw new InputError(`--map names "${twice[0]}" twice`, { remedy: 'Keep one of the two.' });
  const isKept = ([name]: [string, string]) => name.startsWith(KEPT);
  const kept = pairs.filter(isKept).map(([name, value]) => [name.slice(KEPT.length), value]);
  return {
    value: {
      ...Object.fromEntries(pairs.filter((pair) => !isKept(pair))),
      ...(kept.length === 0 ? {} : { metadata: Object.fromEntries(kept) }),
    },
    name: '--map',
    locate: (path) => ({ key: ['--map', ...path].join(' ') }),
  };
}

/** `metadata.label=label`: a column that is kept with the sample. */
const KEPT = 'metadata.';

function splitPart(part: string): [string, string] {
  const equals = part.indexOf('=');
  const name = part.slice(0, equals).trim();
  const value = part.slice(equals + 1).trim();
  if (equals > 0 && value !== '') return [name, value];
  throw new InputError(`"${part.trim()}" in --map is not of the form field=column`, {
    remedy: 'Write it like this: --map stage=checkpoint,sample=prompt_id,value=refused',
  });
}
