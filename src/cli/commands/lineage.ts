import { Command } from 'commander';
import { openRun } from '../../records/index.ts';
import { lineageTree } from '../../report/index.ts';
import { print, printJson } from '../output.ts';

export const lineage = new Command('lineage')
  .summary('show which checkpoint came from which, and what each was trained on')
  .argument('<run>', 'the run folder')
  .option('--json', 'print it as JSON')
  .addHelpText('after', '\nExample:\n  $ stemma lineage runs/gemma-270m')
  .action(async (folder: string, { json }: { readonly json?: boolean }) => {
    using run = await openRun(folder);
    const { stages } = run.manifest;
    if (!json) print(lineageTree({ stages }).join('\n'));
    else
      printJson(
        stages.map(({ id, kind, from, model, factors, replicateOf, identity, lineage }) => ({
          ...{ id, kind, from, model, factors, replicateOf, identity, lineage },
        })),
      );
  });
