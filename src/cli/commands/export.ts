import { Command, Option } from 'commander';
import { InputError } from '../../core/index.ts';
import { shellWord } from '../../format/index.ts';
import { exportInspect, exportRun } from '../../interchange/index.ts';
import { withJsonLines } from '../json-lines.ts';
import { next, print } from '../output.ts';

type Format = 'csv' | 'jsonl' | 'parquet';
type ExportedRecords = 'ratings' | 'transcripts';

export const exportCommand = new Command('export')
  .summary('the records as CSV, JSONL or Parquet')
  .description('Writes the ratings of a run (joined with their trials), or its transcripts, as one table.')
  .argument('<run>', 'the run folder')
  .addOption(
    new Option('--to <format>', 'the format; for logs of Inspect AI see `stemma export inspect`').choices([
      'csv',
      'jsonl',
      'parquet',
    ]),
  )
  .addOption(
    new Option('--what <records>', 'which records').choices(['ratings', 'transcripts']).default('ratings'),
  )
  .option('--spreadsheet', 'for a CSV that a spreadsheet opens: no cell of it can be a formula')
  .option('--out <file>', 'the file to write (default: <what>.<format> in this folder)')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText('after', '\nExample:\n  $ stemma export runs/olmo3 --to parquet --out ratings.parquet')
  .action(async (folder: string, { to, what, json, spreadsheet = false, ...flags }: ExportFlags) => {
    if (to === undefined) {
      throw new InputError('--to does not say which format to write', {
        remedy: 'Write --to csv, --to jsonl or --to parquet; or: stemma export inspect RUN',
      });
    }
    const out = flags.out ?? `${what}.${to}`;
    if (json) {
      await withJsonLines('export', async (tell) => {
        tell('progress', { step: 'writing', file: out });
        return { file: out, rows: await exportRun(folder, { to, what, out, spreadsheet }) };
      });
      return;
    }
    await exportRun(folder, { to, what, out, spreadsheet });
    print(out);
    next(`read ${out} with pandas, DuckDB or R`);
  });

interface ExportFlags {
  readonly spreadsheet?: boolean;
  readonly to?: Format;
  readonly what: ExportedRecords;
  readonly out?: string;
  readonly json?: boolean;
}

const inspect = new Command('inspect')
  .summary('the run as logs of Inspect AI')
  .description(
    'Writes one .eval file for each stage and eval, which `inspect view` and the Python API of Inspect AI open.',
  )
  .argument('<run>', 'the run folder')
  .option('--out <folder>', 'the folder to write into', 'inspect-logs')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExample:\n  $ stemma export inspect runs/olmo3 --out logs && inspect view --log-dir logs',
  )
  .action(async (folder: string, { out, json }: { readonly out: string; readonly json?: boolean }) => {
    if (json) {
      await withJsonLines('export', async (tell) => {
        tell('progress', { step: 'writing', file: out });
        return { files: await exportInspect(folder, { out }) };
      });
      return;
    }
    for (const file of await exportInspect(folder, { out })) print(file);
    next(`inspect view --log-dir ${shellWord(out)}`);
  });

exportCommand.enablePositionalOptions().addCommand(inspect);
