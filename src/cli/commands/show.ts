import { Command, InvalidArgumentError, Option } from 'commander';
import type { TranscriptStatus } from '../../core/index.ts';
import { count, counted } from '../../format/index.ts';
import { openRun, type RunReader } from '../../records/index.ts';
import {
  checkedFilter,
  findSamples,
  renderSample,
  requireEpoch,
  type SampleTrials,
  type ShownSample,
  type TrialFilter,
  transcriptsOf,
} from '../../workbench/trials/index.ts';
import { next, page, print, printJson, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

const STATUSES: readonly TranscriptStatus[] = ['completed', 'limit', 'empty', 'error'];

interface ShowFlags {
  readonly eval?: string[];
  readonly stage?: string[];
  readonly measure?: string[];
  readonly rater?: string[];
  readonly label?: string[];
  readonly status?: TranscriptStatus[];
  readonly cluster?: string[];
  readonly sample?: string[];
  readonly text?: string;
  readonly stagesDiffer?: true;
  readonly ratersDiffer?: true;
  readonly epoch?: number;
  readonly limit: number;
  readonly full?: true;
  readonly json?: true;
}

export const show = new Command('show')
  .summary('read transcripts: each stage’s answer beside the others, with what raters said')
  .description(
    'Prints the samples of a run that pass the filters: the prompt, the answer of each stage, and the label and explanation ' +
      'of each rater. Several values of one filter are alternatives. With --stages-differ the largest change comes first.',
  )
  .argument('<run>', 'the run folder')
  .option('--eval <id...>', 'only these evals')
  .option('--stage <id...>', 'only samples with a matching trial at these stages')
  .option('--measure <name...>', 'only these measures: unsafe-response, or refusals/unsafe-response')
  .option('--rater <id...>', 'only what these raters said')
  .option('--label <label...>', 'only samples that got one of these labels, or values')
  .addOption(new Option('--status <status...>', 'only trials that ended so').choices(STATUSES))
  .option('--cluster <name...>', 'only these clusters')
  .option('--sample <id...>', 'only these samples')
  .option('--text <words>', 'only where these words are in the prompt, the thoughts or the response')
  .option('--stages-differ', 'only samples on which the stages got different values')
  .option('--raters-differ', 'only samples with a trial on which the raters disagree')
  .option('--epoch <number>', 'show the texts of this epoch', wholeNumber)
  .option('--limit <number>', 'at most so many samples; 0 for all', wholeNumber, 10)
  .option('--full', 'do not cut long texts; show every turn of an agent')
  .option('--json', 'print JSON, with whole transcripts and ratings')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma show runs/olmo3 --measure unsafe-response --stages-differ' +
      '\n  $ stemma show runs/olmo3 --rater judge strings --raters-differ --limit 50 | less -R' +
      '\n  $ stemma show runs/olmo3 --stage sft --label full_compliance --text "as an AI"',
  )
  .action(async (folder: string, flags: ShowFlags) => {
    using reader = await openRun(folder);
    if (flags.epoch !== undefined) requireEpoch(flags.epoch, reader.manifest);
    const found = inOrder(await findSamples(reader, checkedFilter(filterOf(flags), reader.manifest)), flags);
    const shown = flags.limit === 0 ? found : found.slice(0, flags.limit);
    if (flags.json) {
      printJson({
        found: found.length,
        samples: await Promise.all(shown.map((sample) => jsonOf(reader, sample))),
      });
      return;
    }
    for (const sample of shown) {
      print(`${renderSample(await withTexts(reader, sample), { ...page(), ...showOptions(flags) })}\n\n`);
    }
    if (found.length === 0) say('No sample passes these filters.');
    else if (found.length > shown.length) {
      say(
        `${counted(shown.length, 'sample')} of ${count(found.length)} that pass; --limit ${found.length} shows all`,
      );
    }
    next(stemma('findings', folder));
  });

function filterOf(flags: ShowFlags): TrialFilter {
  return {
    ...(flags.eval && { evals: flags.eval }),
    ...(flags.stage && { stages: flags.stage }),
    ...(flags.measure && { measures: flags.measure }),
    ...(flags.rater && { raters: flags.rater }),
    ...(flags.label && { labels: flags.label }),
    ...(flags.status && { statuses: flags.status }),
    ...(flags.cluster && { clusters: flags.cluster }),
    ...(flags.sample && { samples: flags.sample }),
    ...(flags.text !== undefined && { text: flags.text }),
    ...(flags.stagesDiffer && { stagesDiffer: true }),
    ...(flags.ratersDiffer && { ratersDiffer: true }),
  };
}

function inOrder(found: readonly SampleTrials[], { stagesDiffer }: ShowFlags): readonly SampleTrials[] {
  return stagesDiffer ? found.toSorted((a, b) => b.change - a.change) : found;
}

function showOptions({ full, epoch }: ShowFlags) {
  return { full: full ?? false, ...(epoch !== undefined && { epoch }) };
}

async function withTexts(reader: RunReader, sample: SampleTrials): Promise<ShownSample> {
  const explained = await Promise.all(
    sample.trials.map(async ({ key, ratings }) => {
      const wanted = new Set(ratings.map(({ measure, rater }) => `${measure}\n${rater}`));
      const all = await reader.ratingsOf(key);
      return [key, all.filter(({ measure, rater }) => wanted.has(`${measure}\n${rater}`))] as const;
    }),
  );
  return { ...sample, transcripts: await transcriptsOf(reader, sample), explained: new Map(explained) };
}

async function jsonOf(reader: RunReader, { trials, ...sample }: SampleTrials) {
  return {
    ...sample,
    trials: await Promise.all(
      trials.map(async ({ key, matches }) => ({
        matches,
        transcript: (await reader.transcript(key)) ?? null,
        ratings: await reader.ratingsOf(key),
      })),
    ),
  };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return value;
}
