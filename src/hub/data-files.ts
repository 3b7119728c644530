import { posix } from 'node:path';
import { InputError } from '../core/index.ts';
import { nearest, readWholeFile, type TableFormat } from '../files/index.ts';
import { bytesInWords, counted, shellWord } from '../format/index.ts';
import type { HubFile } from './cache.ts';
import { fitsPattern, isPattern } from './pattern.ts';
import type { HubProgress } from './progress.ts';
import { type DataRef, parseDataRef } from './ref.ts';
import type { HubRepository } from './repository.ts';
import { type HubTable, isTableFile, tablesByName, tablesOf } from './tables.ts';

export interface DataFilesOptions {
  /** By default, any that is a table. */
  readonly format?: TableFormat;
  readonly onProgress?: (progress: HubProgress) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Files of a data set, on this machine. */
export interface DataFiles {
  /** What was named, with the commit in the place of the revision. */
  readonly source: string;
  /** `ORG/NAME` */
  readonly repo: string;
  readonly paths: readonly string[];
  /** Which commit it is, and what else a reader should know. */
  readonly notes: readonly string[];
}

/** A card is read up to here: what it declares is at its beginning. */
const LONGEST_CARD = 1 << 20;
const MOST_NAMED = 12;

/**
 * The files of a data set on the Hugging Face hub that `hf:ORG/NAME@REVISION/PATH` names: one file, all tables that fit a pattern,
 * or the one table that a folder or the whole data set is. What is not in the local cache is fetched into it.
 *
 * @throws InputError where there is no such data set, revision or file, where it has several tables and none is named, or where a file
 *   can't be had as the hub has it
 * @example (await dataFiles('hf:org/answers@v1/data/train-*.parquet')).source
 *   // => 'hf:org/answers@0f3c…/data/train-*.parquet'
 */
export async function dataFiles(text: string, options: DataFilesOptions = {}): Promise<DataFiles> {
  const ref = parseDataRef(text);
  const { format, onProgress, env = process.env } = options;
  const { HubRepository } = await import('./repository.ts');
  const repository = new HubRepository({ kind: 'dataset', name: ref.repo }, env);
  const revision = ref.revision ?? 'main';
  const commit = await repository.commitOf(revision);
  const { files: all, whole } = await repository.filesAt(commit);
  const files = await chosen(ref, all, format, () => cardOf(repository, all, commit));
  const paths = await repository.fetch(files, commit, {
    check: true,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const place = `${text}${ref.revision === null ? ': its branch main' : ''}`;
  return {
    source: `hf:${ref.repo}@${commit}${ref.path === '' ? '' : `/${ref.path}`}`,
    repo: ref.repo,
    paths,
    notes: [
      `${place} is commit ${commit}; ${counted(files.length, 'file')} (${bytesInWords(bytes)}).`,
      ...(whole
        ? []
        : [
            `${text}: this is what the cache has of it. Whether the data set has more files is not known here.`,
          ]),
    ],
  };
}

async function cardOf(
  repository: HubRepository,
  files: readonly HubFile[],
  commit: string,
): Promise<string | null> {
  const card = files.find(({ path, size }) => path === 'README.md' && size <= LONGEST_CARD);
  if (card === undefined) return null;
  const [path] = await repository.fetch([card], commit, { check: true });
  return readWholeFile(path!).toString('utf8');
}

async function chosen(
  ref: DataRef,
  all: readonly HubFile[],
  format: TableFormat | undefined,
  card: () => Promise<string | null>,
): Promise<readonly HubFile[]> {
  const { path } = ref;
  const exact = all.find((file) => file.path === path);
  if (exact !== undefined) return [exact];
  const tables = all.filter((file) => isTableFile(file, format));
  if (isPattern(path)) {
    const fitting = tables.filter((file) => fitsPattern(path, file.path));
    if (fitting.length > 0) return fitting;
  } else if (path === '') {
    if (tables.length > 0) return theOne(ref, tablesOf(tables, await card()));
  } else {
    const inside = tables.filter((file) => posix.dirname(file.path) === path);
    if (inside.length > 0) return theOne(ref, tablesByName(inside));
  }
  throw noSuchFile(ref, all, format);
}

function theOne(ref: DataRef, tables: readonly HubTable[]): readonly HubFile[] {
  const [one, ...more] = tables;
  if (one !== undefined && more.length === 0) return one.files;
  const named = tables.slice(0, MOST_NAMED).map(({ name, paths }) => {
    const sources = paths.map((path) => shellWord(`${written({ ...ref, path: '' })}/${path}`)).join(' ');
    return paths.includes(name) ? sources : `${sources} (${name})`;
  });
  const rest = tables.length > MOST_NAMED ? `, and ${tables.length - MOST_NAMED} more` : '';
  throw new InputError(`${written(ref)} holds ${tables.length} tables`, {
    remedy: `Name one of them, or a pattern that takes several: ${named.join(', ')}${rest}.`,
  });
}

function noSuchFile(ref: DataRef, all: readonly HubFile[], format: TableFormat | undefined): InputError {
  const tables = all.filter((file) => isTableFile(file, undefined)).map(({ path }) => path);
  const near = isPattern(ref.path) ? undefined : nearest(ref.path, tables);
  const what = `${format ?? 'table'} file`;
  const named = tables.slice(0, MOST_NAMED);
  const rest = tables.length > MOST_NAMED ? ` and ${tables.length - MOST_NAMED} more` : '';
  return new InputError(
    ref.path === ''
      ? `${written(ref)} has no ${what}`
      : `${written({ ...ref, path: '' })} has no ${what} ${ref.path}`,
    {
      remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}${
        named.length === 0 ? 'It has no tables.' : `Its tables are: ${named.join(', ')}${rest}.`
      }`,
    },
  );
}

/** As a user writes it. */
function written({ repo, revision, path }: DataRef): string {
  const at =
    revision === null ? '' : `@${revision.startsWith('refs/') ? revision : revision.replaceAll('/', '%2F')}`;
  return `hf:${repo}${at}${path === '' ? '' : `/${path}`}`;
}
