import { existsSync, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import {
  type Digest,
  digestOf,
  InputError,
  isId,
  type Margins,
  type PublishedResults,
  type Rating,
  type StageInfo,
} from '../../core/index.ts';
import { publishedRaterDigest } from '../../evals/published-trial.ts';
import { readTable } from '../../files/index.ts';
import { type HubProgress, isHubRef } from '../../hub/index.ts';
import { openRun } from '../../records/index.ts';
import { importInspect } from '../inspect/import.ts';
import { importTable } from '../table/import.ts';
import type { TableMapping } from '../table/mapping.ts';
import { sourcesOf } from '../table/sources.ts';

/** One of two things that are compared: a run, an Inspect log or a table, and perhaps a stage of it. */
interface Side {
  readonly path: string;
  readonly stage: string | null;
  readonly kind: 'run' | 'log' | 'table';
}

interface SideOptions {
  /** Called while the files of data sets are fetched. */
  readonly onDownload?: (progress: HubProgress) => void;
  readonly mapping?: TableMapping;
  readonly tasks?: readonly string[];
  readonly cluster?: string;
}

/** The ids of the two stages. */
const FIRST = 'A';
const SECOND = 'B';

/**
 * Reads two sources as the results of two stages, A and B. Each is a run folder, an Inspect log or a table (a file, or of a data set on
 * the Hugging Face hub: `hf:ORG/NAME@REVISION/PATH`); `#STAGE` behind it names a stage where it has several.
 *
 * @throws InputError where one of them cannot be read, has several stages and none is named, or the two have no eval in common
 */
export async function readSides(
  first: string,
  second: string,
  options: SideOptions,
): Promise<PublishedResults> {
  const [a, b] = [sideOf(first), sideOf(second)];
  // One after the other: both may be of one file of the hub, which is fetched once then.
  const one = await readSide(a, options);
  const other = await readSide(b, options);
  return merged(one, other);
}

function sideOf(source: string): Side {
  const hash = source.lastIndexOf('#');
  const whole = existsSync(source) || hash < 1;
  const path = whole ? source : source.slice(0, hash);
  const stage = whole ? null : source.slice(hash + 1);
  if (isHubRef(path)) return { path, stage, kind: 'table' };
  if (!existsSync(path)) throw new InputError('there is no such file', { place: { file: path } });
  const kind = statSync(path).isDirectory() ? 'run' : isLog(path) ? 'log' : 'table';
  return { path, stage, kind };
}

function isLog(path: string): boolean {
  return extname(path) === '.eval' || (extname(path) === '.json' && /^\d{4}-\d\d-\d\dT/.test(basename(path)));
}

interface OneStage {
  readonly results: PublishedResults;
  readonly stage: StageInfo;
  readonly path: string;
}

async function readSide(side: Side, options: SideOptions): Promise<OneStage> {
  const results = await readResults(side, options);
  const stages = results.stages.filter(
    ({ replicateOf, again }) => replicateOf === undefined && again === undefined,
  );
  const stage =
    side.stage === null
      ? stages.length === 1
        ? stages[0]
        : undefined
      : stages.find(({ id, title }) => id === side.stage || title === side.stage);
  if (stage !== undefined) return { results, stage, path: side.path };
  const names = stages.map(({ id }) => id);
  throw new InputError(
    side.stage === null ? `this has ${stages.length} stages` : `this has no stage "${side.stage}"`,
    {
      place: { file: side.path },
      remedy: `Name one behind it, as in ${side.path}#${names[0]}. It has: ${names.join(', ')}.`,
    },
  );
}

async function readResults({ path, kind, stage }: Side, options: SideOptions): Promise<PublishedResults> {
  if (kind === 'run') return await runResults(path);
  if (kind === 'log') {
    const { tasks = [], cluster } = options;
    return await importInspect([path], { tasks, ...(cluster === undefined ? {} : { cluster }) });
  }
  const { mapping = { columns: {} }, onDownload } = options;
  const following = onDownload === undefined ? {} : { onDownload };
  // A table of one model need not say so in each row.
  const name = basename(path).replace(/\.[^.]+$/, '');
  const constant =
    stage === null && mapping.columns.stage === undefined && !(await saysStages(path, following));
  const columns = constant
    ? { ...mapping.columns, stage: { value: isId(name) ? name : 'table' } }
    : mapping.columns;
  const source = isHubRef(path) ? path : resolve(path);
  return await importTable(source, { ...following, mapping: { ...mapping, columns } });
}

async function saysStages(path: string, options: Pick<SideOptions, 'onDownload'>): Promise<boolean> {
  const [first] = await sourcesOf([path], { columns: {} }, options);
  for await (const { row } of readTable(first!.file)) return Object.hasOwn(row, 'stage');
  return false;
}

/** The records of a run, as if they had been published. */
async function runResults(folder: string): Promise<PublishedResults> {
  using run = await openRun(folder);
  const { manifest } = run;
  const rates = manifest.evals.flatMap(({ measures }) => measures.filter(({ kind }) => kind === 'rate'));
  const isStudy = manifest.origin.kind === 'study';
  return {
    ...manifest,
    source: manifest.origin.kind === 'import' ? manifest.origin.source : manifest.name,
    // What a study declares of all rates is declared of each; an import has declared nothing of them.
    margins: {
      ...manifest.margins,
      byMeasure: {
        ...(isStudy ? Object.fromEntries(rates.map(({ id }) => [id, manifest.margins.default])) : {}),
        ...manifest.margins.byMeasure,
      },
    },
    trials: () => trialsOf(folder),
  };
}

async function* trialsOf(folder: string) {
  using run = await openRun(folder);
  for await (const transcript of run.transcripts()) {
    yield { transcript, ratings: await run.ratingsOf(transcript.key) };
  }
}

function merged(one: OneStage, other: OneStage): PublishedResults {
  const shared = one.results.evals.flatMap((info) => {
    const same = other.results.evals.find(({ id }) => id === info.id);
    return same === undefined ? [] : [{ info, same }];
  });
  if (shared.length === 0) {
    const names = (side: OneStage) => side.results.evals.map(({ id }) => id).join(', ');
    throw new InputError(
      `the two have no eval in common: ${one.path} has ${names(one)}, ${other.path} has ${names(other)}`,
    );
  }
  const ids = new Set(shared.map(({ info }) => info.id));
  const raters = [...one.results.raters, ...other.results.raters];
  return {
    name: `${nameOf(one)} and ${nameOf(other)}`,
    source: `${one.path}, ${other.path}`,
    stages: [
      { ...one.stage, id: FIRST, title: nameOf(one), from: null },
      { ...other.stage, id: SECOND, title: nameOf(other), from: FIRST },
    ],
    evals: shared.map(({ info, same }) => ({
      ...info,
      epochs: Math.max(info.epochs, same.epochs),
      measures: unitedMeasures(info.measures, same.measures),
    })),
    raters: raters.filter(({ id }, index) => raters.findIndex((rater) => rater.id === id) === index),
    margins: unitedMargins(one, other),
    analysis: { ...one.results.analysis, contrasts: 'chain', bootstrap: 0 },
    notes: [...(one.results.notes ?? []), ...(other.results.notes ?? [])],
    trials: async function* () {
      yield* renamed(one, FIRST, ids);
      yield* renamed(other, SECOND, ids);
    },
  };
}

function nameOf({ stage, path }: OneStage): string {
  return `${basename(path)}#${stage.title ?? stage.id}`;
}

async function* renamed({ results, stage }: OneStage, id: string, evals: ReadonlySet<string>) {
  for await (const { transcript, ratings } of results.trials()) {
    if (transcript.trial.stage !== stage.id || !evals.has(transcript.trial.eval)) continue;
    const trial = { ...transcript.trial, stage: id };
    const key = `${id}${transcript.key.slice(stage.id.length)}`;
    yield {
      transcript: { ...transcript, key, trial },
      ratings: ratings.map((rating) => ({
        ...rating,
        key,
        raterDigest: raterDigest(rating, results.source),
      })),
    };
  }
}

/** A published rater is known by its name alone: it is the same in two tables. */
function raterDigest({ rater, raterDigest: digest }: Rating, source: string): Digest {
  return digest === publishedRaterDigest(source, rater) ? digestOf({ rater }) : digest;
}

type Measures = PublishedResults['evals'][number]['measures'];

/** A range that is only what the values span is that of both. */
function unitedMeasures(a: Measures, b: Measures): Measures {
  return [
    ...a.map((measure) => {
      const same = b.find(({ id }) => id === measure.id);
      if (same === undefined || (measure.rangeOf === undefined && measure.kind === same.kind)) return measure;
      const wider = measure.kind === 'score' ? measure : same;
      const range = [
        Math.min(measure.range[0], same.range[0]),
        Math.max(measure.range[1], same.range[1]),
      ] as const;
      return { ...wider, range };
    }),
    ...b.filter(({ id }) => !a.some((measure) => measure.id === id)),
  ];
}

/** @throws InputError where the two declare other margins */
function unitedMargins(one: OneStage, other: OneStage): Margins {
  const [a, b] = [one.results.margins, other.results.margins];
  const byMeasure = { ...a?.byMeasure };
  for (const [id, margin] of Object.entries(b?.byMeasure ?? {})) {
    const known = byMeasure[id];
    if (known !== undefined && known !== margin) {
      throw new InputError(
        `${one.path} declares the margin ${known} for ${id}, and ${other.path} ${margin}`,
        {
          remedy: `Say which counts: --margin ${id}=${Math.min(known, margin)}`,
        },
      );
    }
    byMeasure[id] = margin;
  }
  return { default: 0.05, byMeasure, ratios: { ...a?.ratios, ...b?.ratios } };
}
