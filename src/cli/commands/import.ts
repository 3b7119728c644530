import { Command } from 'commander';
import { InputError, type PublishedResults } from '../../core/index.ts';
import {
  importOdcv,
  importResults,
  importTable,
  importXstest,
  parseMapping,
} from '../../interchange/index.ts';
import { withJsonLines } from '../json-lines.ts';
import { stemma } from '../shell-words.ts';
import { next, print, say } from '../talk.ts';

type ImportFlags = { into: string; map?: string; json?: boolean };

const readers: Readonly<Record<string, (source: string, flags: ImportFlags) => Promise<PublishedResults>>> = {
  xstest: (source) => importXstest(source),
  odcv: (source) => importOdcv(source),
  jsonl: (source, flags) => importTable(source, { format: 'jsonl', ...parseMapping(flags.map) }),
  csv: (source, flags) => importTable(source, { format: 'csv', ...parseMapping(flags.map) }),
  tsv: (source, flags) => importTable(source, { format: 'tsv', ...parseMapping(flags.map) }),
  json: (source, flags) => importTable(source, { format: 'json', ...parseMapping(flags.map) }),
  parquet: (source, flags) => importTable(source, { format: 'parquet', ...parseMapping(flags.map) }),
};

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
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma import xstest path/to/xstest --into runs/xstest\n' +
      '  $ stemma import csv scores.csv --into runs/scores --map stage=checkpoint,sample=prompt_id,value=refused',
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
