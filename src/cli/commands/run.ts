import { join } from 'node:path';
import { Command } from 'commander';
import { parseRedo } from '../../checkpoints/index.ts';
import { InputError } from '../../core/index.ts';
import {
  checkpointsFor,
  type FirstAnswer,
  firstAnswerLines,
  parseShard,
  type RunSummary,
  runOnSlurm,
  runStudy,
  trainStages,
} from '../../run/index.ts';
import { loadStudy, planStudy } from '../../study/index.ts';
import { tellDownload } from '../download-progress.ts';
import { progressSender, type SendEvent, withJsonLines } from '../json-lines.ts';
import { say } from '../output.ts';
import { showRun } from '../run-display.ts';
import { stemma } from '../shell-words.ts';
import { type Stopping, stopOnSignals } from '../stopping.ts';
import { exitCodeOf, reportRun } from '../summary.ts';
import { watchDecision } from '../until-decided.ts';

interface RunFlags {
  readonly out?: string;
  readonly retryErrors?: boolean;
  readonly redo: readonly string[];
  readonly verify?: boolean;
  readonly shard?: string;
  readonly on?: string;
  readonly workers?: string;
  readonly json?: boolean;
  readonly untilDecided?: boolean;
}

/** Has the parts done by a job array. @returns what stopped it; `null` where the last pass is to follow */
async function byCluster(
  file: string,
  flags: RunFlags,
  { plan, folder }: Awaited<ReturnType<typeof whatToRun>>,
  stopping: Stopping,
): Promise<RunSummary['stoppedBy']> {
  const workers = Number(flags.workers);
  if (flags.on !== 'slurm' || !Number.isInteger(workers) || workers < 2 || flags.shard !== undefined)
    throw new InputError('a run on a cluster is divided into parts', {
      remedy: 'Write --on slurm --workers N, with N at least 2, and no --shard.',
    });
  using display = showRun();
  const { stopped } = await trainStages(plan.study, {
    checkpoints: checkpointsFor(folder),
    folder,
    signal: AbortSignal.any([stopping.stop, stopping.abort]),
    ...display.told,
  });
  display[Symbol.dispose]();
  if (stopped !== null) {
    say(stopped.line);
    return stopped.by;
  }
  const done = await runOnSlurm(plan, {
    folder,
    workers,
    command: [process.execPath, ...process.execArgv, process.argv[1]!, 'run', file, '--out', folder],
    stop: AbortSignal.any([stopping.stop, stopping.abort]),
    onNote: say,
  });
  if (done) return null;
  say('Stopped as asked; what the parts had recorded stays.');
  return 'signal';
}

export const run = new Command('run')
  .summary('carry a study out, or go on with it where it was')
  .description(
    'Puts every sample to every stage and has every transcript rated. Each trial is on disk before it counts: stop it with ' +
      'Ctrl-C (twice: at once) or kill it, run the same command again, and it goes on with exactly what is missing.',
  )
  .argument('<study>', 'the study file')
  .option('--out <run>', 'the run folder (default: runs/<name of the study>)')
  .option('--retry-errors', 'ask again the trials and ratings whose record is an error')
  .option(
    '--redo <condition>',
    'ask recorded trials again: served=NAME (answered by that model), stage=ID; both: --redo stage=sft --redo served=NAME',
    (condition: string, before: readonly string[]) => [...before, condition],
    [] as readonly string[],
  )
  .option('--verify', "read every byte of the checkpoints' files instead of trusting digests from before")
  .option(
    '--shard <k/n>',
    'do one part of the run, as another process does each other part: 2/16; auto in a Slurm array; auto/16 in a Kubernetes job',
  )
  .option('--on <cluster>', 'slurm: do the run by a job array, follow it, and finish what is missing')
  .option('--workers <n>', 'with --on slurm: parts of the run, each a task of the array')
  .option('--until-decided', 'stop at a declared look (analysis.looks) when every headline has a verdict')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText('after', '\nExample:\n  $ stemma run study.yaml --out runs/olmo3')
  .action(async (file: string, flags: RunFlags) => {
    if (flags.json) await withJsonLines('run', (tell) => runAsJson(file, flags, tell));
    else await runForPeople(file, flags);
  });

async function runForPeople(file: string, flags: RunFlags): Promise<void> {
  const asked = await whatToRun(file, flags);
  using stopping = stopOnSignals();
  if (flags.on !== undefined) {
    const stoppedBy = await byCluster(file, flags, asked, stopping);
    if (stoppedBy === 'signal') process.exitCode = 130;
    if (stoppedBy !== null) return;
  }
  using display = showRun();
  const summary = await runStudy(asked.plan, {
    ...asked.options(stopping),
    ...display.told,
    onProgress: (now) => {
      display.told.onProgress(now);
      asked.watch?.update(now);
    },
    onFirst: firstAnswersTeller(stemma('show', asked.folder)),
  });
  await asked.watch?.settled();
  display[Symbol.dispose]();
  reportRun(summary, {
    folder: asked.folder,
    again: asked.command(),
    checkJudges: (judges) => stemma('raters', 'check', asked.folder, '--rater', ...judges, '--study', file),
  });
}

/** A study of many stages and evals has more first answers than a reader wants to see. */
const MOST_FIRST_ANSWERS = 12;

/** @param all the command that shows all answers */
function firstAnswersTeller(all: string): (first: FirstAnswer) => void {
  let told = 0;
  return (first) => {
    told++;
    if (told <= MOST_FIRST_ANSWERS) for (const line of firstAnswerLines(first)) say(line);
    if (told === MOST_FIRST_ANSWERS) say(`(\`${all}\` shows more.)`);
  };
}

async function runAsJson(file: string, flags: RunFlags, tell: SendEvent): Promise<object> {
  const asked = await whatToRun(file, flags);
  using stopping = stopOnSignals();
  const send = progressSender(tell);
  const summary = await runStudy(asked.plan, {
    ...asked.options(stopping),
    onTraining: (progress) => tell('training', progress),
    onAsking: (progress) => tell('asking', progress),
    onDownload: tellDownload((progress) => tell('fetching', progress)),
    onProgress: (now) => {
      send(now);
      asked.watch?.update(now);
    },
    onWarning: (message) => tell('warning', { message }),
    onServer: ({ event, ...server }) => tell('server', { state: event, ...server }),
    onFirst: (first) => tell('first', first),
  });
  process.exitCode = exitCodeOf(summary);
  return { run: asked.folder, summary };
}

/** What the command line asks for, however it is shown. */
async function whatToRun(file: string, flags: RunFlags) {
  const redo = parseRedo(flags.redo);
  const shard = flags.shard === undefined ? null : parseShard(flags.shard);
  const study = await loadStudy(file);
  const folder = flags.out ?? join('runs', study.name);
  const plan = await planStudy(study, { checkpoints: checkpointsFor(folder) });
  const command = (...more: readonly string[]) =>
    stemma('run', file, ...(flags.out ? ['--out', folder] : []), ...more);
  const watch = flags.untilDecided ? watchDecision(folder, plan.manifest) : undefined;
  const options = ({ stop, abort }: Stopping) => ({
    folder,
    stop,
    abort,
    ...(watch === undefined ? {} : { decided: watch.signal }),
    retryErrors: flags.retryErrors ?? false,
    verify: flags.verify ?? false,
    redo,
    shard,
    command,
  });
  return { plan, folder, command, options, watch };
}
