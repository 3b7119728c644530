import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfText, RecordsError } from '../core/index.ts';
import { isPlainFolder } from './plain-file.ts';

/** One of `of` parts of a run, each done by a process of its own. Counts from 1. */
export interface Shard {
  readonly k: number;
  readonly of: number;
}

const SHARDED = /^(?<base>.+)~(?<k>\d+)-of-(?<of>\d+)$/;

/** The name of a writer that does one part alone. @example shardName('elicit', { k: 2, of: 4 }) // => 'elicit~2-of-4' */
export function shardName(writer: string, shard: Shard | null): string {
  return shard === null ? writer : `${writer}~${shard.k}-of-${shard.of}`;
}

/**
 * The part that a sample belongs to. All trials of a sample are in one part, so that pairs are in one process.
 *
 * @returns from 1 to `of`
 */
export function shardOf(evalId: string, sample: string, of: number): number {
  const text = `${evalId}/${sample}`;
  return (Number.parseInt(digestOfText(text).slice(0, 12), 16) % of) + 1;
}

/** Whether a writer's name is that of a part. */
export function isShardName(name: string): boolean {
  return SHARDED.test(name);
}

/**
 * The locks whose holder would do the same work as this writer: the undivided one for a part, and all parts for the
 * undivided one.
 */
export function rivals(folder: string, writer: string, shard: Shard | null): string[] {
  const own = shardName(writer, shard);
  return namesIn(join(folder, 'locks'), '.lock').filter((name) => {
    if (name === own) return false;
    if (name === writer) return true;
    const { base, of } = SHARDED.exec(name)?.groups ?? {};
    return base === writer && (shard === null || Number(of) !== shard.of);
  });
}

/**
 * A run that was begun in so many parts goes on in as many, or undivided: which of two ratings is the later one is told by
 * the names of their segments.
 *
 * @throws RecordsError where it was divided in another way
 */
export function requireSameDivision(folder: string, { of }: Shard): void {
  const names = ['.jsonl', '.jsonl.zst'].flatMap((extension) =>
    namesIn(join(folder, 'transcripts'), extension),
  );
  for (const name of names) {
    const before = SHARDED.exec(name)?.groups?.of;
    if (before === undefined || Number(before) === of) continue;
    throw new RecordsError(`this run was begun in ${before} parts, and is not gone on with in ${of}`, {
      place: { file: folder },
      remedy: `Go on with --shard k/${before}, or without --shard.`,
    });
  }
}

function namesIn(folder: string, extension: string): string[] {
  if (!isPlainFolder(folder)) return [];
  return readdirSync(folder).flatMap((name) =>
    name.endsWith(extension) ? [name.slice(0, -extension.length)] : [],
  );
}
