import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  canonicalJson,
  digestOfText,
  type EvalOptions,
  InputError,
  type JsonObject,
  type Message,
  type Sample,
  type SourceReport,
} from '../../core/index.ts';
import { readWholeFile } from '../../files/index.ts';
import { normalised, openingCluster, userCluster } from './cluster.ts';
import { type LogTurn, turnsOf } from './conversation.ts';
import { cutAt, seededFraction } from './cut.ts';
import { DigestSet } from './digest-set.ts';
import { Draw } from './draw.ts';
import { readOptions, type UserLogOptions } from './options.ts';
import { Recent } from './recent.ts';
import { type ConversationScrubber, Scrubber } from './scrub/scrub.ts';
import { type LogRow, logFiles, logRows, passes } from './source.ts';
import { SourceCounts } from './source-counts.ts';

/** A row that can be put: cut, scrubbed. */
interface Candidate {
  readonly row: LogRow;
  readonly turns: readonly LogTurn[];
  readonly turn: number;
  readonly scrubber: ConversationScrubber;
  /** Of what is put, normalised: equal for duplicates. */
  readonly digest: string;
}

/** What one going through of the log needs. */
interface LogReading {
  readonly path: string;
  readonly options: UserLogOptions;
  readonly scrubber: Scrubber;
}

/** Which rows are put, and what became of the others. */
interface Selection {
  /** Numbers of rows; `null` for all that are not duplicates. */
  readonly rows: ReadonlySet<number> | null;
  readonly counts: SourceCounts;
}

/** Selections and reports of the last few logs: a plan, its run and its report go through the same one. */
const selections = new Recent<Promise<Selection>>(8);
const reports = new Recent<SourceReport>(8);

/**
 * The samples that the options ask for, in the order of the log. Where there is a limit the log is read twice: once to
 * draw, once to put. Memory grows with what is drawn, and by 16 bytes with each prompt that is looked at.
 *
 * @throws InputError for options that do not fit, and naming file and line for a log that can't be read
 */
export async function* userLogSamples(evalOptions: EvalOptions): AsyncGenerator<Sample> {
  const reading = readingOf(evalOptions);
  const { options } = reading;
  const key = keyOf(evalOptions, reading);
  let counts = new SourceCounts();
  let rows: ReadonlySet<number> | null = null;
  if (options.limit !== undefined) {
    const selected = selections.get(key, () => select(reading));
    ({ rows, counts } = await selected);
    counts = counts.copy();
  }
  for await (const candidate of candidates(reading, rows, counts)) {
    const sample = sampleOf(candidate, options);
    counts.put(candidate.scrubber.counts);
    yield sample;
  }
  reports.set(key, counts.report());
}

/** What became of the log's rows, and what was taken out of those that are put. Goes through them where nobody has yet. */
export async function sourceReport(evalOptions: EvalOptions): Promise<SourceReport> {
  const key = keyOf(evalOptions, readingOf(evalOptions));
  if (reports.peek(key) === undefined) for await (const _ of userLogSamples(evalOptions));
  return reports.peek(key)!;
}

function readingOf(evalOptions: EvalOptions): LogReading {
  const options = readOptions(evalOptions);
  const names = options.names === undefined ? [] : readNames(resolve(evalOptions.folder, options.names));
  return {
    path: resolve(evalOptions.folder, options.path),
    options,
    scrubber: new Scrubber({ keep: options.leave_in ?? [], names }),
  };
}

function readNames(file: string): string[] {
  try {
    return readWholeFile(file)
      .toString('utf8')
      .split('\n')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  } catch (cause) {
    throw new InputError('this list of names cannot be read', { place: { file }, cause });
  }
}

/** Changes with the options and with the files. */
function keyOf({ values, folder }: EvalOptions, { path, options }: LogReading): string {
  const names = options.names === undefined ? [] : [resolve(folder, options.names)];
  const files = [...logFiles(path, options.format), ...names].map((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return [file, found?.size ?? 0, found?.mtimeMs ?? 0];
  });
  return canonicalJson([values, files]);
}

async function select(reading: LogReading): Promise<Selection> {
  const { limit, strata, seed } = reading.options;
  const counts = new SourceCounts();
  const draw = new Draw(limit!, strata?.allocation ?? 'proportional');
  for await (const { row, digest } of candidates(reading, null, counts)) {
    const stratum = strata === undefined ? '' : String(row.row[strata.column] ?? '');
    draw.offer(row.number, seededFraction(digest, seed), stratum);
    counts.count('not drawn');
  }
  const rows = draw.rows();
  counts.count('not drawn', -rows.size);
  return { rows, counts };
}

/**
 * The rows that can be put, cut and scrubbed.
 *
 * @param rows  only these, which are known to be no duplicates; `null`: all, counted in `counts`
 */
async function* candidates(
  reading: LogReading,
  rows: ReadonlySet<number> | null,
  counts: SourceCounts,
): AsyncGenerator<Candidate> {
  const { path, options } = reading;
  const seen = new DigestSet();
  for await (const row of logRows(path, options)) {
    if (rows !== null) {
      if (!rows.has(row.number)) continue;
      yield candidateOf(row, reading) as Candidate;
      continue;
    }
    counts.count('rows');
    const candidate = passes(row.row, options.where) ? candidateOf(row, reading) : 'filtered out';
    if (typeof candidate === 'string') counts.count(candidate);
    else if (options.deduplicate && !seen.add(candidate.digest)) counts.count('duplicates');
    else yield candidate;
  }
}

/** @returns why not, where it can't be put */
function candidateOf(row: LogRow, { options, scrubber }: LogReading): Candidate | string {
  const { turn: choice, seed, min_characters: fewest, max_characters: most, scrub } = options;
  const cut = cutAt(turnsOf(row.row, row.layout, row.place), choice, seed);
  if ('leftOut' in cut) return cut.leftOut;
  const length = cut.turns.reduce((sum, { content }) => sum + content.length, 0);
  if (length < fewest || length > (most ?? Number.POSITIVE_INFINITY)) return 'too short or too long';
  const conversation = scrubber.conversation();
  const turns = scrub
    ? cut.turns.map(({ role, content }) => ({ role, content: conversation.scrub(content) }))
    : cut.turns;
  const digest = digestOfText(
    turns.map(({ role, content }) => `${role}\n${normalised(content)}`).join('\n\n'),
  );
  return { row, turns, turn: cut.turn, scrubber: conversation, digest };
}

function sampleOf(
  { row: { row, layout, number }, turns, turn, scrubber, digest }: Candidate,
  options: UserLogOptions,
): Sample {
  const id = options.deduplicate ? digest.slice(0, 16) : `${digest.slice(0, 16)}-${number}`;
  const prompt = turns.at(-1)!.content;
  return {
    id,
    cluster: clusterOf(),
    input: messagesOf(turns, options.system),
    metadata: { ...metadataOf() },
  };

  function clusterOf(): string {
    const user = layout.user === undefined ? '' : String(row[layout.user] ?? '');
    const kind = options.cluster ?? (user === '' ? 'opening' : 'user');
    if (kind === 'user' && user !== '') return userCluster(user);
    return kind === 'opening' ? openingCluster(prompt, id) : `sample-${id}`;
  }

  function metadataOf(): JsonObject {
    const { keep = [], strata, scrub } = options;
    const clean = (value: unknown) =>
      typeof value === 'string' && scrub ? scrubber.scrub(value) : (value ?? null);
    const counts = scrubber.counts;
    const kept = [...keep, ...(strata === undefined ? [] : [strata.column])];
    return {
      turn,
      ...(layout.id === undefined ? {} : { conversation: clean(row[layout.id]) as string }),
      ...Object.fromEntries(kept.map((column) => [column, clean(row[column]) as string])),
      ...(Object.keys(counts).length === 0 ? {} : { scrubbed: { ...counts } as JsonObject }),
    };
  }
}

function messagesOf(turns: readonly LogTurn[], system: string | undefined): Message[] {
  const messages = turns.map(({ role, content }) => ({ role, content }) as Message);
  const has = turns.some(({ role }) => role === 'system');
  return system === undefined || has ? messages : [{ role: 'system', content: system }, ...messages];
}
