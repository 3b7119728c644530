import { Command } from 'commander';
import { bytesInWords, counted } from '../../format/index.ts';
import { compactRun } from '../../records/index.ts';
import { next, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const compact = new Command('compact')
  .summary('make the records of a run smaller on disk')
  .description(
    'Compacts the segments of a run with zstd, each by itself. Every command reads them as before, checksums included, and the run can ' +
      'grow. It may be stopped or killed at any moment. Nobody may write to the run meanwhile.',
  )
  .argument('<run>', 'the run folder')
  .addHelpText('after', '\nExample:\n  $ stemma compact runs/olmo3')
  .action(async (folder: string) => {
    let [segments, plain] = [0, 0];
    await compactRun(folder, ({ file, plain: bytes, compacted }) => {
      segments++;
      plain += bytes;
      say(`${file}: ${bytesInWords(bytes)} of lines taken in; ${bytesInWords(compacted)} now`);
    });
    say(
      segments === 0
        ? 'Nothing to compact: no segment has plain lines.'
        : `Compacted ${counted(segments, 'segment')}, ${bytesInWords(plain)} of lines.`,
    );
    next(stemma('status', folder));
  });
