import { Command, Option } from 'commander';
import { exportRun } from '../../interchange/index.ts';
import { withJsonLines } from '../json-lines.ts';
import { next, print } from '../output.ts';

type Format = 'csv' | 'jsonl' | 'parquet';
type ExportedRecords = 'ratings' | 'transcripts';

export const exportCommand = new Command('export')
  .summary('the records as CSV, JSONL or Parquet')
  .description('Writes the ratings of a run (joined with their trials), or its transcripts, as one table.')
  .argument('<run>', 'the run folder')
  .addOption(
    new Option('--to <format>', 'the format').choices(['csv', 'jsonl', 'parquet']).makeOptionMandatory(),
  )
  .addOption(
    new Option('--what <records>', 'which records').choices(['ratings', 'transcripts']).default('ratings'),
  )
  .option('--spreadsheet', 'for a CSV that a spreadsheet opens: no cell of it can be a formula')
  .option('--out <file>', 'the file to write (default: <what>.<format> in this folder)')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText('after', '\nExample:\n  $ stemma export runs/olmo3 --to parquet --out ratings.parquet')
  .action(async (folder: string, { to, what, json, spreadsheet = false, ...flags }: ExportFlags) => {
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
  readonly to: Format;
  readonly what: ExportedRecords;
  readonly out?: string;
  readonly json?: boolean;
}
