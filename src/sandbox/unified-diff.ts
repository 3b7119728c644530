/*
 * A line diff in the unified format of `diff -u`. The shortest edit script by Myers (1986), "An O(ND) difference algorithm
 * and its variations", §4; beyond a bound on its length, the middle part is shown as replaced as a whole.
 */

interface DiffOptions {
  /** Named in the head, as a/… and b/…. */
  readonly path: string;
  /** Lines around a change; default 3. */
  readonly context?: number;
  /** The most characters given back; what is more is cut, and said. Default 20,000. */
  readonly maxLength?: number;
}

/** Insertions and deletions looked for at most: time and memory grow with its square. */
const LONGEST_SCRIPT = 2000;

type Edit = readonly [sign: ' ' | '-' | '+', line: string];

/**
 * What changed from one text to another; `''` where nothing did. `null` is a text that is not there, as of a file that was
 * added or removed.
 */
export function unifiedDiff(before: string | null, after: string | null, options: DiffOptions): string {
  if (before === after) return '';
  const { path, context = 3, maxLength = 20_000 } = options;
  const edits = editScript(linesOf(before ?? ''), linesOf(after ?? ''));
  const head = [
    `--- ${before === null ? '/dev/null' : `a/${path}`}`,
    `+++ ${after === null ? '/dev/null' : `b/${path}`}`,
  ];
  const text = [...head, ...hunks(edits, context)].join('\n');
  return text.length <= maxLength
    ? `${text}\n`
    : `${text.slice(0, text.lastIndexOf('\n', maxLength))}\n… (${text.length - maxLength} more characters)\n`;
}

const NO_NEWLINE = '\n\\ No newline at end of file';

/** A last line that does not end is another line than the same one that does. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop()!;
  return last === '' ? lines : [...lines, `${last}${NO_NEWLINE}`];
}

function editScript(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++;
  return [
    ...before.slice(0, start).map((line): Edit => [' ', line]),
    ...shortestScript(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map((line): Edit => [' ', line]),
  ];
}

/** Greedy: the furthest reaching path on every diagonal k = x − y, for D = 0, 1, 2, … edits. */
function shortestScript(before: readonly string[], after: readonly string[]): Edit[] {
  const [n, m] = [before.length, after.length];
  const longest = Math.min(n + m, LONGEST_SCRIPT);
  const reached = new Int32Array(2 * longest + 3);
  const trace: Int32Array[] = [];
  const origin = longest + 1;
  for (let d = 0; d <= longest; d++) {
    trace.push(reached.slice(origin - d - 1, origin + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reached[origin + k - 1]! < reached[origin + k + 1]!);
      let x = down ? reached[origin + k + 1]! : reached[origin + k - 1]! + 1;
      while (x < n && x - k < m && before[x] === after[x - k]) x++;
      reached[origin + k] = x;
      if (x >= n && x - k >= m) return backtrack(before, after, trace);
    }
  }
  return [...before.map((line): Edit => ['-', line]), ...after.map((line): Edit => ['+', line])];
}

/** @param trace  before each round D, what was reached on the diagonals −D−1 … D+1 */
function backtrack(
  before: readonly string[],
  after: readonly string[],
  trace: readonly Int32Array[],
): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [before.length, after.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reached = (k: number) => trace[d]![k + d + 1]!;
    const k = x - y;
    const down = k === -d || (k !== d && reached(k - 1) < reached(k + 1));
    const [fromX, fromK] = down ? [reached(k + 1), k + 1] : [reached(k - 1), k - 1];
    const fromY = fromX - fromK;
    while (x > fromX && y > fromY) {
      edits.push([' ', before[--x]!]);
      y--;
    }
    if (d === 0) break;
    edits.push(down ? ['+', after[--y]!] : ['-', before[--x]!]);
  }
  return edits.reverse();
}

/** Changes with their surroundings; those whose surroundings meet are in one. */
function hunks(edits: readonly Edit[], context: number): string[] {
  const changes = edits.flatMap(([sign], i) => (sign === ' ' ? [] : [i]));
  const ranges: [from: number, to: number][] = [];
  for (const i of changes) {
    const last = ranges.at(-1);
    if (last && i - context <= last[1]) last[1] = i + context + 1;
    else ranges.push([Math.max(0, i - context), i + context + 1]);
  }
  return ranges.flatMap(([from, to]) => hunk(edits, from, Math.min(to, edits.length)));
}

function hunk(edits: readonly Edit[], from: number, to: number): string[] {
  const part = edits.slice(from, to);
  const span = (other: '+' | '-') => {
    const before = edits.slice(0, from).filter(([sign]) => sign !== other).length;
    const length = part.filter(([sign]) => sign !== other).length;
    return `${length === 0 ? before : before + 1}${length === 1 ? '' : `,${length}`}`;
  };
  return [`@@ -${span('+')} +${span('-')} @@`, ...part.map(([sign, line]) => `${sign}${line}`)];
}
