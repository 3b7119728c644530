import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/index.ts';
import { type TableFormat, tableFormatOf } from '../../files/index.ts';
import { type DataFiles, dataFiles, type HubProgress, isHubRef } from '../../hub/index.ts';
import { type NamedSource, namedSource } from '../named-source.ts';
import type { FieldSpecs, MetadataSpecs, TableMapping } from './mapping.ts';

/** A file of the table, and where its fields come from. */
export interface TableFile {
  readonly file: string;
  readonly fields: FieldSpecs;
  readonly metadata: MetadataSpecs;
  readonly where?: string;
  /** The data set that it is of, if it is not a file of this machine's own. */
  readonly dataSet?: DataFiles;
}

export interface SourcesOptions {
  /** By default, what the names of the files end in. */
  readonly format?: TableFormat;
  /** Is told how far the files of data sets are fetched. */
  readonly onDownload?: (progress: HubProgress) => void;
}

/**
 * The files that make a table.
 *
 * @param paths files, folders with all files of the format that are in them, and data sets of the Hugging Face hub
 *   (`hf:ORG/NAME@REVISION/PATH`), each perhaps preceded by the name of a stage (`sft=b.csv`); or the folder, or the data set, in
 *   which the mapping's `sources` are
 * @throws InputError for a folder without such a file, where the mapping names sources and no folder is given, and for what can't be
 *   fetched
 */
export async function sourcesOf(
  paths: readonly string[],
  mapping: TableMapping,
  options: SourcesOptions,
): Promise<TableFile[]> {
  if (mapping.sources !== undefined) return await mappedSources(paths, mapping, options);
  if (paths.length === 0) throw new InputError('no table is named');
  const files: TableFile[] = [];
  for (const { stage, path } of await Promise.all(paths.map(namedSource))) {
    for (const found of await filesOf(path, options))
      files.push({ ...found, fields: fieldsOf(mapping, stage), metadata: mapping.metadata ?? {} });
  }
  return files;
}

async function mappedSources(
  paths: readonly string[],
  { sources = [], columns, metadata = {} }: TableMapping,
  options: SourcesOptions,
): Promise<TableFile[]> {
  const files: TableFile[] = [];
  for (const { file, fields, where, metadata: own } of sources) {
    for (const found of await mappedFiles(file, paths, options))
      files.push({
        ...found,
        fields: { ...columns, ...fields },
        metadata: { ...metadata, ...own },
        ...(where === undefined ? {} : { where }),
      });
  }
  return files;
}

/** The files that a `file` of a mapping names. One on the hub needs no folder. */
async function mappedFiles(
  file: string,
  [folder, ...more]: readonly string[],
  options: SourcesOptions,
): Promise<FoundFile[]> {
  if (folder !== undefined && more.length === 0 && isHubRef(folder) && !isHubRef(file))
    return await filesOf(`${folder.replace(/\/$/, '')}/${file}`, options);
  if (folder === undefined ? !isHubRef(file) : more.length > 0 || !isFolder(folder))
    throw new InputError(
      'the mapping names several sources, so the source must be the folder that they are in',
      { ...(folder === undefined ? {} : { place: { file: folder } }) },
    );
  return isHubRef(file) ? await filesOf(file, options) : [{ file: join(folder!, file) }];
}

/** A name before the file says the stage of all its rows. */
function fieldsOf({ columns }: TableMapping, stage: NamedSource['stage']): FieldSpecs {
  return stage === null ? columns : { ...columns, stage: { value: stage } };
}

type FoundFile = Pick<TableFile, 'file' | 'dataSet'>;

async function filesOf(path: string, { format, onDownload }: SourcesOptions): Promise<FoundFile[]> {
  if (isHubRef(path)) {
    const dataSet = await dataFiles(path, {
      ...(format === undefined ? {} : { format }),
      ...(onDownload === undefined ? {} : { onProgress: onDownload }),
    });
    return dataSet.paths.map((file) => ({ file, dataSet }));
  }
  if (!isFolder(path)) return [{ file: path }];
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && isOfFormat(entry.name, format))
    .map(({ name }) => join(path, name))
    .sort();
  if (files.length > 0) return files.map((file) => ({ file }));
  throw new InputError(`there is no ${format ?? 'table'} file in this folder`, { place: { file: path } });
}

function isOfFormat(name: string, format: TableFormat | undefined): boolean {
  const found = tableFormatOf(name);
  return found !== undefined && (format === undefined || found === format);
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
