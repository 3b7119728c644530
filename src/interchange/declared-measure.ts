import { definedOnly } from '../core/defined-only.ts';
import { InputError, type Measure } from '../core/index.ts';
import { nearest, readTable, type TableRow } from '../files/index.ts';

/** What an import is told of a measure that its table holds. What is left out, the values or stemma's defaults say. */
export interface DeclaredMeasure {
  /** As the table writes it, or as its id. */
  readonly name: string;
  readonly kind?: Measure['kind'];
  /** Lowest and highest value possible. */
  readonly range?: readonly [number, number];
  /** The largest difference that still counts as the same, in the measure's own unit. */
  readonly margin?: number;
  /** The largest ratio of two rates, either way, that still counts as the same. */
  readonly ratio?: number;
  readonly safer?: 'lower' | 'higher';
  /** It need not be there. */
  readonly optional?: boolean;
}

const KEYS = ['kind', 'range', 'margin', 'ratio', 'safer'] as const;
type DeclaredKey = (typeof KEYS)[number];

const EXAMPLE = '--measure turns,kind=score,range=0..100,margin=5,safer=lower';

/**
 * Reads one `--measure`: a name, then `key=value` parts.
 *
 * @throws InputError for no name, a key that does not exist (with the nearest), or a value that can't be one
 *
 * @example
 * parseDeclaredMeasure('turns,kind=score,range=0..100,margin=5,safer=lower');
 */
export function parseDeclaredMeasure(text: string): DeclaredMeasure {
  const [name, ...parts] = text.split(',').map((part) => part.trim());
  if (!name || name.includes('=')) {
    throw new InputError(`--measure "${text}" does not begin with the name of a measure`, {
      remedy: `Write it like this: ${EXAMPLE}`,
    });
  }
  const values = new Map<string, string>();
  for (const part of parts.filter((one) => one !== '')) {
    const equals = part.indexOf('=');
    if (equals < 1) {
      throw new InputError(`"${part}" in --measure ${name} is not key=value`, {
        remedy: `Write it like this: ${EXAMPLE}`,
      });
    }
    values.set(asKey(part.slice(0, equals), `--measure ${name}`), part.slice(equals + 1));
  }
  return declared(name, values, `--measure ${name}`);
}

/**
 * Reads a table of measures (CSV, TSV, JSON, JSONL or Parquet): a row a measure, with a column `measure` and any of
 * `kind`, `range`, `margin`, `ratio`, `safer`.
 *
 * @throws InputError as `parseDeclaredMeasure` does, naming file and line
 */
export async function readDeclaredMeasures(path: string): Promise<DeclaredMeasure[]> {
  const measures: DeclaredMeasure[] = [];
  for await (const { row, line } of readTable(path)) {
    const { measure, ...rest } = row;
    const where = `${path}, line ${line}`;
    if (typeof measure !== 'string' || measure === '') {
      throw new InputError('this row names no measure', {
        place: { file: path, line },
        remedy: `Its columns are "measure" and any of ${KEYS.join(', ')}.`,
      });
    }
    measures.push(declared(measure, cellsOf(rest, where), where));
  }
  return measures;
}

function cellsOf(row: TableRow['row'], where: string): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [column, cell] of Object.entries(row)) {
    if (cell === null || cell === undefined || cell === '') continue;
    const text = Array.isArray(cell) ? cell.join('..') : String(cell);
    cells.set(asKey(column, where), text);
  }
  return cells;
}

function asKey(name: string, where: string): DeclaredKey {
  const key = KEYS.find((one) => one === name.trim());
  if (key !== undefined) return key;
  const meant = nearest(name.trim(), [...KEYS]);
  throw new InputError(`${where} says "${name.trim()}" of a measure, which is not known`, {
    remedy: `${meant === undefined ? '' : `Did you mean "${meant}"? `}Known are ${KEYS.join(', ')}.`,
  });
}

function declared(name: string, values: ReadonlyMap<string, string>, where: string): DeclaredMeasure {
  const wrong = (key: DeclaredKey, what: string) =>
    new InputError(`${where}: ${key}=${values.get(key)} is not ${what}`, {
      remedy: `For example: ${EXAMPLE}`,
    });
  const one = <T extends string>(key: DeclaredKey, known: readonly T[]): T | undefined => {
    const text = values.get(key);
    const found = known.find((word) => word === text);
    if (text !== undefined && found === undefined) throw wrong(key, known.join(' or '));
    return found;
  };
  const above = (key: DeclaredKey, least: number): number | undefined => {
    const text = values.get(key);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number) || number <= least)
      throw wrong(key, `a number above ${least}`);
    return number;
  };
  const range = rangeOf(values.get('range'), () =>
    wrong('range', 'two numbers, the lower first, as in 0..10'),
  );
  const found = {
    kind: one('kind', ['rate', 'score']),
    range,
    margin: above('margin', 0),
    ratio: above('ratio', 1),
    safer: one('safer', ['lower', 'higher']),
  };
  if (found.kind === 'rate' && range !== undefined && (range[0] !== 0 || range[1] !== 1)) {
    throw wrong('range', 'that of a rate, which is 0..1');
  }
  if (found.kind === 'score' && found.ratio !== undefined)
    throw wrong('ratio', 'for a score: only rates have one');
  return { name, ...definedOnly(found) };
}

function rangeOf(text: string | undefined, wrong: () => InputError): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const ends = text.split(/\.\.|:/).map((end) => (end.trim() === '' ? Number.NaN : Number(end)));
  const [low, high] = ends;
  if (ends.length !== 2 || !Number.isFinite(low) || !Number.isFinite(high) || !(low! < high!)) throw wrong();
  return [low!, high!];
}
