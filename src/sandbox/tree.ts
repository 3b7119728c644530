import type { FileEntry, FileTree } from '../core/index.ts';

/** What became of a folder between two snapshots of it; paths are sorted. */
export interface TreeDifference {
  readonly added: readonly string[];
  /** There before and after, and not the same: content, kind, permissions, or where a link points. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export function diffTrees(before: FileTree, after: FileTree): TreeDifference {
  const sorted = (paths: Iterable<string>) => [...paths].sort();
  return {
    added: sorted([...after.keys()].filter((path) => !before.has(path))),
    changed: sorted(
      [...after]
        .filter(([path, entry]) => before.has(path) && !sameEntry(before.get(path)!, entry))
        .map(([path]) => path),
    ),
    removed: sorted([...before.keys()].filter((path) => !after.has(path))),
  };
}

/** Whether two entries say the same; a file that was not read is the same as another of its size that was not. */
export function sameEntry(a: FileEntry, b: FileEntry): boolean {
  return (
    a.kind === b.kind &&
    a.mode === b.mode &&
    a.bytes === b.bytes &&
    a.digest === b.digest &&
    a.target === b.target
  );
}
