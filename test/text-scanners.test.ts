import { describe, expect, it } from 'vitest';
import { isTestFile, readModules } from '../scripts/modules.ts';
import { PIECES, repeated, secondsOf, TEXT_SCANNERS } from './text-scanners.ts';

const SHORT = 16_000;
const LONG = 4 * SHORT;
/** Faster than this on the long text, a scanner is not looked at more closely. */
const FAST = 0.04;
/** Four times the text: 4 would be linear, 16 is quadratic. */
const MOST_GROWTH = 8;

/** Folders whose texts are stemma's own, or the user's: records are read by their own tests of speed. */
const OTHER_FOLDERS =
  /^src\/(cli|report|stats|findings|organism|workbench|study|verify|run|checkpoints|records)\//;

/** Files that look for places in texts and are not among the scanners, and why. */
const OTHER_FILES: Readonly<Record<string, string>> = {
  'src/core/trial.ts': 'keys of trials, which are short',
  'src/evals/dilemmas/writing/draft.ts': 'one search for the first and the last bracket',
  'src/evals/odcv/world/changes.ts': 'places in lists',
  'src/evals/reward-hacking/clean-run.ts': 'one search in what a script printed, which is bounded',
  'src/files/read-csv.ts': 'reads a file on its way, a character once',
  'src/files/read-json.ts': 'reads a file on its way, a character once',
  'src/files/text-file.ts': 'lines of a file on its way',
  'src/interchange/chain.ts': 'places in lists',
  'src/interchange/comparison/declare.ts': "options of the user's own",
  'src/interchange/declared-measure.ts': "options of the user's own",
  'src/interchange/inspect/find-logs.ts': 'places in lists',
  'src/interchange/inspect/task/describe-task.ts': 'one search in a line that a program of stemma printed',
  'src/interchange/inspect/task/task-measures.ts': 'names of tasks and measures',
  'src/interchange/inspect/zip-reader.ts': 'one search for the end of an archive, in its last 64 KiB',
  'src/interchange/named-source.ts': "options of the user's own",
  'src/interchange/table/expression.ts': "expressions of the user's own mapping",
  'src/interchange/table/mapping.ts': "a mapping of the user's own",
  'src/interchange/table/replicates.ts': 'names of stages',
  'src/interchange/table/sample-fields.ts': "options of the user's own",
  'src/sandbox/docker/image.ts': "what Docker's client says of an image",
  'src/sandbox/image/instructions.ts': 'one instruction of a Dockerfile at a time',
};

describe('every scanner of outside text takes time that grows with the text', () => {
  it.each(TEXT_SCANNERS)('$name ($of)', ({ scan, pieces = [] }) => {
    for (const piece of [...PIECES, ...pieces]) {
      if (secondsOf(scan, repeated(piece, LONG)) < FAST) continue;
      // The fastest of three, since the machine does other things too; in turn, so that both lengths meet the same other things.
      const turns = [1, 2, 3].map(() =>
        [LONG, SHORT].map((length) => secondsOf(scan, repeated(piece, length))),
      );
      const [long, short] = [0, 1].map((at) => Math.min(...turns.map((seconds) => seconds[at]!)));
      if (long! < FAST) continue;
      expect(long! / short!, JSON.stringify(piece)).toBeLessThan(MOST_GROWTH);
    }
  });

  it('and a slow one would be found', () => {
    const slow = (text: string) => {
      let count = 0;
      for (let at = 0; at < text.length; at += 8) if (text.indexOf('\u0001', at) < 0) count++;
      return count;
    };
    expect(
      secondsOf(slow, repeated('a', 8 * LONG)) / secondsOf(slow, repeated('a', 2 * LONG)),
    ).toBeGreaterThan(MOST_GROWTH);
  });
});

it('a file that goes through texts by place belongs to a scanner that is listed', () => {
  const modules = readModules(undefined, ['src', 'test']);
  const listed = new Set<string>();
  const visit = (file: string): void => {
    if (listed.has(file) || !file.startsWith('src/')) return;
    listed.add(file);
    for (const { from } of modules.get(file)?.imports ?? []) visit(from);
  };
  for (const { from } of modules.get('test/text-scanners.ts')!.imports) visit(from);
  const scanning = [...modules.values()].filter(
    ({ file, text }) =>
      file.startsWith('src/') && !isTestFile(file) && /\.(indexOf|lastIndexOf|lastIndex)\b.*(,|=)/.test(text),
  );
  const unlisted = scanning
    .map(({ file }) => file)
    .filter((file) => !listed.has(file) && !OTHER_FOLDERS.test(file) && !Object.hasOwn(OTHER_FILES, file));
  expect(unlisted).toEqual([]);
});
