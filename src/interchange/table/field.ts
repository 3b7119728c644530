import type { Json } from '../../core/index.ts';
import { type Expression, parseExpression, type Scalar } from './expression.ts';

/** Where a field of a result comes from, as a mapping says it. */
export type FieldSpec =
  | string
  | readonly string[]
  | { readonly value: Scalar }
  | { readonly column: string; readonly values?: Readonly<Record<string, string | number>> | undefined }
  | { readonly derive: string };

/** A row as it was read. */
export type TableSourceRow = Readonly<Record<string, Json>>;

/** A field, ready to be read from rows. */
export interface Field {
  /** How messages name it: `column "x"`. */
  readonly name: string;
  /** The columns that it needs. */
  readonly columns: readonly string[];
  /** @returns `undefined` where the row does not have it */
  read(row: TableSourceRow): Json | undefined;
}

/** The name that stands for the name of the row's file, without folder and ending. */
export const FILE_COLUMN = '$file';

/** @throws ExpressionError for a `derive` that cannot be read */
export function compileField(spec: FieldSpec): Field {
  if (typeof spec === 'string') return columnField(spec);
  if (Array.isArray(spec)) return joinedField(spec);
  const known = spec as Exclude<FieldSpec, string | readonly string[]>;
  if ('value' in known) return { name: `"${known.value}"`, columns: [], read: () => known.value };
  if ('derive' in known) {
    const expression = parseExpression(known.derive);
    return {
      name: `"${known.derive}"`,
      columns: expression.columns,
      read: (row) => evaluate(expression, row),
    };
  }
  const { column, values } = known;
  const plain = columnField(column);
  if (values === undefined) return plain;
  return {
    ...plain,
    read: (row) => {
      const cell = plain.read(row);
      const text = cell === undefined || cell === null ? '' : textOf(cell);
      return Object.hasOwn(values, text) ? values[text]! : cell;
    },
  };
}

function columnField(column: string): Field {
  return { name: `column "${column}"`, columns: [column], read: (row) => cellOf(row, column) };
}

/** Several columns make one text. */
function joinedField(columns: readonly string[]): Field {
  const name = `columns ${columns.map((column) => `"${column}"`).join(', ')}`;
  return {
    name,
    columns,
    read: (row) => {
      const cells = columns.map((column) => cellOf(row, column));
      if (cells.every((cell) => cell === undefined)) return undefined;
      return cells.map((cell) => (cell === undefined || cell === null ? '' : textOf(cell))).join(' / ');
    },
  };
}

/** The cell of a column, or what a path such as `parsed_result.score` or `turns.0.text` leads to. */
export function cellOf(row: TableSourceRow, column: string): Json | undefined {
  if (Object.hasOwn(row, column)) return row[column];
  if (!column.includes('.')) return undefined;
  let value: Json | undefined = row as Json;
  for (const key of column.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, Json>)[key];
  }
  return value;
}

/** Literals of expressions are columns only in rows that have such a column. */
const LITERALS = new Set(['true', 'false', 'null']);

/** @returns the expression's value; a column that this row does not have is not known */
export function evaluate(expression: Expression, row: TableSourceRow): Scalar {
  return expression.evaluate((column) => {
    const cell = cellOf(row, column);
    if (cell === undefined) return LITERALS.has(column) ? undefined : null;
    return cell !== null && typeof cell === 'object' ? JSON.stringify(cell) : cell;
  });
}

export function textOf(cell: Json): string {
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}
