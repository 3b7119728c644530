import { closeSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, RecordsError, rememberDigest, type Sample, sampleDigest } from '../core/index.ts';
import { withFile } from './byte-source.ts';
import { checksumOf, withChecksum } from './checksum.ts';
import { diskError } from './disk-error.ts';
import { syncFolder } from './manifest.ts';
import { isPlainFile, isPlainFolder, makePlainFolder, openPlain, openPlainSync } from './plain-file.ts';
import { recordsInLine, recordsInTail } from './records-in-line.ts';
import { fileName } from './role.ts';
import { type Chunk, scanLines } from './scan.ts';
import { SegmentWriter } from './segment-writer.ts';
import { mendTornEnd } from './torn-tail.ts';

/**
 * The samples of one eval that a run puts: `samples/<eval>.jsonl`, a sample a line, each with its digest and a checksum as
 * other records have. Ids, clusters and digests are in memory; texts stay on disk and are read by offset.
 */
export interface SampleReader extends AsyncDisposable {
  readonly size: number;
  /** Lines that are not samples any more, counted from 1. */
  readonly damaged: readonly number[];
  /** In the order of the file. */
  ids(): Iterable<string>;
  has(id: string): boolean;
  cluster(id: string): string | undefined;
  /** As in the transcripts' `digests.sample`. */
  digest(id: string): Digest | undefined;
  /** @throws RecordsError when the file does not have it, or its line is damaged */
  read(id: string): Sample;
}

/** The same, to add to. */
export interface SampleFile extends SampleReader {
  /**
   * Adds a sample; resolves when it is on disk. The same sample again changes nothing. It can be read at once.
   *
   * @throws RecordsError for another sample with an id that is there: their transcripts could not be told apart
   */
  put(sample: Sample): Promise<void>;
}

/** A line, parsed. */
type StoredSample = Sample & { readonly digest: Digest; readonly crc32: string };

interface SamplePlace {
  readonly cluster: string;
  readonly digest: Digest;
  readonly offset: number;
  readonly length: number;
}

const FOLDER = 'samples';
const HEAD = /^\{"id":("(?:[^"\\]|\\.)*"),"cluster":("(?:[^"\\]|\\.)*"),"digest":("[0-9a-f]+")/;
/** Lines that were written stay in memory up to so many bytes: most studies need not read any sample from the disk. */
const MOST_KEPT = 8 << 20;
/** Characters of a line that hold its head: ids and clusters have a largest length. */
const HEAD_LENGTH = 64 << 10;

/**
 * Opens the samples of an eval.
 *
 * @param access `write`: the caller owns the role `elicit`; the file is made where it is absent, and a torn end is mended
 * @throws RecordsError where the file is a link or not a file, or can't be written
 */
export async function openSampleFile(
  folder: string,
  evalId: string,
  access: 'read' | 'write',
): Promise<SampleFile> {
  const path = join(folder, FOLDER, `${fileName(evalId)}.jsonl`);
  if (access === 'read')
    return new SamplesOnDisk(path, null, contentOf(path, isPlainFolder(join(folder, FOLDER))));
  try {
    makePlainFolder(join(folder, FOLDER));
    const file = await openPlain(path, 'append');
    await syncFolder(join(folder, FOLDER));
    const size = mendTornEnd(path, 'samples');
    return new SamplesOnDisk(path, new SegmentWriter(path, file, size, () => {}), contentOf(path, true));
  } catch (error) {
    throw error instanceof RecordsError ? error : diskError(error, path);
  }
}

interface SampleFileContent {
  readonly places: Map<string, SamplePlace>;
  readonly damaged: readonly number[];
  readonly size: number;
}

function contentOf(path: string, there: boolean): SampleFileContent {
  const places = new Map<string, SamplePlace>();
  const damaged: number[] = [];
  if (!there || !isPlainFile(path)) return { places, damaged, size: 0 };
  let line = 0;
  let chunk: Chunk;
  const parts = {
    record(start: number, end: number) {
      const [id, place] = headOf(chunk, start, end) ?? [];
      if (id === undefined) damaged.push(line);
      else places.set(id, place!);
    },
    damaged: () => void damaged.push(line),
    lineFeed: () => void damaged.push(line),
  };
  const size = withFile(path, (bytes) =>
    scanLines(bytes, 0, (at, start, end, whole) => {
      chunk = at;
      line++;
      if (whole) recordsInLine(at, { start, end, due: true }, parts);
      else recordsInTail(at, { start, end }, parts);
    }),
  );
  return { places, damaged, size };
}

function headOf({ latin1, offset }: Chunk, start: number, end: number): [string, SamplePlace] | null {
  const found = HEAD.exec(latin1.slice(start, Math.min(end, start + HEAD_LENGTH)));
  if (found === null) return null;
  const [, id, cluster, digest] = found;
  const text = (latin: string) => JSON.parse(Buffer.from(latin, 'latin1').toString('utf8')) as string;
  return [
    text(id!),
    { cluster: text(cluster!), digest: text(digest!), offset: offset + start, length: end - start },
  ];
}

class SamplesOnDisk implements SampleFile {
  readonly damaged: readonly number[];
  readonly #path: string;
  readonly #writer: SegmentWriter | null;
  readonly #places: Map<string, SamplePlace>;
  /** Samples that are not on disk yet, or kept in memory. As texts: the garbage collector need not look into them. */
  readonly #kept = new Map<string, string>();
  #keptBytes = 0;
  #size: number;
  /** A descriptor to read from; opened when it is first needed. */
  #file: number | null = null;

  constructor(path: string, writer: SegmentWriter | null, { places, damaged, size }: SampleFileContent) {
    this.#path = path;
    this.#writer = writer;
    this.#places = places;
    this.damaged = damaged;
    this.#size = size;
  }

  get size(): number {
    return this.#places.size;
  }

  ids(): Iterable<string> {
    return this.#places.keys();
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  cluster(id: string): string | undefined {
    return this.#places.get(id)?.cluster;
  }

  digest(id: string): Digest | undefined {
    return this.#places.get(id)?.digest;
  }

  async put(sample: Sample): Promise<void> {
    if (this.#writer === null) throw new TypeError('these samples were opened for reading');
    const digest = sampleDigest(sample);
    const before = this.#places.get(sample.id);
    if (before?.digest === digest) return;
    if (before !== undefined) throw otherSample(this.#path, sample.id);
    // What a plugin's sample has beside its members is kept, but not in the place of those that belong to the format.
    const { digest: _, crc32: __, id, cluster, ...rest } = sample as Partial<StoredSample> & Sample;
    const json = JSON.stringify({ id, cluster, digest, ...rest });
    const text = withChecksum(json);
    const bytes = Buffer.byteLength(text);
    this.#places.set(id, { cluster, digest, offset: this.#size, length: bytes - 1 });
    this.#kept.set(id, json);
    this.#keptBytes += bytes;
    this.#size += bytes;
    await this.#writer.append(() => [{ text }]);
    if (this.#keptBytes <= MOST_KEPT) return;
    this.#kept.delete(id);
    this.#keptBytes -= bytes;
  }

  read(id: string): Sample {
    const {
      digest,
      crc32: _,
      ...sample
    } = JSON.parse(this.#kept.get(id) ?? this.#lineOf(id)) as StoredSample;
    rememberDigest(sample, digest);
    return sample;
  }

  #lineOf(id: string): string {
    const place = this.#places.get(id);
    if (place === undefined) throw noSample(this.#path, id);
    // At once: a sample is short and most often in the system's cache, where a promise costs more than the reading.
    this.#file ??= openPlainSync(this.#path, 'read');
    const bytes = Buffer.alloc(place.length);
    readSync(this.#file, bytes, 0, place.length, place.offset);
    if (checksumOf(bytes, 0, bytes.length) !== 'right') throw noSample(this.#path, id);
    return bytes.toString('utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.close();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

function otherSample(file: string, id: string): RecordsError {
  return new RecordsError(`the run has another sample with the id "${id}"`, {
    place: { file },
    remedy: 'Name another folder with --out, or undo the change: a trial is known by the id of its sample.',
  });
}

function noSample(file: string, id: string): RecordsError {
  return new RecordsError(`the sample "${id}" can't be read: it is absent, or its line is damaged`, {
    place: { file },
    remedy: 'Give the command `run` again: it writes the sample anew.',
  });
}
