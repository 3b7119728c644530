import { posix } from 'node:path';
import { z } from 'zod';
import { parseDocument, type TableFormat, tableFormatOf } from '../files/index.ts';
import type { HubFile } from './cache.ts';
import { fitsPattern } from './pattern.ts';

/** Files of a data set that are one table, and how a user names them. */
export interface HubTable {
  /** `en, train`, where the data set says so; else where its files are. */
  readonly name: string;
  /** Paths or patterns. */
  readonly paths: readonly string[];
  readonly files: readonly HubFile[];
}

/** What the library `datasets` writes beside the data. */
const DESCRIPTIONS = /(^|\/)(dataset_infos|dataset_dict|dataset_info|state)\.json$/;

/** Whether a file holds rows, of this format where one is named. */
export function isTableFile({ path }: HubFile, format: TableFormat | undefined): boolean {
  const found = tableFormatOf(path);
  return (
    found !== undefined &&
    (format === undefined || found === format) &&
    !DESCRIPTIONS.test(path) &&
    !/(^|\/)[._]/.test(path)
  );
}

/**
 * The tables that files are of: those that the card of the data set declares, each split of each configuration; or, where it does
 * not declare any of them, one for each file, where the parts of one (`train-00000-of-00002.parquet`, `train/0000.parquet`) are together.
 *
 * @param files of the data set, and of the format that is wanted
 * @param card  the text of its README.md; `null` where there is none
 */
export function tablesOf(files: readonly HubFile[], card: string | null): HubTable[] {
  const declared = (card === null ? [] : declaredTables(card)).map(withFiles(files));
  const present = declared.filter((table) => table.files.length > 0);
  return present.length > 0 ? present : tablesByName(files);
}

/** Tables by the names of their files. */
export function tablesByName(files: readonly HubFile[]): HubTable[] {
  const groups = new Map<string, HubFile[]>();
  for (const file of files) {
    const pattern = patternOfParts(file.path);
    groups.set(pattern, [...(groups.get(pattern) ?? []), file]);
  }
  return [...groups].map(([pattern, own]) => {
    const path = own.length === 1 ? own[0]!.path : pattern;
    return { name: path, paths: [path], files: own };
  });
}

const PART = /-\d{5}-of-\d{5}(-[0-9a-f]+)?(?=\.)/;

/** The pattern that all parts of a file fit; the path itself where it does not look like a part. */
function patternOfParts(path: string): string {
  const { dir, base } = posix.parse(path);
  return posix.join(dir, base.replace(PART, '-*').replace(/^\d+(?=\.)/, '*'));
}

const patterns = z.union([z.string(), z.array(z.string())]);
/** What `configs` of a card can say of files, as the documentation of the hub has it. */
const cardSchema = z.object({
  configs: z
    .array(
      z.object({
        config_name: z.union([z.string(), z.number()]).default('default'),
        data_dir: z.string().optional(),
        data_files: z
          .union([
            patterns,
            z.array(z.object({ split: z.union([z.string(), z.number()]), path: patterns })),
            z.record(z.string(), patterns),
          ])
          .optional(),
      }),
    )
    .default([]),
});

type Config = z.output<typeof cardSchema>['configs'][number];
type DeclaredTable = Omit<HubTable, 'files'>;

/** @see https://huggingface.co/docs/hub/datasets-manual-configuration */
function declaredTables(card: string): DeclaredTable[] {
  const text = /^---\r?\n(.*?)\r?\n---(\r?\n|$)/s.exec(card)?.[1];
  if (text === undefined) return [];
  let configs: readonly Config[];
  try {
    configs = cardSchema.parse(parseDocument(text, 'README.md', z.looseObject({})).value).configs;
  } catch {
    // A card that says something else says nothing of files.
    return [];
  }
  const several = configs.length > 1;
  return configs.flatMap((config) =>
    splitsOf(config).map(([split, paths]) => ({
      name: [...(several ? [String(config.config_name)] : []), ...(split === null ? [] : [split])].join(', '),
      paths: paths.map((path) => posix.join(config.data_dir ?? '', path)),
    })),
  );
}

function splitsOf({
  data_files: files,
  data_dir: folder,
}: Config): [split: string | null, paths: string[]][] {
  if (files === undefined) return folder === undefined ? [] : [[null, ['**']]];
  if (typeof files === 'string') return [[null, [files]]];
  if (!Array.isArray(files)) return Object.entries(files).map(([split, paths]) => [split, [paths].flat()]);
  const plain = files.filter((each) => typeof each === 'string');
  if (plain.length === files.length) return [[null, plain]];
  return files.flatMap((each): [string, string[]][] =>
    typeof each === 'string' ? [] : [[String(each.split), [each.path].flat()]],
  );
}

function withFiles(files: readonly HubFile[]): (table: DeclaredTable) => HubTable {
  return (table) => ({
    ...table,
    files: files.filter(({ path }) =>
      table.paths.some((wanted) => path === wanted || fitsPattern(wanted, path)),
    ),
  });
}
