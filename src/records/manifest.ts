import { existsSync, readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Manifest, RecordsError } from '../core/index.ts';
import { diskError } from './disk-error.ts';
import { manifestSchema } from './manifest-schema.ts';

const MANIFEST = 'manifest.json';

export function holdsRun(folder: string): boolean {
  return existsSync(join(folder, MANIFEST));
}

/** @throws RecordsError when the folder holds no run, a damaged manifest, or one of a later format */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  if (!holdsRun(folder)) {
    throw new RecordsError(`${folder} is no run folder: it holds no ${MANIFEST}`, {
      remedy: 'Name the folder that `stemma run` or `stemma import` wrote to.',
    });
  }
  const value = parseManifest(file);
  const { format, formatVersion } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (format === 'stemma-run' && typeof formatVersion === 'number' && formatVersion > 1) {
    throw new RecordsError(`this run is of format ${formatVersion}; this stemma reads format 1`, {
      place: { file },
      remedy: 'Install the stemma that wrote it, or a later one.',
    });
  }
  const checked = manifestSchema.safeParse(value);
  if (checked.success) return value as Manifest;
  const issue = checked.error.issues[0]!;
  throw new RecordsError(`not the manifest of a run: ${issue.message}`, {
    place: { file, ...(issue.path.length === 0 ? {} : { key: issue.path.join('.') }) },
    remedy: 'Restore it from a copy: without it the records in this folder do not say what was asked.',
  });
}

function parseManifest(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RecordsError(`can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      place: { file },
      remedy: 'Restore it from a copy: without it the records in this folder do not say what was asked.',
      cause: error,
    });
  }
}

/**
 * Writes `manifest.json` so that at every moment the folder holds the old one or the new one, whole: a temporary file
 * beside it, fsync, rename, fsync of the folder.
 *
 * @throws RecordsError when it can't be written; the old one still stands
 */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = join(folder, MANIFEST);
  const draft = `${file}.${process.pid}.draft`;
  try {
    await using handle = await open(draft, 'w');
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
    await rename(draft, file);
    await syncFolder(folder);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw diskError(error, file);
  }
}

/** Makes new and renamed entries of a folder durable. Where folders can't be opened (Windows) there is no way to. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Creates a folder's entry in its parent durably. */
export function syncParent(folder: string): Promise<void> {
  return syncFolder(dirname(folder));
}
