import { join } from 'node:path';
import { Command } from 'commander';
import { makeFindings, noteShown } from '../../findings/index.ts';
import { isPlainFolder, openRun } from '../../records/index.ts';
import { writeReport } from '../../report/index.ts';
import { type FindingsFlags, findingsOptionsFor, withFindingsFlags } from '../findings-flags.ts';
import { next, print } from '../output.ts';

export const report = withFindingsFlags(new Command('report'))
  .summary('the findings as a report: HTML, Markdown, SVG')
  .description(
    'Writes the findings as one HTML file that opens from disk and prints well, as Markdown, as JSON and as SVG figures.',
  )
  .argument('<run>', 'the run folder')
  .option('--out <dir>', 'where to write it (default: <run>/report)')
  .addHelpText('after', '\nExample:\n  $ stemma report runs/olmo3 --out paper/appendix')
  .action(async (folder: string, flags: FindingsFlags & { out?: string }) => {
    await using run = await openRun(folder);
    const found = await makeFindings(run, findingsOptionsFor(run.manifest, flags));
    // Inside the run folder no link is followed; a folder that the user names may be one.
    const inside = join(folder, 'report');
    if (flags.out === undefined) isPlainFolder(inside);
    const written = await writeReport(found, flags.out ?? inside);
    noteShown(run, found);
    print(written.html);
    next(`open ${written.html} in a browser`);
  });
