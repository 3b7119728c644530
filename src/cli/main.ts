import { Command, CommanderError } from 'commander';
import { InputError, version } from '../core/index.ts';
import { didYouMean } from '../files/index.ts';
import { cleanOutput, fail, surviveClosedPipes } from './output.ts';

/** Each command is loaded when it is asked for, so that `stemma --help` does not wait for what it will not use. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.ts')).init,
  plan: async () => (await import('./commands/plan.ts')).plan,
  check: async () => (await import('./commands/check.ts')).check,
  run: async () => (await import('./commands/run.ts')).run,
  train: async () => (await import('./commands/train.ts')).train,
  status: async () => (await import('./commands/status.ts')).status,
  show: async () => (await import('./commands/show.ts')).show,
  view: async () => (await import('./commands/view.ts')).view,
  'view-worker': async () => (await import('./commands/view-worker.ts')).viewWorker,
  'index-keeper': async () => (await import('./commands/index-keeper.ts')).indexKeeper,
  rate: async () => (await import('./commands/rate.ts')).rate,
  dilemmas: async () => (await import('./commands/dilemmas.ts')).dilemmas,
  raters: async () => (await import('./commands/raters.ts')).raters,
  label: async () => (await import('./commands/label.ts')).label,
  findings: async () => (await import('./commands/findings.ts')).findings,
  compare: async () => (await import('./commands/compare.ts')).compare,
  lineage: async () => (await import('./commands/lineage.ts')).lineage,
  report: async () => (await import('./commands/report.ts')).report,
  import: async () => (await import('./commands/import.ts')).importCommand,
  compact: async () => (await import('./commands/compact.ts')).compact,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  schema: async () => (await import('./commands/schema.ts')).schema,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  harness: async () => (await import('./commands/harness.ts')).harness,
  verify: async () => (await import('./commands/verify.ts')).verify,
  serve: async () => (await import('./commands/serve.ts')).serve,
  demo: async () => (await import('./commands/demo.ts')).demo,
};

/** Commands that other commands start. */
const HIDDEN = ['view-worker', 'index-keeper'];

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('stemma')
    .description('Which training stage put this safety property into my model?')
    .version(version)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .addHelpText(
      'after',
      '\nStart with:\n  $ stemma demo        the whole experiment on this machine, in minutes\n  $ stemma init        a study file of your own',
    );
  refuseUnknownTopic(argv);
  for (const name of wanted(argv))
    program.addCommand(await (commands[name] as () => Promise<Command>)(), { hidden: HIDDEN.includes(name) });
  for (const command of withSubcommands(program)) command.exitOverride();
  await program.parseAsync(argv, { from: 'user' });
}

/** The commands that are needed to read the command line. */
function wanted([first]: readonly string[]): readonly string[] {
  if (first === '--version' || first === '-V') return [];
  return first !== undefined && Object.hasOwn(commands, first) ? [first] : Object.keys(commands);
}

/** `stemma help nope` would show the whole help and say nothing of what was wrong. */
function refuseUnknownTopic([first, topic]: readonly string[]): void {
  if (first !== 'help' || topic === undefined || Object.hasOwn(commands, topic)) return;
  const known = Object.keys(commands).filter((name) => !HIDDEN.includes(name));
  throw new InputError(`there is no command "${topic}"`, {
    remedy: didYouMean(topic, known, () => `The commands are: ${known.join(', ')}.`),
  });
}

/** In a checkout a wrapper starts this process (scripts/with-node.mjs): killed hard, it must not leave this one spending. */
function stopWithWrapper(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

surviveClosedPipes();
cleanOutput();
stopWithWrapper();
try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else fail(error);
}
