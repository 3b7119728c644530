import { Argument, Command } from 'commander';
import {
  findHarness,
  type HarnessName,
  harnessKinds,
  harnessNames,
  installHarness,
} from '../../agent/index.ts';
import { MissingPartError } from '../../core/index.ts';
import { next, print, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

export const harness = new Command('harness')
  .summary("other people's agent CLIs: what is there, and installing them")
  .description(
    'Agent evals can run Gemini CLI, Codex CLI or Claude Code in the sandbox in place of the agent loop of our own. ' +
      'They come from npm, in the version that this stemma was tried with, into a folder of their own in the user cache.',
  )
  .addHelpText('after', '\nExample:\n  $ stemma harness install gemini-cli');

harness
  .command('install')
  .summary('install one or more of them with npm')
  .addArgument(new Argument('<name...>', 'which').choices(harnessNames))
  .action(async (names: HarnessName[]) => {
    for (const name of names) {
      const { title, version } = harnessKinds[name];
      say(`Installing ${title} ${version} …`);
      const { program } = await installHarness(name);
      print(`${name}  ${version}  ${program.mount}`);
    }
    next('`harness:` in the options of an agent eval');
  });

harness
  .command('list')
  .summary('which of them are on this machine, and where')
  .action(async () => {
    for (const name of harnessNames) print(await described(name));
    next(stemma('harness', 'install', 'NAME'));
  });

async function described(name: HarnessName): Promise<string> {
  const tried = `tried with ${harnessKinds[name].version}`;
  try {
    const { version, program, from } = await findHarness(name);
    return `${name}  ${version ?? 'of unknown version'}  ${from === 'path' ? `on PATH, ${tried}, ` : ''}${program.mount}`;
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    return `${name}  not installed  ${tried}`;
  }
}
