import { Command } from 'commander';
import { type RunStatus, renderStatus, runStatus } from '../../run/index.ts';
import { next, page, print, printJson } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const status = new Command('status')
  .summary('how far a run is, by stage and eval')
  .description(
    'Reads the records of a run, also while it is running, and says what is done, what failed and what is missing.',
  )
  .argument('<run>', 'the run folder')
  .option('--json', 'print it as JSON')
  .addHelpText('after', '\nExample:\n  $ stemma status runs/olmo3')
  .action(async (folder: string, options: { json?: boolean }) => {
    const found = await runStatus(folder);
    if (options.json) printJson(found);
    else print(renderStatus(found, page()));
    next(found.complete ? stemma('findings', folder) : goesOn(found));
  });

/** What does what is missing. Of an import, only ratings can be made: what others did not publish stays missing. */
function goesOn({ origin, cells, folder }: RunStatus): string {
  if (origin === 'study') return `the same \`${stemma('run')}\` again goes on with what is missing`;
  const owed = cells.some(({ raters }) => raters.some(({ missing }) => missing > 0));
  return owed
    ? `the same \`${stemma('rate')}\` again goes on with what is not rated yet`
    : stemma('findings', folder);
}
