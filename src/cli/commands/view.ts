import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { InputError, StemmaError } from '../../core/index.ts';
import { openRun } from '../../records/index.ts';
import { cardOf, exportBundle, type ListedRun, serveView } from '../../workbench/view/index.ts';
import { openInBrowser } from '../browser.ts';
import { next, print, say } from '../output.ts';
import { portNumber } from '../port-number.ts';
import { stemma } from '../shell-words.ts';

/** Where runs are looked for when none is named. */
const RUNS = 'runs';

interface ViewFlags {
  readonly port: number;
  readonly open: boolean;
  readonly export?: string;
  readonly labelsOnly?: true;
}

export const view = new Command('view')
  .summary('read, compare and label in the browser')
  .description(
    'Serves pages on 127.0.0.1 that show findings, every sample across all stages, epochs and raters, the lineage of ' +
      'checkpoints, and label sessions. Runs are only read, but for labels. Through an ssh tunnel the link works as it is.',
  )
  .argument('[run...]', `run folders (default: all in ./${RUNS})`)
  .option('--port <number>', 'the port; 0 for any that is free', portNumber, 0)
  .option('--no-open', 'only print the link, do not open a browser')
  .option('--export <dir>', 'write the pages and the data of one run as files that open without a server')
  .option('--labels-only', 'with --export: leave out all that was asked and answered')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma view runs/olmo3\n  $ stemma view runs/olmo3 --export site/olmo3' +
      '\n  $ ssh -L 8123:127.0.0.1:8123 gpu1 stemma view runs/olmo3 --port 8123 --no-open',
  )
  .action(async (folders: string[], flags: ViewFlags) => {
    if (flags.labelsOnly && flags.export === undefined)
      throw new InputError('--labels-only is for --export: a server has nobody to keep texts from');
    if (flags.export !== undefined) return exported(folders, flags.export, flags.labelsOnly === true);
    const runs = await listed(folders);
    await using server = await serveView(runs, {
      port: flags.port,
      worker: (folder) => [process.execPath, ...process.execArgv, process.argv[1]!, 'view-worker', folder],
    });
    print(server.link);
    if (flags.open) openInBrowser(server.link);
    next('open the link in a browser; Ctrl-C stops the server');
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  });

async function exported(folders: readonly string[], target: string, labelsOnly: boolean): Promise<void> {
  const [folder, ...others] = folders;
  if (folder === undefined || others.length > 0)
    throw new InputError('--export writes one run', { remedy: stemma('view', 'RUN', '--export', target) });
  const { page, bytes, samples } = await exportBundle(folder, target, { labelsOnly });
  say(`${samples} samples, ${Math.ceil(bytes / 1e6)} MB`);
  print(page);
  next(`open ${page} in a browser, or put ${target} on any web server`);
}

async function listed(folders: readonly string[]): Promise<ListedRun[]> {
  const found = folders.length > 0 ? folders : await runsIn(RUNS);
  if (found.length === 0)
    throw new InputError(`there is no run in ./${RUNS}`, {
      remedy: `Name a run folder, or make one: ${stemma('demo')}.`,
    });
  return Promise.all(
    found.map(async (folder) => {
      try {
        using reader = await openRun(folder);
        return { folder, ...cardOf(reader.manifest) };
      } catch (error) {
        // A folder that was named must be right; of all in ./runs some may be something else.
        if (folders.length > 0) throw error;
        const problem = error instanceof StemmaError ? error.placed : String(error);
        return { folder, name: relative(RUNS, folder), createdAt: null, stages: 0, evals: [], problem };
      }
    }),
  );
}

async function runsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const isRun = await Promise.all(
    folders.map(async (each) => (await readdir(each)).includes('manifest.json')),
  );
  return folders.filter((_, at) => isRun[at]).sort();
}
