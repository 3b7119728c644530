import { Command } from 'commander';
import { InputError, type PublishedResults } from '../../core/index.ts';
import {
  importInspect,
  importLmEval,
  importOdcv,
  importResults,
  importTable,
  importXstest,
  parseChain,
  parseDeclaredMeasure,
  parseMapping,
  parseReplicates,
  readDeclaredMeasures,
} from '../../interchange/index.ts';
import { withJsonLines } from '../json-lines.ts';
import { next, print, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

interface ImportFlags {
  readonly into: string;
  readonly map?: string;
  readonly measure: readonly string[];
  readonly measures?: string;
  readonly chain: readonly string[];
  readonly stageBy?: string;
  readonly task: readonly string[];
  readonly cluster?: string;
  readonly replicates: readonly string[];
  readonly add?: boolean;
  readonly json?: boolean;
}

type Reader = (sources: readonly string[], flags: ImportFlags) => Promise<PublishedResults>;

const TABLES = ['csv', 'tsv', 'json', 'jsonl', 'parquet'] as const;

/** The flags that only some layouts understand. */
const OF_TABLES = ['map', 'measure', 'measures', 'chain', 'replicates'] as const;
const OF_LOGS = ['stageBy', 'task', 'cluster', 'measure', 'measures', 'chain'] as const;
const OF_LM_EVAL = ['task', 'measure', 'measures', 'chain'] as const;
type SpecialFlag = (typeof OF_TABLES)[number] | (typeof OF_LOGS)[number];

const readers: Readonly<Record<string, Reader>> = {
  inspect: async (sources, flags) => {
    refuseOtherFlags(flags, OF_LOGS, 'Inspect logs');
    return await importInspect(sources, {
      ...(flags.stageBy === undefined ? {} : { stageBy: flags.stageBy }),
      ...(flags.cluster === undefined ? {} : { cluster: flags.cluster }),
      tasks: flags.task,
      ...(await declaredOf(flags)),
    });
  },
  'lm-eval': async (sources, flags) => {
    refuseOtherFlags(flags, OF_LM_EVAL, 'samples of lm-eval');
    const [task, ...more] = flags.task;
    if (more.length > 0)
      throw new InputError('one task of lm-eval is imported at a time', {
        remedy: 'Add the next one with --add.',
      });
    return await importLmEval(onlySource(sources), {
      ...(task === undefined ? {} : { task }),
      ...(await declaredOf(flags)),
    });
  },
  xstest: async (sources, flags) => {
    refuseOtherFlags(flags, [], 'a published layout');
    return await importXstest(onlySource(sources));
  },
  odcv: async (sources, flags) => {
    refuseOtherFlags(flags, [], 'a published layout');
    return await importOdcv(onlySource(sources));
  },
  ...Object.fromEntries(
    TABLES.map((format): [string, Reader] => [
      format,
      async (sources, flags) => {
        refuseOtherFlags(flags, OF_TABLES, 'a table');
        return await importTable(onlySource(sources), {
          format,
          mapping: parseMapping(flags.map),
          ...(await declaredOf(flags)),
          replicates: flags.replicates.map(parseReplicates),
        });
      },
    ]),
  ),
};

async function declaredOf({ measure, measures, chain }: ImportFlags) {
  return {
    measures: [
      ...(measures === undefined ? [] : await readDeclaredMeasures(measures)),
      ...measure.map(parseDeclaredMeasure),
    ],
    chains: chain.map(parseChain),
  };
}

function onlySource(sources: readonly string[]): string {
  const [source, ...more] = sources;
  if (source !== undefined && more.length === 0) return source;
  throw new InputError('this layout is read from one file or folder; several are named', {
    remedy: 'Import each into a run of its own.',
  });
}

const FLAG_NAMES: Readonly<Record<SpecialFlag, string>> = {
  map: '--map',
  measure: '--measure',
  measures: '--measures',
  chain: '--chain',
  replicates: '--replicates',
  stageBy: '--stage-by',
  task: '--task',
  cluster: '--cluster',
};

/** @throws InputError for a flag that this layout has no use for */
function refuseOtherFlags(flags: ImportFlags, known: readonly SpecialFlag[], what: string): void {
  const given = (name: SpecialFlag) => flags[name] !== undefined && flags[name].length > 0;
  const others = (Object.keys(FLAG_NAMES) as SpecialFlag[]).filter(
    (name) => !known.includes(name) && given(name),
  );
  if (others.length === 0) return;
  const understood = known.map((name) => FLAG_NAMES[name]).join(', ') || 'none';
  throw new InputError(`${others.map((name) => FLAG_NAMES[name]).join(', ')} says nothing about ${what}`, {
    remedy: `Flags for ${what}: ${understood}.`,
  });
}

const collected = (value: string, before: readonly string[]) => [...before, value];

export const importCommand = new Command('import')
  .summary('results that others published, as a run')
  .description(
    'Reads published results into a run folder: their models become stages, every rater is kept apart, and findings and ' +
      'reports are made of them as of any run. LAYOUT is inspect (logs of Inspect AI), lm-eval, xstest, odcv, or a table (csv, tsv, json, jsonl, parquet) with a column mapping.',
  )
  .argument('<layout>', Object.keys(readers).join(' | '))
  .argument(
    '<source...>',
    'the folder (xstest, odcv) or file; for inspect logs, folders and patterns, each perhaps named: sft=b.eval',
  )
  .requiredOption('--into <run>', 'the run folder to write')
  .option(
    '--map <field=column,…>',
    'which column holds which field: stage, sample, cluster, value, rater, measure, …',
  )
  .option(
    '--measure <name,key=value,…>',
    'what a measure is: kind (rate, score), range (0..10), margin, ratio, safer (lower, higher); can be given again',
    collected,
    [],
  )
  .option('--measures <file>', 'the same for several measures, as a table')
  .option(
    '--chain <stage,stage,…>',
    'stages in training order; again for a branch: --chain base,sft,rl-a --chain base,sft,rl-b',
    collected,
    [],
  )
  .option(
    '--replicates <stage=run,run,run>',
    'tables: training runs of one stage, as the table names them; run k comes from run k of its parent; can be given again',
    collected,
    [],
  )
  .option(
    '--stage-by <what>',
    'inspect: what names the stage: model (default), file, tag:PREFIX, task_args.KEY, metadata.KEY',
  )
  .option(
    '--task <name>',
    'inspect, lm-eval: the task to import, where there are several; can be given again',
    collected,
    [],
  )
  .option('--cluster <key>', "inspect: the key of a sample's metadata that is its cluster")
  .option('--add', 'add to a run that was imported before: stages, measures, raters, samples')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma import inspect logs/ --into runs/logs --chain base-model,sft-model,rl-model\n' +
      '  $ stemma import xstest path/to/xstest --into runs/xstest\n' +
      '  $ stemma import csv scores.csv --into runs/scores --map stage=checkpoint,sample=prompt_id,value=refused\n' +
      '  $ stemma import csv turns.csv --into runs/turns --measure turns,range=0..100,margin=5,safer=lower --chain base,sft,rl',
  )
  .action(async (layout: string, sources: readonly string[], flags: ImportFlags) => {
    const read = readers[layout];
    if (!read) {
      throw new InputError(`there is no layout "${layout}"`, {
        remedy: `Known: ${Object.keys(readers).join(', ')}.`,
      });
    }
    if (flags.json) {
      await withJsonLines('import', async (tell) => {
        tell('progress', { step: 'reading', source: sources.join(' ') });
        const results = await read(sources, flags);
        tell('progress', { step: 'writing', run: flags.into });
        const summary = await importResults(results, flags.into, { add: flags.add === true });
        return { run: flags.into, ...summary, notes: results.notes ?? [] };
      });
      return;
    }
    const results = await read(sources, flags);
    const summary = await importResults(results, flags.into, { add: flags.add === true });
    for (const note of results.notes ?? []) say(note);
    say(`${summary.trials} trials and ${summary.ratings} ratings imported.`);
    print(flags.into);
    next(stemma('findings', flags.into));
  });
