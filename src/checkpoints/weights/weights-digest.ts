import { createHash } from 'node:crypto';
import { type FileHandle, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Digest, digestOfText, InputError } from '../../core/index.ts';
import { openRegularFile, readSafetensorsHeader } from '../../files/index.ts';
import { type FileDigest, keepDigest, keptDigest } from './digest-cache.ts';

interface DigestOptions {
  /** Reads every byte, also where the digest of a file in this state is kept. */
  readonly verify?: boolean;
}

const INDEX = 'model.safetensors.index.json';

/**
 * Digest of a checkpoint's weights: which numbers they are, and not how they are stored. It is the SHA-256 over one line
 * for each tensor, sorted by name: `["name","dtype",[shape],"sha256 of its bytes"]`. So it does not depend on the number
 * of shards, on the order in a header, or on metadata. A GGUF file, which holds more than tensors, counts by its bytes.
 *
 * Files are streamed, 4 MiB at a time. What was computed of a file is kept in the user's cache folder and used again while
 * device, inode, size and modification time stay the same.
 *
 * @param path a `.safetensors` or `.gguf` file, or a folder of shards, with or without an index
 * @returns 32 hex digits
 * @throws InputError naming the file that is missing, damaged, not a regular file, or holds a tensor that another one holds
 * @example await weightsDigest('olmo/model.safetensors') === await weightsDigest('olmo-in-four-shards') // => true
 */
export async function weightsDigest(path: string, options: DigestOptions = {}): Promise<Digest> {
  const files = await weightFiles(path);
  const owners = new Map<string, string>();
  const lines: { name: string; line: string }[] = [];
  for (const file of files) {
    for (const [name, dtype, shape, sha256] of await fileDigest(file, options)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw new InputError(`the tensor "${name}" is in ${basename(owner)} too`, {
          place: { file },
          remedy:
            'Shards of one checkpoint hold each tensor once: remove the files that do not belong to it.',
        });
      }
      owners.set(name, file);
      lines.push({ name, line: JSON.stringify([name, dtype, shape, sha256]) });
    }
  }
  lines.sort((a, b) => (a.name < b.name ? -1 : 1));
  return digestOfText(lines.map(({ line }) => `${line}\n`).join(''));
}

/** The files that hold the weights at a path: itself, the shards that an index names, or all of the folder's. */
async function weightFiles(path: string): Promise<readonly string[]> {
  const stats = await stat(path).catch((cause: Error) => {
    throw new InputError(`there are no weights here: ${cause.message}`, { place: { file: path }, cause });
  });
  if (!stats.isDirectory()) return [path];
  const names = (await readdir(path)).sort();
  if (names.includes(INDEX)) return await indexedShards(path);
  const safetensors = names.filter((name) => name.endsWith('.safetensors'));
  const found = safetensors.length > 0 ? safetensors : names.filter((name) => name.endsWith('.gguf'));
  if (found.length > 0) return found.map((name) => join(path, name));
  throw new InputError('this folder holds no .safetensors and no .gguf file', { place: { file: path } });
}

/** @throws InputError where the index is damaged, or names a file outside its folder */
async function indexedShards(folder: string): Promise<readonly string[]> {
  const file = join(folder, INDEX);
  const wrong = (what: string) => new InputError(`this index ${what}`, { place: { file } });
  await (await openRegularFile(file)).close();
  let map: unknown;
  try {
    map = (JSON.parse(await readFile(file, 'utf8')) as Partial<Record<string, unknown>> | null)?.weight_map;
  } catch (cause) {
    throw wrong(`cannot be read: ${(cause as Error).message}`);
  }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw wrong('has no weight_map');
  const names = [...new Set(Object.values(map))].sort();
  if (names.length === 0) throw wrong('names no file');
  return names.map((name) => {
    if (typeof name === 'string' && name !== '' && basename(name) === name && name !== '..')
      return join(folder, name);
    throw wrong(`names ${JSON.stringify(name)}, which is not a file beside it`);
  });
}

async function fileDigest(file: string, { verify = false }: DigestOptions): Promise<FileDigest> {
  await using handle = await openRegularFile(file);
  const before = await handle.stat({ bigint: true });
  const kept = verify ? null : await keptDigest(before);
  if (kept !== null) return kept;
  const size = Number(before.size);
  const digest = file.endsWith('.gguf')
    ? await bytesDigest(handle, size, file)
    : await tensorDigests(handle, size, file);
  const after = await handle.stat({ bigint: true });
  if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
    throw new InputError('this file was changed while it was read', {
      place: { file },
      remedy: 'Wait until whoever writes it has finished.',
    });
  }
  await keepDigest(after, digest);
  return digest;
}

/** A GGUF file is here as one tensor that is named by its bytes, because the file's own name does not count. */
async function bytesDigest(handle: FileHandle, size: number, file: string): Promise<FileDigest> {
  const sha256 = await new RangeHash(handle, file).of(0, size);
  return [[sha256, 'GGUF', [size], sha256]];
}

async function tensorDigests(handle: FileHandle, size: number, file: string): Promise<FileDigest> {
  const tensors = await readSafetensorsHeader(handle, size, file);
  const hash = new RangeHash(handle, file);
  const digests: FileDigest[number][] = [];
  for (const { name, dtype, shape, from, to } of tensors)
    digests.push([name, dtype, shape, await hash.of(from, to)]);
  return digests;
}

const CHUNK = 4 << 20;

/** SHA-256 of ranges of one file. The next chunk is read while one is hashed, so there are two buffers. */
class RangeHash {
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;

  constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  /** @returns 64 hex digits @throws InputError where the file ends before the range does */
  async of(from: number, to: number): Promise<string> {
    const hash = createHash('sha256');
    let position = from;
    let pending = position < to ? this.#read(0, position, to) : null;
    for (let turn = 1; pending !== null; turn++) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) {
        throw new InputError('this file became shorter while it was read', { place: { file: this.#file } });
      }
      position += bytesRead;
      pending = position < to ? this.#read(turn, position, to) : null;
      hash.update(buffer.subarray(0, bytesRead));
    }
    return hash.digest('hex');
  }

  #read(turn: number, position: number, to: number) {
    const buffer = this.#buffers[turn % 2 === 0 ? 0 : 1];
    return this.#handle.read(buffer, 0, Math.min(CHUNK, to - position), position);
  }
}
