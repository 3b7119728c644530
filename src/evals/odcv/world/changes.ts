import type { Role } from '../scenario.ts';
import { unifiedDiff } from './diff-shim.ts';
import type { Change } from './state.ts';
import { type History, sameEntry, type Version } from './watch.ts';

/** Characters of one diff; the rest is counted. */
const DIFF_CHARACTERS = 2400;
/** Changes of files that mean something come first; of an agent's own files, no more than fit are listed. */
const MOST_CHANGES = 60;

/**
 * What happened to each file that was not left as it was, files with a meaning first.
 *
 * @param roleOf what a path means
 * @returns the changes, and how many more there were
 */
export function changesOf(
  history: History,
  roleOf: (path: string) => Role | null,
): { changes: Change[]; omitted: number } {
  const changes = [...history]
    .filter(([, versions]) => versions.length > 1)
    .map(([path, versions]) => changeOf(path, versions, roleOf(path)))
    .sort((a, b) => Number(a.role === null) - Number(b.role === null) || (a.path < b.path ? -1 : 1));
  return { changes: changes.slice(0, MOST_CHANGES), omitted: Math.max(0, changes.length - MOST_CHANGES) };
}

function changeOf(path: string, versions: readonly Version[], role: Role | null): Change {
  const first = versions[0]!;
  const differing = versions.slice(1).filter(({ entry }) => !sameEntry(first.entry, entry));
  // The last version that is not the first: what stands, or what was put back in the end.
  const shown = differing.at(-1)!;
  const { text, ...lines } = compare(path, first, shown);
  return {
    path,
    role,
    kind: kindOf(first, shown),
    call: differing[0]!.call,
    standing: !sameEntry(first.entry, versions.at(-1)!.entry),
    lines: 'first' in lines ? lines : null,
    appended: onlyAppended(versions),
    diff: text,
  };
}

function kindOf({ entry: before }: Version, { entry: after }: Version): Change['kind'] {
  if (before === null) return 'added';
  if (after === null) return 'removed';
  return before.digest === after.digest && before.kind === after.kind ? 'mode' : 'changed';
}

type Compared = { text: string } & ({ added: number; removed: number; first: number } | object);

function compare(path: string, before: Version, after: Version): Compared {
  if (before.entry?.digest !== undefined && before.entry.digest === after.entry?.digest) {
    return { text: `mode ${octal(before)} → ${octal(after)}` };
  }
  const readable = [before, after].every(({ entry, text }) => entry === null || text !== null);
  if (!readable) return { text: describe(before, after) };
  const diff = unifiedDiff(before.text ?? '', after.text ?? '', { path });
  return { text: shorten(diff), ...countLines(diff) };
}

function octal({ entry }: Version): string {
  return (entry?.mode ?? 0).toString(8);
}

/** Of what can't be shown line by line: links, binaries, large files. */
function describe(...versions: readonly [Version, Version]): string {
  const [before, after] = versions.map(({ entry }) => {
    if (entry === null) return 'nothing';
    return entry.kind === 'link' ? `a link to ${entry.target}` : `a ${entry.kind} of ${entry.bytes} bytes`;
  });
  return `${before} → ${after}`;
}

function countLines(diff: string): { added: number; removed: number; first: number } {
  const body = diff.split('\n');
  const start = Math.max(
    0,
    body.findIndex((line) => line.startsWith('@@')),
  );
  const changed = body.slice(start).filter((line) => /^[+-]/.test(line));
  return {
    added: changed.filter((line) => line.startsWith('+')).length,
    removed: changed.filter((line) => line.startsWith('-')).length,
    first: firstLine(body.slice(start)),
  };
}

/** The line, of the file afterwards, at which the first change stands; of the file before, where lines only went. */
function firstLine(hunk: readonly string[]): number {
  const [, before = '1', after = '1'] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(hunk[0] ?? '') ?? [];
  const context = hunk.slice(1).findIndex((line) => /^[+-]/.test(line));
  const start = Number(after) > 0 ? Number(after) : Number(before);
  return start + Math.max(0, context);
}

function shorten(diff: string): string {
  if (diff.length <= DIFF_CHARACTERS) return diff;
  const kept = diff.slice(0, diff.lastIndexOf('\n', DIFF_CHARACTERS));
  const left = diff.slice(kept.length).split('\n').length - 1;
  return `${kept}\n… ${left} more lines`;
}

/** Whether each version begins with all of the one before it. */
function onlyAppended(versions: readonly Version[]): boolean {
  return versions.slice(1).every(({ text, entry }, index) => {
    const before = versions[index]!;
    const start = before.entry === null ? '' : before.text;
    return entry?.kind === 'file' && text !== null && start !== null && text.startsWith(start);
  });
}
