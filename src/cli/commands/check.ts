import { join } from 'node:path';
import { Command } from 'commander';
import { checkpointsFor, checkStudy, keepCheck, renderCheck } from '../../run/index.ts';
import { loadStudy } from '../../study/index.ts';
import { sayDownload } from '../download-progress.ts';
import { next, page, print, printJson, say } from '../output.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';

interface CheckFlags {
  readonly out?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export const check = new Command('check')
  .summary('ask each stage and judge one real sample, before a run')
  .description(
    'Puts one sample of each eval to each stage and each judge, and shows what was sent and what came back, who answered, how fast, ' +
      'what the server adds to the sampling by itself, what it does with system messages, tools, schemas, stop sequences and seeds, ' +
      'and whether it samples at all. About 20 short requests beside the samples for each model. The result is kept beside the run folder ' +
      '(RUN.checks.jsonl); `stemma plan` makes a time estimate of its speeds. Exit code 1 where a stage or a judge did not answer.',
  )
  .argument('<study>', 'the study file')
  .option('--out <run>', 'the run folder (default: runs/<name of the study>)')
  .option('--strict', 'exit with 2 where there is a warning')
  .option('--json', 'print one JSON object')
  .addHelpText('after', '\nExample:\n  $ stemma check study.yaml --strict')
  .action(async (file: string, flags: CheckFlags) => {
    const study = await loadStudy(file);
    const folder = flags.out ?? join('runs', study.name);
    using stopping = stopOnSignals();
    const done = await checkStudy(study, {
      checkpoints: checkpointsFor(folder),
      // Nothing is recorded that a gentle stop could save.
      signal: AbortSignal.any([stopping.stop, stopping.abort]),
      onModel: (id, role) => say(`asking the ${role} ${id} …`),
      onDownload: sayDownload(),
      onServer: ({ stage, event, message }) => say(`server of ${stage}: ${event} (${message})`),
    });
    const kept = await keepCheck(folder, done);
    if (flags.json) printJson(done);
    else print(renderCheck(done, page()));
    say(`Kept in ${kept}.`);
    const failed = done.models.some(({ error }) => error !== undefined);
    if (flags.strict && done.warnings.length > 0) process.exitCode = 2;
    else if (failed) process.exitCode = 1;
    next(stemma(...(failed ? ['check', file] : ['plan', file])));
  });
