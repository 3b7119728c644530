import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { unwritable } from '../../files/index.ts';
import type { RunSummary } from '../../run/index.ts';
import { loadStudy } from '../../study/index.ts';
import {
  firstDiffering,
  renderVerification,
  renderVerificationMarkdown,
  verifyStudy,
} from '../../verify/index.ts';
import { next, page, print, say } from '../output.ts';
import { showRun } from '../run-display.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';

export const verify = new Command('verify')
  .summary('hold what a study plants against what is found, over several seeds')
  .description(
    'For studies that declare what must be found (`expect:`): trains and evaluates each anew from every seed, and prints ' +
      'expected against found. Exit code 1 where something declared did not come out as the study says it must. ' +
      'Runs and checkpoints are kept: after a stop or a kill, the same command continues. Stages that the study compares with ' +
      'themselves (`controls: again`) are counted over all seeds.',
  )
  .argument('<study...>', 'study files')
  .option('--seeds <n>', 'how many seeds, or which: 5 or 3,4', seedList, [1, 2, 3, 4, 5])
  .option('--out <folder>', 'where runs and checkpoints go', join('runs', 'verify'))
  .option('--markdown <file>', 'write the tables there too')
  .addHelpText('after', '\nExample:\n  $ stemma verify examples/organism/study.yaml --seeds 5')
  .action(async (files: string[], options: { seeds: number[]; out: string; markdown?: string }) => {
    const studies = await Promise.all(files.map(loadStudy));
    const pages: string[] = [];
    let differing: string | undefined;
    using stopping = stopOnSignals();
    for (const study of studies) {
      using display = showRun();
      let stopped: RunSummary | null = null;
      const verification = await verifyStudy(study, {
        out: options.out,
        seeds: options.seeds,
        stop: stopping.stop,
        abort: stopping.abort,
        onSeed: (seed) => say(`${study.name}, seed ${seed}`),
        onStopped: (summary) => {
          stopped = summary;
        },
        ...display.told,
      });
      display[Symbol.dispose]();
      if (verification === null) {
        sayStopped(stopped!);
        next('the same command goes on with what is missing');
        return;
      }
      print(renderVerification(verification, page().width));
      pages.push(renderVerificationMarkdown(verification));
      differing ??= firstDiffering(verification)?.folder;
    }
    if (options.markdown !== undefined) await writeTables(options.markdown, pages.join('\n'));
    if (differing !== undefined) process.exitCode = 1;
    next(differing === undefined ? 'everything declared was found' : stemma('findings', differing));
  });

/** Nothing is shown of a study that was not carried out to its end, so no script may go on. */
function sayStopped({ lines, stoppedBy }: RunSummary): void {
  for (const line of lines) say(line);
  process.exitCode = stoppedBy === 'signal' ? 130 : 1;
}

async function writeTables(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw unwritable('the file of tables', file, error);
  }
}

function seedList(text: string): number[] {
  // A comma makes it a list, so that `3,` is the seed 3 and `3` three seeds.
  const parts = text.replace(/,$/, '').split(',').map(Number);
  const [count] = parts as [number];
  if (!parts.every((part) => Number.isInteger(part) && part > 0))
    throw new InvalidArgumentError('It must be a whole number, or a list such as 3,4.');
  return parts.length > 1 || text.includes(',')
    ? parts
    : Array.from({ length: count }, (_, index) => index + 1);
}
