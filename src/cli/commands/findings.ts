import { Command } from 'commander';
import { makeFindings, noteShown } from '../../findings/index.ts';
import { openRun } from '../../records/index.ts';
import { flippedLines, renderTerminal } from '../../report/index.ts';
import { type FindingsFlags, findingsOptionsFor, sameFlags, withFindingsFlags } from '../findings-flags.ts';
import { next, page, print, printJson } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const findings = withFindingsFlags(new Command('findings'))
  .summary('estimates, verdicts and shares of a run')
  .description(
    'Computes the findings from the records: for every measure each stage with its 95 % interval, the paired differences ' +
      'with their verdicts, the share of each stage, what is missing, and how far the raters agree.',
  )
  .argument('<run>', 'the run folder')
  .option('--flipped <measure>', 'list every sample that changed on this measure, the worst first')
  .option('--json', 'print one JSON object (docs/findings.md)')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma findings runs/olmo3\n  $ stemma findings runs/olmo3 --flipped refusals/over-refusal\n  $ stemma findings runs/olmo3 --json --stages sft,production --margin 0.05',
  )
  .action(async (folder: string, flags: FindingsFlags & { json?: boolean; flipped?: string }) => {
    const { flipped } = flags;
    await using run = await openRun(folder);
    const options = findingsOptionsFor(run.manifest, flags);
    const found = await makeFindings(run, { ...options, ...(flipped === undefined ? {} : { flipped }) });
    noteShown(run, found);
    if (flags.json) printJson(found);
    else if (flipped !== undefined) for (const line of flippedLines(found, flipped)) print(line);
    else print(renderTerminal(found, page()));
    next(stemma('report', folder, ...sameFlags(flags)));
  });
