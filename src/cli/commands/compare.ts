import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../../core/index.ts';
import { nearest } from '../../files/index.ts';
import {
  COMPARISON_WORDS,
  type Comparison,
  type ComparisonWord,
  compareStages,
} from '../../findings/index.ts';
import {
  type DeclaredMeasure,
  importResults,
  parseDeclaredMeasure,
  parseMapping,
  readSides,
  withDeclared,
} from '../../interchange/index.ts';
import { openRun } from '../../records/index.ts';
import { comparisonMarkdown, comparisonText } from '../../report/index.ts';
import { sayDownload } from '../download-progress.ts';
import { print, printJson, say } from '../output.ts';

interface CompareFlags {
  readonly margin: readonly string[];
  readonly measure: readonly string[];
  readonly map: readonly string[];
  readonly task: readonly string[];
  readonly cluster?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly failOn?: string;
}

/** The exit code of `--fail-on`: not a mistake of anybody, and not to be taken for one. */
const GATE_CLOSED = 3;

const collected = (value: string, before: readonly string[]) => [...before, value];

export const compare = new Command('compare')
  .summary('two runs, Inspect logs or tables: better, worse, same, not worse or undetermined')
  .description(
    'Compares B with A, measure by measure, on the samples that both have. Each of them is a run folder, a log of Inspect AI or a ' +
      'table (a file, or hf:ORG/NAME@REVISION/PATH); #STAGE behind it names a stage where it has several. Without a margin nothing is "same".',
  )
  .argument('<A>', 'what is compared with: the old one')
  .argument('<B>', 'the new one')
  .option(
    '--margin <measure=number>',
    'the largest difference that counts as the same; can be given again',
    collected,
    [],
  )
  .option(
    '--measure <name,key=value,…>',
    'what else is known of a measure: safer (lower, higher), kind, range, ratio; can be given again',
    collected,
    [],
  )
  .option(
    '--map <field=column,…>',
    'of tables: which column holds which field, a mapping file, or a mapping by name (see import --help); again to add to it',
    collected,
    [],
  )
  .option('--task <name>', 'of Inspect logs with several tasks: the one that is compared', collected, [])
  .option('--cluster <key>', "of Inspect logs: the key of a sample's metadata that is its cluster")
  .option('--fail-on <word,…>', `end with exit code ${GATE_CLOSED} where a measure has one of these words`)
  .option('--json', 'print one JSON object (docs/compare.md)')
  .option('--markdown', 'print Markdown, for a pull request')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma compare old.eval new.eval --measure score,safer=higher --margin score=0.05\n' +
      '  $ stemma compare runs/olmo3#sft runs/olmo3#rl --fail-on worse,undetermined',
  )
  .action(async (first: string, second: string, flags: CompareFlags) => {
    const failOn = wordsOf(flags.failOn);
    if (flags.json && flags.markdown)
      throw new InputError('--json and --markdown are two forms of one answer', {
        remedy: 'Give one of them.',
      });
    const comparison = await compared(first, second, flags);
    if (flags.json) printJson(comparison);
    else print(flags.markdown ? comparisonMarkdown(comparison) : comparisonText(comparison));
    const failed = comparison.measures.filter(({ word }) => failOn.includes(word));
    if (failed.length === 0) return;
    say(`Failed: ${failed.map(({ measure, word }) => `${measure} is ${word}`).join(', ')}.`);
    process.exitCode = GATE_CLOSED;
  });

/** The findings are made of a run folder, as all are; this one is gone afterwards. */
async function compared(first: string, second: string, flags: CompareFlags): Promise<Comparison> {
  const { map, task, cluster } = flags;
  const sides = await readSides(first, second, {
    ...(map.length === 0 ? {} : { mapping: parseMapping(map) }),
    ...(cluster === undefined ? {} : { cluster }),
    tasks: task,
    onDownload: sayDownload(),
  });
  const results = withDeclared(sides, [
    ...flags.measure.map(parseDeclaredMeasure),
    ...flags.margin.map(parseMargin),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'stemma-compare-'));
  try {
    await importResults(results, join(folder, 'run'));
    await using run = await openRun(join(folder, 'run'));
    return await compareStages(run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseMargin(text: string): DeclaredMeasure {
  const equals = text.lastIndexOf('=');
  const margin = Number(text.slice(equals + 1));
  if (equals > 0 && margin > 0 && Number.isFinite(margin)) return { name: text.slice(0, equals), margin };
  throw new InputError(`--margin ${text} is not MEASURE=NUMBER, with a number above 0`, {
    remedy: 'Write it like this: --margin score=0.05',
  });
}

function wordsOf(text: string | undefined): readonly ComparisonWord[] {
  if (text === undefined) return [];
  return text.split(',').map((part) => {
    const word = part.trim().replaceAll('-', ' ');
    const known = COMPARISON_WORDS.find((one) => one === word);
    if (known !== undefined) return known;
    const near = nearest(word, [...COMPARISON_WORDS]);
    throw new InputError(`--fail-on does not know the word "${word}"`, {
      remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}The words are: ${COMPARISON_WORDS.join(', ')}.`,
    });
  });
}
