import { Command, Option } from 'commander';
import { definedOnly } from '../../core/defined-only.ts';
import { InputError } from '../../core/index.ts';
import { counted } from '../../format/index.ts';
import {
  type Adjudicated,
  adjudicate,
  exportSheet,
  importSheet,
  type LabelCounts,
  planLabels,
  renderLabelPlan,
  takeLabels,
} from '../../workbench/labels/index.ts';
import { next, page, print, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

interface LabelFlags {
  readonly measure?: string[];
  readonly labels?: number;
  readonly labeller?: string;
  readonly model?: boolean;
  readonly judge?: string[];
  readonly seed?: number;
  readonly adjudicate?: boolean;
  readonly plan?: boolean;
  readonly sensitivity?: number;
  readonly specificity?: number;
  readonly correlation?: number;
  readonly export?: string;
  readonly import?: string;
}

export const label = new Command('label')
  .summary('label trials by hand, so that the judges’ errors can be measured and corrected')
  .description(
    'Picks trials (at random within what the judges say: yes, split, no), shows them blind to their stage, and takes a label ' +
      'a key; every label is on disk at once, and the same command goes on where it was left.',
  )
  .argument('<run>', 'the run folder')
  .option('--measure <ids...>', 'what to label, such as refusals/over-refusal')
  .addOption(new Option('--labels <n>', 'labels a stage (default: 100, or what is picked)').argParser(whole))
  .option('--labeller <name>', 'who labels, where there are several')
  .option('--model', 'the labeller is a model: its labels are never called human')
  .option('--plan', 'how many labels would settle it: nothing is picked or asked')
  .option('--adjudicate', 'settle where the labellers differ')
  .option('--export <file>', 'write a blind sheet (CSV) to be filled in elsewhere')
  .option('--import <file>', 'read labels from a sheet, or from any table with key and label')
  .option('--judge <ids...>', 'whose answers to pick by (default: all autoraters)')
  .addOption(new Option('--seed <n>', 'of what is picked').argParser(whole))
  .addOption(
    new Option('--sensitivity <x>', 'for --plan, where labels do not tell yet (default: 0.9)').argParser(
      Number,
    ),
  )
  .addOption(new Option('--specificity <x>', 'for --plan, likewise (default: 0.9)').argParser(Number))
  .addOption(new Option('--correlation <x>', 'for --plan, of scores (default: 0.7)').argParser(Number))
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma label runs/olmo3 --measure over-refusal\n  $ stemma label runs/olmo3 --measure over-refusal --labeller anna' +
      '\n  $ stemma label runs/olmo3 --plan --measure over-refusal\n  $ stemma label runs/olmo3 --adjudicate\n  $ stemma label runs/olmo3 --import labels.csv --labeller ben\n  $ stemma label runs/olmo3 --import theirs.csv --labeller opus --model',
  )
  .action(async (folder: string, flags: LabelFlags) => {
    const { measure: measures = [], judge: judges = [], labels, seed, labeller, model: isModel } = flags;
    const options = { folder, measures, judges, ...definedOnly({ labels, seed, labeller, isModel }) };
    refuseBoth(flags);
    if (flags.plan) await plan(folder, flags);
    else if (flags.export !== undefined) {
      const rows = await exportSheet({ ...options, file: flags.export });
      say(`${rows} trials to label; fill in the column "label".`);
      print(flags.export);
      next(stemma('label', folder, '--import', flags.export, ...labellerWords(flags)));
    } else if (flags.import !== undefined) {
      const done = await importSheet({ ...options, file: flags.import });
      const { rater, recorded, known, empty, notPicked } = done;
      say(`${recorded} labels recorded as ${rater}; ${known} were known, ${empty} rows have none.`);
      if (notPicked > 0)
        say(
          `${counted(notPicked, 'label')} are of trials that stemma did not pick: this labeller's labels are weighted by what the judge says. Whether they were chosen by anything else can't be seen.`,
        );
      next(stemma('findings', folder));
    } else if (flags.adjudicate) {
      const done = await adjudicate(options);
      for (const line of agreementLines(done)) say(line);
      finish(folder, flags, done);
    } else finish(folder, flags, await takeLabels(options));
  });

async function plan(folder: string, flags: LabelFlags): Promise<void> {
  const { measure: measures = [], judge: [judge] = [], sensitivity, specificity, correlation } = flags;
  const told = definedOnly({ judge, sensitivity, specificity, correlation });
  const plans = await planLabels({ folder, measures, ...told });
  print(plans.map((one) => renderLabelPlan(one, page().width).join('\n')).join('\n\n'));
  next(stemma('label', folder, ...measures.flatMap((id) => ['--measure', id])));
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InputError(`"${text}" is not a whole number`);
  return number;
}

function refuseBoth(flags: LabelFlags): void {
  const ways = [
    flags.export !== undefined && '--export',
    flags.import !== undefined && '--import',
    flags.adjudicate && '--adjudicate',
    flags.plan && '--plan',
  ].filter((way) => typeof way === 'string');
  if (ways.length > 1) throw new InputError(`${ways.join(' and ')} can't be asked for together`);
}

function labellerWords({ labeller, model }: LabelFlags): string[] {
  return [...(labeller === undefined ? [] : ['--labeller', labeller]), ...(model ? ['--model'] : [])];
}

function agreementLines({ agreement }: Adjudicated): string[] {
  return agreement.map(({ measure, both, same, kappa }) => {
    const how = kappa === null ? '' : `, kappa ${kappa.toFixed(2)}`;
    return `${measure}: ${both} trials labelled by two or more, ${same} alike${how} (hard trials are many among them)`;
  });
}

/** Says how many trials were labelled, and what to do next. */
function finish(folder: string, flags: LabelFlags, { measures, interrupted, rater }: LabelCounts): void {
  for (const { id, labelled, picked } of measures)
    say(`${id}: ${labelled} of ${picked} ${flags.adjudicate ? 'decided' : 'labelled'} (${rater})`);
  print(folder);
  const open = measures.some(({ labelled, picked }) => labelled < picked);
  if (interrupted) process.exitCode = 130;
  if (!open) {
    next(stemma('findings', folder));
    return;
  }
  const again = stemma(
    'label',
    folder,
    ...(flags.adjudicate ? ['--adjudicate'] : []),
    ...(flags.measure ?? []).flatMap((id) => ['--measure', id]),
    ...labellerWords(flags),
  );
  next(`\`${again}\` goes on; \`${stemma('findings', folder)}\` shows what there is`);
}
