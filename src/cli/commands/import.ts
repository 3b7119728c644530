import { Command } from 'commander';
import { definedOnly } from '../../core/defined-only.ts';
import { InputError, type PublishedResults } from '../../core/index.ts';
import { type HubProgress, isHubRef } from '../../hub/index.ts';
import {
  GENERATIONS,
  importInspect,
  importLmEval,
  importOdcv,
  importResults,
  importTable,
  importXstest,
  type OdcvGeneration,
  parseChain,
  parseDeclaredMeasure,
  parseMapping,
  parseReplicates,
  parseStages,
  readDeclaredMeasures,
  shippedMappings,
  stagesOfRun,
  withTraining,
} from '../../interchange/index.ts';
import { keepHeapLean } from '../../run/lean-heap.ts';
import { sayDownload, tellDownload } from '../download-progress.ts';
import { type ImportProgress, sayImport, tellImport } from '../import-progress.ts';
import { IndexBeside } from '../index-beside.ts';
import { withJsonLines } from '../json-lines.ts';
import { next, print, say } from '../output.ts';
import { stemma } from '../shell-words.ts';

interface ImportFlags {
  readonly into: string;
  readonly map: readonly string[];
  readonly measure: readonly string[];
  readonly measures?: string;
  readonly chain: readonly string[];
  readonly stageBy?: string;
  readonly task: readonly string[];
  readonly cluster?: string;
  readonly replicates: readonly string[];
  readonly generation?: string;
  readonly add?: boolean;
  readonly json?: boolean;
}

type Reader = (
  sources: readonly string[],
  flags: ImportFlags,
  listeners: {
    readonly onDownload: (progress: HubProgress) => void;
    readonly onRead?: (results: number) => void;
  },
) => Promise<PublishedResults>;

const TABLES = ['csv', 'tsv', 'json', 'jsonl', 'parquet'] as const;

/** The flags that only some layouts understand. */
const OF_TABLES = ['map', 'measure', 'measures', 'chain', 'replicates'] as const;
const OF_LOGS = ['stageBy', 'task', 'cluster', 'measure', 'measures', 'chain', 'map'] as const;
const OF_LM_EVAL = ['task', 'measure', 'measures', 'chain', 'map'] as const;
const OF_PUBLISHED = ['chain', 'map'] as const;
const OF_ODCV = [...OF_PUBLISHED, 'generation'] as const;
type SpecialFlag = (typeof OF_TABLES)[number] | (typeof OF_LOGS)[number] | (typeof OF_ODCV)[number];

const readers: Readonly<Record<string, Reader>> = {
  inspect: async (sources, flags) => {
    refuseOtherFlags(flags, OF_LOGS, 'Inspect logs');
    return await importInspect(sources, {
      ...definedOnly({ stageBy: flags.stageBy, cluster: flags.cluster }),
      tasks: flags.task,
      measures: await declaredMeasures(flags),
      ...(await trainingOf(flags)),
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
      measures: await declaredMeasures(flags),
      ...(await trainingOf(flags)),
    });
  },
  xstest: async (sources, flags) => {
    refuseOtherFlags(flags, OF_PUBLISHED, 'a published layout');
    return withTraining(await importXstest(onlySource(sources)), await trainingOf(flags));
  },
  odcv: async (sources, flags) => {
    refuseOtherFlags(flags, OF_ODCV, 'ODCV-Bench');
    const results = await importOdcv(onlySource(sources), generationsOf(flags));
    return withTraining(results, await trainingOf(flags));
  },
  ...Object.fromEntries(
    TABLES.map((format): [string, Reader] => [
      format,
      async (sources, flags, listeners) => {
        refuseOtherFlags(flags, OF_TABLES, 'a table');
        return await importTable(sources, {
          ...listeners,
          format,
          mapping: parseMapping(flags.map),
          measures: await declaredMeasures(flags),
          chains: flags.chain.map(parseChain),
          known: await knownStages(flags),
          replicates: flags.replicates.map(parseReplicates),
        });
      },
    ]),
  ),
};

async function declaredMeasures({ measure, measures }: ImportFlags) {
  return [
    ...(measures === undefined ? [] : await readDeclaredMeasures(measures)),
    ...measure.map(parseDeclaredMeasure),
  ];
}

/** What is said of stages, of a layout whose columns are known. */
async function trainingOf(flags: ImportFlags) {
  return {
    chains: flags.chain.map(parseChain),
    stages: flags.map.flatMap(parseStages),
    known: await knownStages(flags),
  };
}

function generationsOf({ generation }: ImportFlags): { generations?: readonly OdcvGeneration[] } {
  if (generation === undefined) return {};
  if (generation === 'both') return { generations: GENERATIONS };
  const one = GENERATIONS.find((name) => name === generation);
  if (one !== undefined) return { generations: [one] };
  throw new InputError(`there is no generation "${generation}"`, {
    remedy: `Known: ${[...GENERATIONS, 'both'].join(', ')}.`,
  });
}

async function knownStages({ add, into }: ImportFlags) {
  return add ? await stagesOfRun(into) : [];
}

/** @throws InputError for sources that only tables can have */
function requireFiles(layout: string, sources: readonly string[]): void {
  if (TABLES.some((format) => format === layout)) return;
  if (sources.length === 0)
    throw new InputError('no source is named', { remedy: 'Name a file or a folder.' });
  const dataSet = sources.find((source) => isHubRef(source.replace(/^[^=:/]+=/, '')));
  if (dataSet === undefined) return;
  throw new InputError(`${layout} is not read from the Hugging Face hub: ${dataSet}`, {
    remedy: 'Download it first, and name the folder. Tables can be read from there.',
  });
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
  generation: '--generation',
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
    '[source...]',
    'the folder (xstest, odcv, lm-eval); for a table files, folders and data sets (hf:ORG/NAME@REVISION/PATH), for inspect also patterns, each perhaps named: sft=b.csv. Only a mapping that names data sets needs none',
  )
  .requiredOption('--into <run>', 'the run folder to write')
  .option(
    '--map <field=column,…>',
    'which column holds which field: stage, sample, cluster, value, rater, measure, …; or a mapping file; or the name of a mapping below; again to add to it',
    collected,
    [],
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
  .option('--generation <which>', 'odcv: which models: current (default), previous, or both')
  .option('--cluster <key>', "inspect: the key of a sample's metadata that is its cluster")
  .option('--add', 'add to a run that was imported before: stages, measures, raters, samples')
  .option('--json', 'print progress as JSON lines, and a closing object')
  .addHelpText(
    'after',
    '\nExamples:\n  $ stemma import inspect logs/ --into runs/logs --chain base-model,sft-model,rl-model\n' +
      '  $ stemma import xstest path/to/xstest --into runs/xstest\n' +
      '  $ stemma import csv scores.csv --into runs/scores --map stage=checkpoint,sample=prompt_id,value=refused\n' +
      '  $ stemma import csv turns.csv --into runs/turns --measure turns,range=0..100,margin=5,safer=lower --chain base,sft,rl\n' +
      "  $ stemma import parquet 'hf:org/answers@v1/data/train-*.parquet' --into runs/answers --map stage=model,sample=id,value=refused\n\n" +
      `Mappings by name (docs/import.md): ${shippedMappings().join(', ')}\n  $ stemma import json sft=a.json rl=b.json --map alpaca-eval --into runs/alpaca-eval --chain sft,rl`,
  )
  .action(async (layout: string, sources: readonly string[], flags: ImportFlags) => {
    const read = readers[layout];
    if (!read) {
      throw new InputError(`there is no layout "${layout}"`, {
        remedy: `Known: ${Object.keys(readers).join(', ')}.`,
      });
    }
    requireFiles(layout, sources);
    keepHeapLean();
    const beside = new IndexBeside(flags.into);
    const written = async (results: PublishedResults, { onWritten }: Pick<ImportProgress, 'onWritten'>) =>
      importResults(results, flags.into, {
        add: flags.add === true,
        onWritten: (summary) => {
          beside.saw(summary.trials + summary.ratings);
          onWritten(summary);
        },
        onEnd: () => beside.end(),
      });
    if (flags.json) {
      await withJsonLines('import', async (tell) => {
        const source = sources.join(' ');
        const progress = tellImport(tell, { source, run: flags.into });
        const { onRead } = progress;
        tell('progress', { step: 'reading', source });
        const results = await read(sources, flags, {
          onDownload: tellDownload((progress) => tell('progress', { step: 'fetching', ...progress })),
          onRead,
        });
        tell('progress', { step: 'writing', run: flags.into });
        const { notes = [], ...summary } = await written(results, progress);
        return { run: flags.into, ...summary, notes: [...(results.notes ?? []), ...notes] };
      });
      return;
    }
    const progress = sayImport();
    const results = await read(sources, flags, { onDownload: sayDownload(), onRead: progress.onRead });
    const summary = await written(results, progress);
    for (const note of [...(results.notes ?? []), ...(summary.notes ?? [])]) say(note);
    say(`${summary.trials} trials and ${summary.ratings} ratings imported.`);
    print(flags.into);
    next(stemma('findings', flags.into));
  });
