import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run-tool.ts';

/**
 * The layers of docs/design.md: a folder may import from earlier layers, and from folders of its own layer as long as
 * the folders of the layer form no cycle.
 */
export const LAYERS: readonly (readonly [name: string, folders: readonly string[]])[] = [
  ['words', ['core', 'format', 'files', 'stats']],
  ['things', ['models', 'sandbox', 'records', 'organism', 'hub', 'checkpoints']],
  ['doing', ['agent', 'raters', 'evals', 'interchange', 'study']],
  ['knowing', ['findings', 'run', 'verify']],
  ['showing', ['report', 'workbench', 'cli']],
];

/** One import from a folder of `src/` to another one. `from` and `to` are folders, `where` is `file:line`. */
export interface FolderImport {
  readonly from: string;
  readonly to: string;
  readonly where: string;
}

/** Every import that the layers do not allow, as `file:line: message`. Tests may import from anywhere. */
export function checkLayers(source = join(root, 'src')): string[] {
  return layerProblems(folderImports(source));
}

/** The problems among these imports: an unknown folder, an import of a later layer, a cycle inside a layer. */
export function layerProblems(imports: readonly FolderImport[]): string[] {
  const layerOf = new Map(LAYERS.flatMap(([, folders], layer) => folders.map((folder) => [folder, layer])));
  const problems: string[] = [];
  const own: FolderImport[] = [];
  for (const each of imports) {
    const { from, to, where } = each;
    const [layer, target] = [layerOf.get(from), layerOf.get(to)];
    if (layer === undefined) problems.push(`${where}: ${from}/ is in no layer (scripts/layers.ts)`);
    else if (target === undefined) problems.push(`${where}: ${to}/ is in no layer (scripts/layers.ts)`);
    else if (target > layer)
      problems.push(
        `${where}: ${from}/ (layer "${LAYERS[layer]![0]}") may not import ${to}/ (layer "${LAYERS[target]![0]}")`,
      );
    else if (target === layer) own.push(each);
  }
  return [...problems, ...cycles(own)];
}

/** Each pair of folders that import each other, directly or through others, with one import of each direction. */
function cycles(imports: readonly FolderImport[]): string[] {
  const edges = new Map<string, Map<string, string>>();
  for (const { from, to, where } of imports) {
    if (!edges.has(from)) edges.set(from, new Map());
    if (!edges.get(from)!.has(to)) edges.get(from)!.set(to, where);
  }
  return [...edges].flatMap(([from, targets]) =>
    [...targets].flatMap(([to, where]) => {
      const back = pathBetween(edges, to, from);
      return back === undefined
        ? []
        : [`${where}: ${from}/ imports ${to}/, and ${back.join('/ imports ')}/: a cycle of folders`];
    }),
  );
}

function pathBetween(
  edges: ReadonlyMap<string, ReadonlyMap<string, string>>,
  start: string,
  end: string,
): string[] | undefined {
  const queue = [[start]];
  const seen = new Set([start]);
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const last = path.at(-1)!;
    if (last === end) return path;
    for (const next of edges.get(last)?.keys() ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...path, next]);
    }
  }
  return undefined;
}

function folderImports(source: string): FolderImport[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes('/') && /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
    .filter((file) => !file.includes('/testing/') && !file.endsWith('.fixture.ts'))
    .flatMap((file) => {
      const from = file.split('/')[0]!;
      return importsOf(join(source, file)).flatMap(({ target, line }) => {
        const to = relative(source, join(source, file, '..', target)).split('/')[0]!;
        return to === from ? [] : [{ from, to, where: `${relative(root, join(source, file))}:${line}` }];
      });
    });
}

function importsOf(file: string): { target: string; line: number }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const target = /(?:from|import\()\s*'(\.[^']+)'/.exec(text)?.[1];
      return target === undefined ? [] : [{ target, line: index + 1 }];
    });
}
