import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../core/index.ts';
import { openRegularFile, unwritable } from '../files/index.ts';
import type { HubServer } from './requests.ts';

/** A file to fetch: where it is in a repository, and what it must be. */
interface Download {
  readonly path: string;
  readonly commit: string;
  readonly size: number;
  readonly digest: string;
}

export interface DownloadControl {
  /** Is told how many bytes are there. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fetches a file, or what is still missing of it: a process that was killed leaves what it had in `TARGET.incomplete`, and a
 * connection that breaks is opened again where it broke, as long as each try brings something. Two may fetch the same
 * file at once: each writes the same bytes to the same places, shortens nothing that the other may have written, and looks at what it
 * wrote through its own handle, because the other may have renamed the file by then.
 *
 * @param target the file that is made, whole or not at all
 * @throws InputError where it can't be fetched or written, or is not what the hub says that it is
 */
export async function download(
  server: HubServer,
  wanted: Download,
  target: string,
  control: DownloadControl,
): Promise<void> {
  const partial = `${target}.incomplete`;
  let problem: string | null;
  try {
    await mkdir(dirname(target), { recursive: true });
    await using handle = await openPartial(partial);
    await fill(server, wanted, handle, control);
    await handle.sync();
    problem = await otherwise(handle, wanted);
  } catch (error) {
    throw unwritable('a file of the hub', partial, error);
  }
  if (problem !== null) {
    await rm(partial, { force: true });
    throw new InputError(`${wanted.path} came, but ${problem}`, {
      remedy:
        'It was thrown away. Give the same command again; if it comes so again, something on the way changes it: check HF_ENDPOINT and the proxy.',
    });
  }
  try {
    await rename(partial, target);
  } catch (error) {
    // Somebody else, who fetched the same, was first.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(target))
      throw unwritable('a file of the hub', target, error);
  }
}

/**
 * What is wrong with a file, in words that go on after "but"; `null` where it is what the hub has.
 *
 * @param wanted.digest SHA-256 of its bytes, or the SHA-1 that Git has of them, by its length; `null`: not known
 */
export async function mismatch(
  file: string,
  wanted: { readonly size: number; readonly digest: string | null },
): Promise<string | null> {
  await using handle = await openRegularFile(file);
  return await otherwise(handle, wanted);
}

async function otherwise(
  handle: FileHandle,
  { size, digest }: { readonly size: number; readonly digest: string | null },
): Promise<string | null> {
  const found = await handle.stat();
  if (found.size !== size) return `it has ${found.size} bytes, and the hub lists ${size}`;
  if (digest === null) return null;
  const isSha256 = digest.length === 64;
  const hash = createHash(isSha256 ? 'sha256' : 'sha1');
  if (!isSha256) hash.update(`blob ${size}\0`);
  for await (const piece of handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 }))
    hash.update(piece);
  const own = hash.digest('hex');
  return own === digest
    ? null
    : `its ${isSha256 ? 'SHA-256' : 'SHA-1'} is ${own}, and the hub lists ${digest}`;
}

async function openPartial(file: string): Promise<FileHandle> {
  // A pipe in its place is not waited for.
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT | (constants.O_NONBLOCK ?? 0));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new InputError('this is not a plain file', { place: { file }, remedy: 'Delete it.' });
}

async function fill(
  server: HubServer,
  { path, commit, size }: Download,
  handle: FileHandle,
  { onBytes, signal }: DownloadControl,
): Promise<void> {
  let have = (await handle.stat()).size;
  if (have > size) {
    have = 0;
    await handle.truncate(0);
  }
  onBytes(have);
  while (have < size) {
    const before = have;
    try {
      const { status, headers, body } = await server.open(path, commit, have, signal);
      // A server that does not support ranges sends the whole file again.
      if (status !== 206) have = 0;
      else if (!headers.get('content-range')?.startsWith(`bytes ${have}-`))
        throw new InputError(`the hub sends another part of ${path} than was asked for`);
      for await (const piece of body ?? []) {
        if (have + piece.length > size) throw otherLength(path, size, 'more');
        await handle.write(piece, 0, piece.length, have);
        have += piece.length;
        onBytes(have);
      }
      if (have < size) throw otherLength(path, size, 'fewer');
    } catch (error) {
      signal?.throwIfAborted();
      // Something came, and then the connection broke.
      if (have > before && error instanceof TypeError) continue;
      throw error instanceof TypeError ? server.unreached(error) : error;
    }
  }
}

function otherLength(path: string, size: number, which: 'more' | 'fewer'): InputError {
  return new InputError(`the hub sends ${which} than the ${size} bytes that it lists for ${path}`, {
    remedy: 'Give the same command again later, or check HF_ENDPOINT and the proxy.',
  });
}
