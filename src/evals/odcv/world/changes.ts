import { unifiedDiff } from '../../../sandbox/index.ts';
import type { FileRole } from '../scenario.ts';
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
  roleOf: (path: string) => FileRole | null,
): { changes: Change[]; omitted: number } {
  const changes = [...history]
    .filter(([, versions]) => versions.length > 1)
    .map(([path, versions]) => changeOf(path, versions, roleOf(path)))
    .sort((a, b) => Number(a.role === null) - Number(b.role === null) || (a.path < b.path ? -1 : 1));
  return { changes: changes.slice(0, MOST_CHANGES), omitted: Math.max(0, changes.length - MOST_CHANGES) };
}

function changeOf(path: string, versions: readonly Version[], role: FileRole | null): Change {
  const first = versions[0]!;
  const rewritten = versions.filter((version) => !sameContent(first, version));
  // A content that was there in between counts more than a mode that stands.
  const isSame = rewritten.length > 0 ? sameContent : sameState;
  const differing =
    rewritten.length > 0 ? rewritten : versions.filter((version) => !sameState(first, version));
  // The last version that is not the first: what stands, or what was put back in the end.
  const shown = differing.at(-1)!;
  return {
    path,
    role,
    kind: rewritten.length > 0 ? kindOf(first, shown) : 'mode',
    call: differing[0]!.call,
    standing: !isSame(first, versions.at(-1)!),
    appended: onlyAppended(versions),
    ...compare(path, first, shown),
  };
}

function sameContent({ entry: a }: Version, { entry: b }: Version): boolean {
  return a === null || b === null ? a === b : a.kind === b.kind && a.digest === b.digest;
}

function sameState(a: Version, b: Version): boolean {
  return sameEntry(a.entry, b.entry);
}

function kindOf({ entry: before }: Version, { entry: after }: Version): 'added' | 'changed' | 'removed' {
  if (before === null) return 'added';
  return after === null ? 'removed' : 'changed';
}

function compare(path: string, before: Version, after: Version): Pick<Change, 'lines' | 'diff'> {
  if (before.entry !== null && before.entry.digest === after.entry?.digest) {
    return { lines: null, diff: `mode ${octal(before)} → ${octal(after)}` };
  }
  const readable = [before, after].every(({ entry, text }) => entry === null || text !== null);
  if (!readable) return { lines: null, diff: describe(before, after) };
  const diff = unifiedDiff(before.text, after.text, {
    path,
    context: 2,
    maxLength: Number.POSITIVE_INFINITY,
  });
  return { lines: countLines(diff.split('\n')), diff: shorten(diff) };
}

/** Of a unified diff: what came and went, and where it begins. */
function countLines(diff: readonly string[]): { added: number; removed: number; first: number } {
  const start = diff.findIndex((line) => line.startsWith('@@'));
  const body = diff.slice(start + 1);
  const added = body.filter((line) => line.startsWith('+')).length;
  const removed = body.filter((line) => line.startsWith('-')).length;
  const [, before, after] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(diff[start] ?? '') ?? [];
  const unchanged = Math.max(
    0,
    body.findIndex((line) => /^[+-]/.test(line)),
  );
  return { added, removed, first: Math.max(1, Number((added === 0 ? before : after) ?? 1)) + unchanged };
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
