import {
  type Analysis,
  digestOf,
  type Manifest,
  type Margins,
  type PublishedResults,
  type Rating,
  RecordsError,
  type StageInfo,
  type Transcript,
  version,
} from '../core/index.ts';
import { publishedRaterDigest } from '../evals/published-trial.ts';
import { openFolder, openRun, type RunReader, type RunWriter } from '../records/index.ts';
import { holdsRun } from '../records/manifest.ts';
import { type Addition, recounted, withAddition } from './add-results.ts';
import { RecordsPresent } from './records-present.ts';

/** What an import wrote; zero of each where all was there already. */
export interface ImportSummary {
  readonly trials: number;
  readonly ratings: number;
  /** What an addition has otherwise than the run, in words; absent where there is nothing. */
  readonly notes?: readonly string[];
}

/** Trials that go to disk together: so many, or fewer where their texts are long. */
const BATCH = 1024;
const BATCH_CHARACTERS = 1 << 22;

/** As a study has them where it does not say; nobody declared margins for results that were published without any. */
const MARGINS: Margins = { default: 0.05, byMeasure: {} };
const ANALYSIS: Analysis = { contrasts: 'chain', bootstrap: 2000, seed: 1, headlineRater: null };

interface ImportResultsOptions {
  /** Adds to a run that was imported from something else: stages, measures, raters, samples, epochs. */
  readonly add?: boolean;
  /** Called with the numbers of trials and ratings that are on disk. */
  readonly onWritten?: (written: ImportSummary) => void;
  /** Called when all is on disk, before the index takes in what it does not have yet. */
  readonly onEnd?: () => Promise<void>;
}

/**
 * Writes published results into a run folder: a new one, or one that an earlier import of the same results left
 * unfinished; with `add` also one of other results. Transcripts are on disk before their ratings are; a trial that the run
 * has already keeps its transcript and gets the ratings that it does not have.
 *
 * @throws RecordsError when the folder holds anything else; InputError where an addition contradicts what is there; what
 *   reading the results throws
 */
export async function importResults(
  results: PublishedResults,
  folder: string,
  { add = false, onWritten = () => {}, onEnd = async () => {} }: ImportResultsOptions = {},
): Promise<ImportSummary> {
  const wanted = importManifest(results);
  const addition = add && holdsRun(folder) ? await additionTo(folder, wanted) : null;
  const writer = await openFolder(folder, addition?.manifest ?? wanted, {
    roles: ['elicit'],
    compare: (recorded) =>
      addition === null
        ? { refused: differences(recorded, wanted), grown: [] }
        : { refused: [], grown: addition.grown.map((what) => `${what}, from ${results.source}`) },
    remedy: add
      ? 'Name the folder of a run that was imported.'
      : 'Name a folder that does not exist yet, or add to this run with --add.',
  });
  await using _closed = { [Symbol.asyncDispose]: () => writer.close() };
  const own = addition === null ? results : withRatersOf(writer.reader, results);
  const present = await RecordsPresent.of(writer.reader, { compares: addition !== null });
  const written = await writeAll(writer, own, { onWritten, present }).finally(onEnd);
  if (addition !== null) {
    writer.reader.refresh();
    await writer.changeManifest((manifest) => ({
      ...manifest,
      evals: recounted(manifest.evals, writer.reader),
    }));
  }
  const notes = [...(add && addition === null ? [isNew(folder)] : []), ...present.notes()];
  return notes.length === 0 ? written : { ...written, notes };
}

function isNew(folder: string): string {
  return `There was no run in ${folder} to add to, so this import began one.`;
}

/** The stages of the run in a folder; none where there is no run. */
export async function stagesOfRun(folder: string): Promise<readonly StageInfo[]> {
  if (!holdsRun(folder)) return [];
  using run = await openRun(folder);
  return run.manifest.stages;
}

async function additionTo(folder: string, wanted: Manifest): Promise<Addition> {
  using run = await openRun(folder);
  const { manifest } = run;
  if (manifest.origin.kind === 'import') return withAddition(manifest, wanted);
  throw new RecordsError(`${folder} holds a run of a study`, {
    remedy: 'Name the folder of a run that was imported.',
  });
}

/** A published rater is known by its name alone: it is the same in the run as in what is added. */
function withRatersOf({ manifest: { origin } }: RunReader, results: PublishedResults): PublishedResults {
  const { source } = results;
  if (origin.kind !== 'import' || origin.source === source) return results;
  const before = origin.source;
  const sameRater = (rating: Rating): Rating =>
    rating.raterDigest === publishedRaterDigest(source, rating.rater)
      ? { ...rating, raterDigest: publishedRaterDigest(before, rating.rater) }
      : rating;
  return {
    ...results,
    trials: async function* () {
      for await (const { transcript, ratings } of results.trials())
        yield { transcript, ratings: ratings.map(sameRater) };
    },
  };
}

function importManifest({
  name,
  source,
  citation,
  stages,
  evals,
  raters,
  ...rest
}: PublishedResults): Manifest {
  const margins = rest.margins ?? MARGINS;
  const analysis = { ...ANALYSIS, ...rest.analysis };
  return {
    format: 'stemma-run',
    formatVersion: 2,
    stemma: version,
    name,
    createdAt: new Date().toISOString(),
    origin: { kind: 'import', source, ...(citation === undefined ? {} : { citation }) },
    stages,
    evals,
    raters,
    margins,
    analysis,
    study: null,
    digest: digestOf({ source, stages, evals, raters, margins }),
  };
}

function differences(recorded: Manifest, wanted: Manifest): string[] {
  if (recorded.origin.kind === 'study') return ['it was made by running a study'];
  const source = wanted.origin.kind === 'import' ? wanted.origin.source : '';
  if (recorded.origin.source !== source) return [`it was imported from ${recorded.origin.source}`];
  if (recorded.digest !== wanted.digest) return ['its stages, evals, raters or margins are others'];
  return [];
}

async function writeAll(
  writer: RunWriter,
  results: PublishedResults,
  {
    onWritten,
    present,
  }: { readonly onWritten: (written: ImportSummary) => void; readonly present: RecordsPresent },
): Promise<ImportSummary> {
  const written = { trials: 0, ratings: 0 };
  let transcripts: Transcript[] = [];
  let ratings: Rating[] = [];
  let characters = 0;
  const flush = async () => {
    const batch = { transcripts, ratings };
    transcripts = [];
    ratings = [];
    characters = 0;
    await writer.appendTranscripts(batch.transcripts);
    await writer.appendRatings(batch.ratings);
    written.trials += batch.transcripts.length;
    written.ratings += batch.ratings.length;
    onWritten(written);
  };
  for await (const trial of results.trials()) {
    if (!present.transcript(trial.transcript)) {
      transcripts.push(trial.transcript);
      characters += lengthOf(trial.transcript);
    } else await present.compare(trial.transcript, trial.ratings);
    ratings.push(...trial.ratings.filter((rating) => !present.rating(rating)));
    if (transcripts.length >= BATCH || ratings.length >= 8 * BATCH || characters >= BATCH_CHARACTERS)
      await flush();
  }
  await flush();
  return written;
}

/** About as many characters as its messages have. */
function lengthOf({ input, output }: Transcript): number {
  let length = 0;
  for (const message of [...input, ...output]) {
    length += message.content.length;
    if (message.role === 'assistant') length += message.thoughts?.length ?? 0;
  }
  return length;
}
