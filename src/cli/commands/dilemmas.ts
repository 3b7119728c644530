import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { InputError } from '../../core/index.ts';
import {
  choose,
  type DraftLine,
  knownThemes,
  readBuiltIn,
  readDraftsFile,
  undecided,
  writeChosen,
  writeDilemmas,
} from '../../evals/dilemmas/writing/index.ts';
import { counted, wrapped } from '../../format/index.ts';
import { autorater } from '../../raters/index.ts';
import { openRunModels } from '../../run/index.ts';
import { loadStudy } from '../../study/index.ts';
import { next, page, print, say } from '../output.ts';
import { stemma } from '../shell-words.ts';
import { stopOnSignals } from '../stopping.ts';
import { wholeNumber } from '../whole-number.ts';

interface WriteFlags {
  readonly theme: string;
  readonly about?: string;
  readonly model: string;
  readonly judge: string;
  readonly count: number;
  readonly drafts?: string;
  readonly study?: string;
  readonly seed: number;
  readonly maxTokens: number;
}

const positive = wholeNumber(1, 'It must be a whole number from 1.');

const write = new Command('write')
  .summary('have a model draft dilemmas of a theme, and drop what does not do')
  .description(
    'A model drafts dilemmas; code drops those that give themselves away or are much like one that is there; a judge drops ' +
      'those that do not look real or are not a real dilemma. All are kept in the file of drafts, the dropped with the reason. ' +
      'Which are used is yours to choose: stemma dilemmas choose. Stopped or killed, the same command goes on.',
  )
  .requiredOption('--theme <theme>', `a theme of your own (with --about), or one of the battery's`)
  .option('--about <text>', 'what the theme is about, in a sentence')
  .requiredOption('--model <ref>', 'the model that writes')
  .requiredOption('--judge <ref>', 'the model that judges; better another than the one that writes')
  .option('--count <n>', 'drafts that are to survive', positive, 12)
  .option('--drafts <file>', 'the file of drafts; default: THEME.drafts.jsonl')
  .option('--study <file>', 'a study file whose endpoints (limits, keys) are used')
  .option('--seed <n>', 'decides places, examples and the model’s sampling', Number, 1)
  .option('--max-tokens <n>', 'the most tokens of one answer, of three drafts', positive, 6000)
  .addHelpText(
    'after',
    '\nExample:\n  $ stemma dilemmas write --theme oversight --model openai:gpt-5.5 --judge anthropic:claude-opus-4.7 --count 12',
  )
  .action(async (flags: WriteFlags) => {
    const study = flags.study === undefined ? null : await loadStudy(flags.study);
    const file = flags.drafts ?? `${flags.theme}.drafts.jsonl`;
    const about = flags.about ?? aboutOf(flags.theme);
    using stopping = stopOnSignals();
    await using models = openRunModels(
      { folder: study?.folder ?? process.cwd(), endpoints: study?.endpoints ?? {} },
      'runs/checkpoints',
    );
    const state = await writeDilemmas({
      file,
      theme: flags.theme,
      about,
      model: await models.open({ ref: flags.model }),
      judge: autorater({ id: 'judge', model: await models.open({ ref: flags.judge }) }),
      count: flags.count,
      battery: readBuiltIn(),
      sampling: { temperature: 1, topP: null, maxTokens: flags.maxTokens, seed: flags.seed },
      // A call that is dropped leaves nothing behind and is made again.
      signal: AbortSignal.any([stopping.stop, stopping.abort]),
      onCall: ({ calls, written, surviving, unreadable }) =>
        say(
          `${counted(calls, 'call')}: ${counted(written, 'draft')}, ${surviving} of ${flags.count} survive, ${unreadable} unreadable`,
        ),
    });
    print(
      `${file}: ${counted(state.written, 'draft')}, ${state.surviving} survive.${state.surviving < flags.count ? ' The model gave no more: another one, or another --seed in a new file, may.' : ''}`,
    );
    if (state.surviving === 0) {
      // There is nothing to choose from, and a script must not go on as if there were.
      process.exitCode = 1;
      next(`look in ${file} why each was dropped; then another --model, --judge or --about`);
      return;
    }
    next(stemma('dilemmas', 'choose', file, '--into', `${flags.theme}.yaml`));
  });

function aboutOf(theme: string): string {
  const about = knownThemes().get(theme);
  if (about !== undefined) return about;
  throw new InputError(`the battery has no theme "${theme}"`, {
    remedy: `Say with --about what it is about, or write one of: ${[...knownThemes().keys()].join(', ')}.`,
  });
}

interface ChooseFlags {
  readonly into: string;
  readonly keep?: string[];
  readonly drop?: string[];
  readonly list?: boolean;
}

const chooseCommand = new Command('choose')
  .summary('choose which drafts become dilemmas')
  .description(
    'Shows the drafts that survived, one by one, and asks of each whether to keep it; choices are on disk at once. Those ' +
      'that are kept are added to the theme file, which an eval’s option `path` names.',
  )
  .argument('<drafts>', 'the file of drafts')
  .requiredOption('--into <file>', 'the theme file (.yaml) to add them to')
  .option('--keep <id...>', 'keep these, without asking')
  .option('--drop <id...>', 'drop these, without asking')
  .option('--list', 'print what is to be chosen from, and ask nothing')
  .addHelpText(
    'after',
    '\nExample:\n  $ stemma dilemmas choose oversight.drafts.jsonl --into ours/oversight.yaml',
  )
  .action(async (file: string, flags: ChooseFlags) => {
    const open = undecided(readDraftsFile(file));
    if (flags.list) {
      print(open.map(shown).join('\n\n') || 'Nothing is left to choose from.');
      return;
    }
    for (const id of flags.keep ?? []) choose(file, id, true);
    for (const id of flags.drop ?? []) choose(file, id, false);
    if (flags.keep === undefined && flags.drop === undefined) await ask(file, open);
    const added = writeChosen(file, flags.into);
    const left = undecided(readDraftsFile(file)).length;
    print(`${counted(added, 'dilemma')} added to ${flags.into}; ${left} not decided.`);
    if (existsSync(flags.into))
      next(`name it in a study: { eval: dilemmas, options: { path: ${flags.into} } }`);
  });

/** Asks line by line, so that it works wherever text does. */
async function ask(file: string, open: readonly DraftLine[]): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const answers = lines[Symbol.asyncIterator]();
  try {
    for (const [index, draft] of open.entries()) {
      print(`\n${shown(draft)}\n\n${index + 1} of ${open.length}: keep it? [y]es, [n]o, [s]kip, [q]uit`);
      for (;;) {
        const { value, done } = await answers.next();
        const key = done ? 'q' : String(value).trim().toLowerCase()[0];
        if (key === 'q') return;
        if (key === 's') break;
        if (key === 'y' || key === 'n') {
          choose(file, draft.draft.id, key === 'y');
          break;
        }
        print('y, n, s or q');
      }
    }
  } finally {
    lines.close();
  }
}

function shown({ draft, realism, why }: DraftLine): string {
  const { width } = page();
  const text = (label: string, body: string) =>
    `${label}\n${body
      .trimEnd()
      .split('\n')
      .flatMap((line) => wrapped(line, { indent: 2, width: Math.min(width, 110) }))
      .join('\n')}`;
  return [
    `── ${draft.id}: ${draft.title}`,
    text('System', draft.system),
    text('User', draft.user),
    text('Wrong', draft.wrong),
    text('Acceptable', draft.acceptable.map((decision) => `- ${decision}`).join('\n')),
    text('Wrong if done blindly', draft.shortcut.join(', ') || 'none'),
    text(`Realism ${realism} of 5`, `${draft.realism}${why === '' ? '' : `\nThe judge: ${why}`}`),
  ].join('\n');
}

export const dilemmas = new Command('dilemmas')
  .summary('write dilemmas of your own')
  .description('Dilemmas of your own: drafted by a model, chosen by you.')
  .addCommand(write)
  .addCommand(chooseCommand);
