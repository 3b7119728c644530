import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Manifest, type Rating, RecordsError, type Transcript, trialKey } from '../core/index.ts';
import { diskError, systemCode } from './disk-error.ts';
import { type RecordLine, ratingLines, transcriptLine } from './line.ts';
import { type HeldLock, lockedBy, tryLock, withLock } from './lock.ts';
import { FORMAT_VERSION, holdsRun, readManifest, syncFolder, syncParent, writeManifest } from './manifest.ts';
import { isPlainFile, isPlainFolder, makePlainFolder, openPlain, statOf } from './plain-file.ts';
import { type Role, roleOf, roleWords, writerName } from './role.ts';
import type { RunReader, RunWriter } from './run.ts';
import { IndexedRun } from './run-reader.ts';
import { openSampleFile, type SampleFile } from './sample-file.ts';
import { isTakenIn, SEGMENT_KINDS, type SegmentKind, segmentPath } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { requireSameDivision, rivals, type Shard, shardName } from './shard.ts';
import { mendTornEnd } from './torn-tail.ts';

/**
 * Makes a new run in a folder that doesn't exist yet or is empty.
 *
 * @param roles claimed at once; others when they are first needed
 * @throws RecordsError when the folder holds a run or anything else, or can't be written
 */
export async function createRun(
  folder: string,
  manifest: Manifest,
  roles: readonly Role[] = [],
  shard: Shard | null = null,
): Promise<RunWriter> {
  makeFolder(folder);
  // Before anything is made in it, and once more when nobody else can make a run there.
  refuseUnlessNew(folder);
  await withLock(folder, 'manifest', async () => {
    refuseUnlessNew(folder);
    try {
      for (const kind of SEGMENT_KINDS) makePlainFolder(join(folder, kind));
      await writeManifest(folder, manifest);
      await syncParent(folder);
    } catch (error) {
      throw error instanceof RecordsError ? error : diskError(error, folder);
    }
  });
  return openRunWriter(folder, roles, shard);
}

/**
 * Opens a run to go on with it.
 *
 * @param roles claimed at once; others when they are first needed
 * @param shard the part of the run that this process does alone; `null`: all of it
 * @throws RecordsError when it is not a run folder, a role has another live owner, or it can't be written to
 */
export async function openRunWriter(
  folder: string,
  roles: readonly Role[] = [],
  shard: Shard | null = null,
): Promise<RunWriter> {
  const before = readManifest(folder);
  refuseFormat1Writer(folder);
  if (shard !== null) requireSameDivision(folder, shard);
  const writer = new RoleWriter(folder, before, shard);
  try {
    for (const role of roles) writer.claim(role);
    await writer.changeManifest((manifest) =>
      manifest.formatVersion === FORMAT_VERSION ? manifest : { ...manifest, formatVersion: FORMAT_VERSION },
    );
    return writer;
  } catch (error) {
    await writer.close();
    throw error instanceof RecordsError ? error : diskError(error, folder);
  }
}

/** Like `mkdir -p`; on a read-only file system Node's own says that there is no such folder. */
function makeFolder(folder: string): void {
  try {
    if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
    mkdirSync(folder);
  } catch (error) {
    if (error instanceof RecordsError) throw error;
    if (systemCode(error) !== 'EEXIST') throw diskError(error, folder);
    requireFolder(folder);
  }
}

function requireFolder(folder: string): void {
  if (statOf(`${folder}/.`) !== null) return;
  throw new RecordsError('this is a file; a run is a folder', {
    place: { file: folder },
    remedy: 'Name a folder, or one that does not exist yet.',
  });
}

/** What a run folder may hold before its manifest is there: what an earlier try was cut short at. */
const BEGINNINGS: readonly RegExp[] = [
  /^transcripts$/,
  /^ratings$/,
  /^locks$/,
  /^writer\.lock/,
  /^manifest\.json\..*draft$/,
];

function refuseUnlessNew(folder: string): void {
  if (holdsRun(folder)) {
    throw new RecordsError(`${folder} holds a run already`, {
      remedy: 'Name another folder; or, to go on with that run, run the study it was made from again.',
    });
  }
  for (const kind of SEGMENT_KINDS) refuseRecords(join(folder, kind));
  const foreignFile = readdirSync(folder).find((name) => !BEGINNINGS.some((pattern) => pattern.test(name)));
  if (foreignFile !== undefined) {
    throw new RecordsError(`${folder} is not empty (it holds ${foreignFile}) and is not a run`, {
      remedy: 'Name a folder that does not exist yet.',
    });
  }
}

/**
 * Before its manifest a run has no record. Where some are, the manifest was lost: a new one would say of them what is not true,
 * and what the new run asks would be taken for recorded.
 */
function refuseRecords(segments: string): void {
  if (!isPlainFolder(segments)) return;
  const recorded = readdirSync(segments)
    .map((name) => join(segments, name))
    .find((path) => statOf(path)?.size !== 0);
  if (recorded === undefined) return;
  throw new RecordsError('this is a record of a run whose manifest.json is gone', {
    place: { file: recorded },
    remedy: 'Restore manifest.json from a copy of the run folder, or name a folder that does not exist yet.',
  });
}

/** stemma 0.1 locked the whole folder by a file that stays when its process is killed; nothing proves that it ended. */
function refuseFormat1Writer(folder: string): void {
  const file = join(folder, 'writer.lock');
  if (statOf(file) === null) return;
  throw new RecordsError('stemma 0.1 was writing to this run, and may still be', {
    place: { file },
    remedy: `If no stemma 0.1 runs on this folder any more, delete ${file} and try again.`,
  });
}

/** What a role that this process owns writes to. */
interface Owned {
  readonly lock: HeldLock;
  segment: Promise<SegmentWriter<RecordLine>> | null;
  /** The same, once it is open. */
  open: SegmentWriter<RecordLine> | null;
}

/** A run folder some of whose roles this process owns. */
class RoleWriter implements RunWriter {
  readonly folder: string;
  readonly #reader: IndexedRun;
  readonly #owned = new Map<Role, Owned>();
  readonly #samples = new Map<string, Promise<SampleFile>>();
  #manifest: Manifest;
  readonly #shard: Shard | null;
  #closing: Promise<void> | null = null;

  constructor(folder: string, manifest: Manifest, shard: Shard | null) {
    this.folder = folder;
    this.#shard = shard;
    this.#manifest = manifest;
    this.#reader = new IndexedRun(folder, () => this.#manifest);
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  get reader(): RunReader {
    return this.#reader;
  }

  claim(role: Role): void {
    if (!this.tryClaim(role)) throw lockedBy(this.folder, this.#heldBy(role), roleWords(role));
  }

  tryClaim(role: Role): boolean {
    if (this.#closing !== null) throw this.#closed();
    if (this.#owned.has(role)) return true;
    const lock = tryLock(this.folder, this.#nameOf(role));
    if (lock === null) return false;
    if (this.#liveRival(role) !== undefined) {
      lock.release();
      return false;
    }
    try {
      const [kind, path] = this.#segmentOf(role);
      if (isPlainFolder(join(this.folder, kind)) && isPlainFile(path)) {
        if (isTakenIn(this.folder, kind, this.#nameOf(role))) rmSync(path);
        else mendTornEnd(path, kind);
      }
      // What the last owner wrote is known from here on.
      this.#reader.markOutOfDate();
    } catch (error) {
      lock.release();
      throw error instanceof RecordsError ? error : diskError(error, this.folder);
    }
    this.#owned.set(role, { lock, segment: null, open: null });
    return true;
  }

  #nameOf(role: Role): string {
    return shardName(writerName(role), this.#shard);
  }

  /** Somebody who is doing the same work, divided in another way. */
  #liveRival(role: Role): string | undefined {
    return rivals(this.folder, writerName(role), this.#shard).find((name) => {
      const lock = tryLock(this.folder, name);
      lock?.release();
      return lock === null;
    });
  }

  #heldBy(role: Role): string {
    return this.#liveRival(role) ?? this.#nameOf(role);
  }

  holds(role: Role): boolean {
    return this.#owned.has(role);
  }

  async release(role: Role): Promise<void> {
    const owned = this.#owned.get(role);
    if (owned === undefined) return;
    this.#owned.delete(role);
    try {
      if (role === 'elicit') await this.#closeSamples();
      await (await owned.segment?.catch(() => null))?.close();
    } finally {
      owned.lock.release();
    }
  }

  appendTranscript(transcript: Transcript): Promise<void> {
    return this.appendTranscripts([transcript]);
  }

  async appendTranscripts(transcripts: readonly Transcript[]): Promise<void> {
    const lineOf = (transcript: Transcript) => {
      if (transcript.key !== trialKey(transcript.trial)) {
        throw new RangeError(`transcript ${transcript.key} is of trial ${trialKey(transcript.trial)}`);
      }
      return transcriptLine(transcript);
    };
    if (transcripts.length > 0) await this.#append('elicit', () => transcripts.map(lineOf));
  }

  async appendRatings(ratings: readonly Rating[]): Promise<void> {
    const wrong = ratings.find(({ status, value }) => (status === 'rated') !== Number.isFinite(value));
    if (wrong !== undefined) {
      throw new RangeError(`rating of ${wrong.key}: status ${wrong.status} with value ${wrong.value}`);
    }
    const [first] = ratings;
    if (first === undefined) return;
    const append = (rater: string, batch: readonly Rating[]) =>
      this.#append(this.#roleOf(rater), () => ratingLines(batch));
    if (ratings.every(({ rater }) => rater === first.rater)) return await append(first.rater, ratings);
    const byRater = Map.groupBy(ratings, ({ rater }) => rater);
    await Promise.all([...byRater].map(([rater, batch]) => append(rater, batch)));
  }

  putSamples(evalId: string, put: (file: SampleFile) => Promise<void>): Promise<void> {
    const act = async () => {
      await using file = await openSampleFile(this.folder, evalId, 'write');
      await put(file);
    };
    return withLock(this.folder, 'samples', act, { patienceMs: Number.POSITIVE_INFINITY });
  }

  async samples(evalId: string): Promise<SampleFile> {
    this.claim('elicit');
    let samples = this.#samples.get(evalId);
    if (samples === undefined) {
      samples = openSampleFile(this.folder, evalId, 'write');
      this.#samples.set(evalId, samples);
    }
    return samples;
  }

  changeManifest(change: (manifest: Manifest) => Manifest): Promise<void> {
    return withLock(this.folder, 'manifest', async () => {
      const now = readManifest(this.folder);
      this.#manifest = now;
      const changed = change(now);
      if (changed === now) return;
      await writeManifest(this.folder, changed);
      this.#manifest = changed;
    });
  }

  changeFrames<T>(act: () => Promise<T>): Promise<T> {
    return withLock(this.folder, 'label-frames', act);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const wrote = [...this.#owned.values()].some(({ segment }) => segment !== null);
    try {
      for (const { segment } of this.#owned.values()) await (await segment?.catch(() => null))?.close();
      await this.#closeSamples();
      // The parts of a run share an index: whoever reads the run next brings it up to date once for all.
      if (wrote && this.#shard === null) this.#reader.refresh();
    } finally {
      this.#reader.close();
      for (const { lock } of this.#owned.values()) lock.release();
    }
  }

  async #closeSamples(): Promise<void> {
    for (const samples of this.#samples.values()) {
      await (await samples.catch(() => null))?.[Symbol.asyncDispose]();
    }
    this.#samples.clear();
  }

  #closed(): RecordsError {
    return new RecordsError('the run folder was closed', { place: { file: this.folder } });
  }

  /** A rater that the manifest does not name is not a person: people are put there before they label. */
  #roleOf(rater: string): Role {
    return roleOf(this.#manifest.raters.find(({ id }) => id === rater) ?? { id: rater, kind: 'rule' });
  }

  #segmentOf(role: Role): [kind: SegmentKind, path: string] {
    const kind = role === 'elicit' ? 'transcripts' : 'ratings';
    return [kind, segmentPath(this.folder, kind, this.#nameOf(role))];
  }

  #append(role: Role, make: () => readonly RecordLine[]): Promise<void> {
    this.claim(role);
    const owned = this.#owned.get(role)!;
    return owned.open === null ? this.#appendFirst(role, owned, make) : owned.open.append(make);
  }

  async #appendFirst(role: Role, owned: Owned, make: () => readonly RecordLine[]): Promise<void> {
    owned.segment ??= this.#openSegment(role);
    owned.open = await owned.segment;
    await owned.open.append(make);
  }

  async #openSegment(role: Role): Promise<SegmentWriter<RecordLine>> {
    const [kind, path] = this.#segmentOf(role);
    try {
      makePlainFolder(join(this.folder, kind));
      const file = await openPlain(path, 'append');
      await syncFolder(join(this.folder, kind));
      const { size, dev, ino } = await file.stat({ bigint: true });
      const fresh = this.#reader.freshRecords(path, `${dev}:${ino}`);
      return new SegmentWriter<RecordLine>(path, file, Number(size), (...flushed) => {
        fresh.add(...flushed);
        this.#reader.markOutOfDate();
      });
    } catch (error) {
      throw error instanceof RecordsError ? error : diskError(error, path);
    }
  }
}
