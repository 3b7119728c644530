import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rating, Transcript } from '../src/core/index.ts';

export interface StudyParts {
  readonly folder: string;
  readonly baseUrl: string;
  /** Ids, which are also the models' names at the server. */
  readonly stages: readonly string[];
  readonly concurrency: number;
  readonly epochs?: number;
  readonly limit?: number;
  readonly margin?: number;
  readonly judge?: boolean;
}

/** Writes a study of the refusals eval against a server into a folder. @returns the study file */
export async function writeStudy(parts: StudyParts): Promise<string> {
  const { folder, baseUrl, stages, concurrency, epochs = 1, limit, margin = 0.5, judge = true } = parts;
  const file = join(folder, 'study.yaml');
  await writeFile(
    file,
    `name: planted
stages:
${stages.map((id) => `  - { id: ${id}, kind: ${id}, model: "${baseUrl}#${id}" }`).join('\n')}
evals:
  - { eval: refusals, epochs: ${epochs}${limit === undefined ? '' : `, options: { limit: ${limit} }`} }
raters:
${judge ? `  - { id: judge, kind: autorater, model: "${baseUrl}#judge" }\n` : ''}  - { id: string-match, kind: rule, rule: string-match }
margins: { default: ${margin} }
endpoints:
  "${baseUrl}": { concurrency: ${concurrency}, retries: 2 }
`,
  );
  return file;
}

/**
 * The trials that a rater has rated, in the order of their keys.
 *
 * @throws Error where it has rated a measure of a trial twice
 */
export function ratedOnce(ratings: readonly Rating[], rater: string): string[] {
  const own = ratings.filter((rating) => rating.rater === rater);
  const rated = own.map(({ key, measure }) => `${key} ${measure}`);
  const twice = [...Map.groupBy(rated, (each) => each)].filter(([, all]) => all.length > 1);
  if (twice.length > 0) throw new Error(`${rater} rated twice: ${twice.map(([each]) => each).join(', ')}`);
  return [...new Set(own.map(({ key }) => key))].toSorted();
}

/** Every line of a run's segments as it is in the files, whether it counts or not. */
export async function linesOf(run: string): Promise<{ transcripts: Transcript[]; ratings: Rating[] }> {
  return {
    transcripts: await linesIn(join(run, 'transcripts')),
    ratings: await linesIn(join(run, 'ratings')),
  };
}

async function linesIn<T>(folder: string): Promise<T[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => JSON.parse(line) as T);
}
