import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Manifest, type Rating, RecordsError, type Transcript, trialKey } from '../core/index.ts';
import { diskError, systemCode } from './disk-error.ts';
import { ratingLines, transcriptLine } from './line.ts';
import { lockRun } from './lock.ts';
import { holdsRun, readManifest, syncFolder, syncParent, writeManifest } from './manifest.ts';
import type { RunReader, RunWriter } from './run.ts';
import { IndexedRun } from './run-reader.ts';
import { listSegments, SEGMENT_KINDS, type SegmentKind, segmentPath } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { cutTornTail } from './torn-tail.ts';

/** The name of the segments of a run that one process writes. */
const WRITER = 'main';

/**
 * Makes a new run in a folder that doesn't exist yet or is empty.
 *
 * @throws RecordsError when the folder holds a run or anything else, is being written to, or can't be written
 */
export async function createRun(folder: string, manifest: Manifest): Promise<RunWriter> {
  makeFolder(folder);
  const unlock = lockRun(folder);
  try {
    refuseUnlessNew(folder);
    for (const kind of SEGMENT_KINDS) mkdirSync(join(folder, kind), { recursive: true });
    await writeManifest(folder, manifest);
    await syncParent(folder);
    return new LockedRun(folder, manifest, unlock);
  } catch (error) {
    unlock();
    throw error instanceof RecordsError ? error : diskError(error, folder);
  }
}

/**
 * Opens a run to go on with it: takes its lock, and cuts off what a writer that died left torn.
 *
 * @throws RecordsError when it is no run folder, another process writes to it, it can't be written to, or is damaged
 */
export async function openRunWriter(folder: string): Promise<RunWriter> {
  readManifest(folder);
  const unlock = lockRun(folder);
  try {
    for (const { path, kind } of listSegments(folder)) cutTornTail(path, kind);
    return new LockedRun(folder, readManifest(folder), unlock);
  } catch (error) {
    unlock();
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
  }
}

/** What a run folder may hold before its manifest is there: what an earlier try was cut short at. */
const BEGINNINGS: readonly RegExp[] = [
  /^transcripts$/,
  /^ratings$/,
  /^writer\.lock/,
  /^manifest\.json\..*draft$/,
];

function refuseUnlessNew(folder: string): void {
  if (holdsRun(folder)) {
    throw new RecordsError(`${folder} holds a run already`, {
      remedy: 'Name another folder; or, to go on with that run, run the study it was made from again.',
    });
  }
  const stranger = readdirSync(folder).find((name) => !BEGINNINGS.some((pattern) => pattern.test(name)));
  if (stranger !== undefined) {
    throw new RecordsError(`${folder} is not empty (it holds ${stranger}) and is no run`, {
      remedy: 'Name a folder that does not exist yet.',
    });
  }
}

/** A run folder whose lock this process holds. */
class LockedRun implements RunWriter {
  readonly folder: string;
  readonly #reader: IndexedRun;
  readonly #unlock: () => void;
  readonly #segments = new Map<SegmentKind, Promise<SegmentWriter>>();
  #manifest: Manifest;
  #closing: Promise<void> | null = null;

  constructor(folder: string, manifest: Manifest, unlock: () => void) {
    this.folder = folder;
    this.#manifest = manifest;
    this.#unlock = unlock;
    this.#reader = new IndexedRun(folder, () => this.#manifest);
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  get reader(): RunReader {
    return this.#reader;
  }

  async appendTranscript(transcript: Transcript): Promise<void> {
    if (transcript.key !== trialKey(transcript.trial)) {
      throw new RangeError(`transcript ${transcript.key} is of trial ${trialKey(transcript.trial)}`);
    }
    const line = transcriptLine(transcript);
    await (await this.#segment('transcripts')).append(line);
  }

  async appendRatings(ratings: readonly Rating[]): Promise<void> {
    if (ratings.length === 0) return;
    const wrong = ratings.find(({ status, value }) => (status === 'rated') !== Number.isFinite(value));
    if (wrong !== undefined) {
      throw new RangeError(`rating of ${wrong.key}: status ${wrong.status} with value ${wrong.value}`);
    }
    const lines = ratingLines(ratings);
    await (await this.#segment('ratings')).append(lines);
  }

  async replaceManifest(manifest: Manifest): Promise<void> {
    await writeManifest(this.folder, manifest);
    this.#manifest = manifest;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      for (const segment of this.#segments.values()) await (await segment.catch(() => null))?.close();
      this.#reader.refresh();
    } finally {
      this.#reader.close();
      this.#unlock();
    }
  }

  #segment(kind: SegmentKind): Promise<SegmentWriter> {
    if (this.#closing !== null) {
      return Promise.reject(new RecordsError('the run folder was closed', { place: { file: this.folder } }));
    }
    let segment = this.#segments.get(kind);
    if (segment === undefined) {
      segment = this.#openSegment(kind);
      this.#segments.set(kind, segment);
    }
    return segment;
  }

  async #openSegment(kind: SegmentKind): Promise<SegmentWriter> {
    const path = segmentPath(this.folder, kind, WRITER);
    try {
      mkdirSync(join(this.folder, kind), { recursive: true });
      const file = await open(path, 'a');
      await syncFolder(join(this.folder, kind));
      const { size } = await file.stat();
      return new SegmentWriter(path, file, size, () => this.#reader.markOutOfDate());
    } catch (error) {
      throw diskError(error, path);
    }
  }
}
