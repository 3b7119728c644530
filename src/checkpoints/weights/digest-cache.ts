import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../core/index.ts';

/** What was computed of one file: of each tensor its name, dtype, shape and SHA-256; or of all bytes. */
export type FileDigest = readonly (readonly [
  name: string,
  dtype: string,
  shape: readonly number[],
  sha256: string,
])[];

/**
 * A file that was changed this shortly before it was read may be changed again within the same tick of the file system's
 * clock. Its digest is not kept.
 */
const SETTLED_MS = 2000;

/** Where digests are kept: never in the model's own folder, which may be shared or read-only. */
function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'stemma', 'weights');
}

/** The digest that is kept of a file in this state; `null` where there is none, or it can't be read. */
export async function keptDigest(stats: BigIntStats): Promise<FileDigest | null> {
  try {
    const value: unknown = JSON.parse(await readFile(entryFile(stats), 'utf8'));
    return isFileDigest(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keeps a digest, whole or not at all. A cache that can't be written to costs time and nothing else. */
export async function keepDigest(stats: BigIntStats, digest: FileDigest): Promise<void> {
  if (Date.now() - Number(stats.mtimeMs) < SETTLED_MS) return;
  const file = entryFile(stats);
  const draft = `${file}.${randomUUID()}.draft`;
  try {
    await mkdir(cacheFolder(), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(digest), { flag: 'wx', mode: 0o600 });
    await rename(draft, file);
  } catch {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/**
 * Device, inode, size and modification time say which content a file has; the time of its last status change is added,
 * because a modification time can be set back.
 */
function entryFile({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return join(cacheFolder(), `${digestOf([dev, ino, size, mtimeNs, ctimeNs].map(String))}.json`);
}

function isFileDigest(value: unknown): value is FileDigest {
  return (
    Array.isArray(value) &&
    value.every(
      (each) =>
        Array.isArray(each) &&
        each.length === 4 &&
        typeof each[0] === 'string' &&
        typeof each[1] === 'string' &&
        Array.isArray(each[2]) &&
        /^[0-9a-f]{64}$/.test(String(each[3])),
    )
  );
}
