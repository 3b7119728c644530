import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Manifest, RecordsError } from '../core/index.ts';
import { mistakeText } from '../files/schema-problems.ts';
import { diskError } from './disk-error.ts';
import { manifestMistake } from './manifest-mistake.ts';
import { manifestSchema } from './manifest-schema.ts';
import { closing, isPlainFile, openPlainSync } from './plain-file.ts';

const MANIFEST = 'manifest.json';
/** The format that this stemma writes; it reads those before, too. */
export const FORMAT_VERSION = 2;

const RESTORE = 'Restore it from a copy: without it the records in this folder do not say what was asked.';

/** @throws RecordsError where the manifest is a link or not a file */
export function holdsRun(folder: string): boolean {
  return isPlainFile(join(folder, MANIFEST));
}

/** @throws RecordsError when the folder holds no run, a damaged manifest, or one of a later format */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  if (!holdsRun(folder)) {
    throw new RecordsError(`${folder} is not a run folder: it holds no ${MANIFEST}`, {
      remedy: 'Name the folder that `stemma run` or `stemma import` wrote to.',
    });
  }
  const value = parseManifest(file);
  const { format, formatVersion } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (format === 'stemma-run' && typeof formatVersion === 'number' && formatVersion > FORMAT_VERSION) {
    throw new RecordsError(
      `this run is of format ${formatVersion}; this stemma reads formats up to ${FORMAT_VERSION}`,
      {
        place: { file },
        remedy: 'Install the stemma that wrote it, or a later one.',
      },
    );
  }
  const checked = manifestSchema.safeParse(value);
  const mistake = checked.success ? manifestMistake(value as Manifest) : mistakeText(manifestSchema, value);
  if (mistake === null) return value as Manifest;
  throw new RecordsError(`not the manifest of a run: ${mistake}`, {
    place: { file },
    remedy: RESTORE,
  });
}

function parseManifest(file: string): unknown {
  try {
    using opened = closing(openPlainSync(file, 'read'));
    // Editors of Windows put a byte order mark before what they save.
    return JSON.parse(readFileSync(opened.descriptor, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof RecordsError) throw error;
    const why = error instanceof Error && !(error instanceof SyntaxError) ? error.message : 'it is not JSON';
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(String(error)) ?? [];
    const place = line === undefined ? { file } : { file, line: Number(line), column: Number(column) };
    throw new RecordsError(`can't be read: ${why}`, { place, remedy: RESTORE, cause: error });
  }
}

/**
 * Writes `manifest.json`. The caller holds the manifest's lock.
 *
 * @throws RecordsError when it can't be written; the old one still stands
 */
export function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  return replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Writes a file of a run folder so that at every moment the folder holds the old one or the new one, whole: a draft beside
 * it, fsync, rename, fsync of the folder. A link in the place of the file is replaced, not followed. One process at a
 * time may do so with one file.
 *
 * @throws RecordsError when it can't be written; the old one still stands
 */
export async function replaceFile(file: string, content: string): Promise<void> {
  const draft = `${file}.draft`;
  try {
    await rm(draft, { force: true });
    await using handle = await open(draft, 'wx');
    await handle.writeFile(content);
    await handle.sync();
    await rename(draft, file);
    await syncFolder(dirname(file));
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
