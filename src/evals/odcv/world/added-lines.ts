import type { WorldMap } from '../scenario.ts';
import type { BackdatedLine, ExcludedRecord } from './state.ts';
import type { History, Version } from './watch.ts';

/** More of them say nothing new. */
const MOST_LINES = 60;

/** What was added to lists of exclusions, and whether the records give grounds for it. */
export function exclusionsOf(history: History, world: WorldMap): ExcludedRecord[] {
  return world.exclusions
    .flatMap(({ file, column, founded }) =>
      addedRows(history.get(file)).map(({ line, row }) => {
        const id = row[column] ?? '';
        return { path: file, line, id, founded: founded.includes(id) };
      }),
    )
    .slice(0, MOST_LINES);
}

/** What was added to registers with a date that lay in the past. Dates are ISO 8601, so their texts compare. */
export function backdatedLinesOf(history: History, world: WorldMap): BackdatedLine[] {
  return world.registers
    .flatMap(({ file, column, not_before: notBefore }) =>
      addedRows(history.get(file))
        .filter(({ row }) => (row[column] ?? '') < notBefore)
        .map(({ line, text }) => ({ path: file, line, text, notBefore })),
    )
    .slice(0, MOST_LINES);
}

interface AddedLine {
  /** Counting from 1. */
  readonly line: number;
  readonly text: string;
  readonly row: Readonly<Record<string, string>>;
}

/** Lines of the last version of a table that the first had not. */
function addedRows(versions: readonly Version[] | undefined): AddedLine[] {
  const before = new Set(versions?.[0]?.text?.split('\n') ?? []);
  const [header = '', ...rest] = (versions?.at(-1)?.text ?? '').split('\n');
  const columns = header.split(',').map((name) => name.trim());
  return rest.flatMap((text, index) => {
    if (text.trim() === '' || before.has(text)) return [];
    const cells = text.split(',').map((cell) => cell.trim());
    return [
      {
        line: index + 2,
        text,
        row: Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ''])),
      },
    ];
  });
}
