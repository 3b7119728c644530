import { Command } from 'commander';
import { InputError, type PublishedResults } from '../../core/index.ts';
import {
  importOdcv,
  importResults,
  importTable,
  importXstest,
  parseChain,
  parseDeclaredMeasure,
  parseMapping,
  readDeclaredMeasures,
} from '../../interchange/index.ts';
import { withJsonLines } from '../json-lines.ts';
import { next, print, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

interface ImportFlags {
  readonly into: string;
  readonly map?: string;
  readonly measure: readonly string[];
  readonly measures?: string;
  readonly chain: readonly string[];
  readonly json?: boolean;
}

type ResultsReader = (source: string, flags: ImportFlags) => Promise<PublishedResults>;

const TABLES = ['csv', 'tsv', 'json', 'jsonl', 'parquet'] as const;

const readers: Readonly<Record<string, ResultsReader>> = {
  xstest: (source, flags) => importXstest(source).then(refuseTableFlags(flags)),
  odcv: (source, flags) => importOdcv(source).then(refuseTableFlags(flags)),
  ...Object.fromEntries(
    TABLES.map((format): [string, ResultsReader] => [
      format,
      async (source, flags) =>
        importTable(source, {
          format,
          ...parseMapping(flags.map),
          measures: [
            ...(flags.measures === undefined ? [] : await readDeclaredMeasures(flags.measures)),
            ...flags.measure.map(parseDeclaredMeasure),
          ],
          chains: flags.chain.map(parseChain),
        }),
    ]),
  ),
};

/** Published layouts say themselves what their measures and stages are. */
function refuseTableFlags({ measure, measures, chain }: ImportFlags) {
  return (results: PublishedResults): PublishedResults => {
    if (measure.length === 0 && measures === undefined && chain.length === 0) return results;
    throw new InputError('--measure, --measures and --chain describe a table, not a published layout');
  };
}

const collected = (value: string, before: readonly string[]) => [...before, value];

export const importCommand = new Command('import')
  .summary('results that others published, as a run')
  .description(
    'Reads published results into a run folder: their models become stages, every rater is kept apart, and findings and ' +
      'reports are made of them as of any run. LAYOUT is xstest, odcv, or a table (csv, tsv, json, jsonl, parquet) with a column mapping.',
  )
  .argument('<layout>', Object.keys(readers).join(' | '))
  .argument('<source>', 'the folder (xstest, odcv) or file')
  .requiredOption('--into <run>', 'the run folder to write')
  .option(
    '--map <field=column,…>',
    'which column holds which field: stage, sample, cluster, value, rater, measure, …',
  )
  .option(
    '--measure <name,key=value,…>',
    'what a measure is: kind (rate, score), range (0..10), margin, ratio, safer (lower, higher); can be given again',
    collected,
    [],
  )
  .option('--measures <file>', 'the same for several measures, as a table')
  .option(
    '--chain <stage,stage,…>',
    'stages in training order; again for a branch: --chain base,sft,rl-a --chain base,sft,rl-b',
    collected,
    [],
  )
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma import xstest path/to/xstest --into runs/xstest\n' +
      '  $ stemma import csv scores.csv --into runs/scores --map stage=checkpoint,sample=prompt_id,value=refused\n' +
      '  $ stemma import csv turns.csv --into runs/turns --measure turns,range=0..100,margin=5,safer=lower --chain base,sft,rl',
  )
  .action(async (layout: string, source: string, flags: ImportFlags) => {
    const read = readers[layout];
    if (!read) {
      throw new InputError(`there is no layout "${layout}"`, {
        remedy: `Known: ${Object.keys(readers).join(', ')}.`,
      });
    }
    if (flags.json) {
      await withJsonLines('import', async (tell) => {
        tell('progress', { step: 'reading', source });
        const results = await read(source, flags);
        tell('progress', { step: 'writing', run: flags.into });
        return { run: flags.into, ...(await importResults(results, flags.into)) };
      });
      return;
    }
    const summary = await importResults(await read(source, flags), flags.into);
    say(`${summary.trials} trials and ${summary.ratings} ratings imported.`);
    print(flags.into);
    next(stemma('findings', flags.into));
  });
