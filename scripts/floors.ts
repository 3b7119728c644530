import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run-tool.ts';

/** docs/design.md §3: a room may import from the floors below it, never from its own floor's other rooms. */
const FLOORS: readonly (readonly string[])[] = [
  ['core', 'stats'],
  ['models', 'sandbox', 'datasets', 'records', 'organism'],
  ['agent', 'raters', 'training'],
  ['evals'],
  ['study'],
  ['run', 'findings'],
  ['report', 'verify'],
  ['viewer', 'labelling'],
  ['cli'],
];

const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));

/** Every import between rooms that the house does not allow, as `file:line: message`. Tests may import from anywhere. */
export function checkFloors(source = join(root, 'src')): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      importsOf(join(source, file)).flatMap((found) => complaint(source, file, found) ?? []),
    );
}

function importsOf(file: string): { target: string; line: number }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const target = /(?:from|import\()\s*'(\.[^']+)'/.exec(text)?.[1];
      return target === undefined ? [] : [{ target, line: index + 1 }];
    });
}

function complaint(
  source: string,
  file: string,
  { target, line }: { target: string; line: number },
): string | undefined {
  const room = file.split('/')[0] as string;
  const other = relative(source, join(source, file, '..', target)).split('/')[0] as string;
  if (!file.includes('/') || room === other) return undefined;
  const where = `${relative(root, join(source, file))}:${line}`;
  const [from, to] = [floorOf.get(room), floorOf.get(other)];
  if (from === undefined)
    return `${where}: the room ${room}/ stands on no floor (scripts/floors.ts, docs/design.md §3)`;
  if (to === undefined) return `${where}: imports ${target}, which is in no room`;
  if (to >= from) return `${where}: ${room}/ (floor ${from}) may not import ${other}/ (floor ${to})`;
  return undefined;
}
