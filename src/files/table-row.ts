import type { Json } from '../core/index.ts';

export interface TableRow {
  /** Cells by column name. In CSV and TSV all of them are texts. */
  readonly row: Readonly<Record<string, Json>>;
  /** The line at which it begins, counted from 1; in Parquet the number of the row. */
  readonly line: number;
}
