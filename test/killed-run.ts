import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { linesOf } from './refusals-study.ts';
import { type StemmaProcess, stemma } from './stemma-process.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How many transcripts the run holds. */
export async function recorded(run: string): Promise<number> {
  return (await linesOf(run).catch(() => null))?.transcripts.length ?? 0;
}

/** Waits until the run holds more transcripts than so many. @throws Error where its process ends before that */
async function transcriptsBeyond(run: string, count: number, { child, ended }: StemmaProcess): Promise<void> {
  while ((await recorded(run)) <= count) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${(await ended).stderr}`);
    await sleep(5);
  }
}

/**
 * Runs a study so many times, and kills each of these processes at a random moment within 0.3 s: one in five while it starts
 * up or reopens its records, the others while trials are under way.
 *
 * @throws Error where a process ended by itself
 */
export async function killAtRandom(
  study: string,
  run: string,
  { kills, seed }: { readonly kills: number; readonly seed: number },
): Promise<void> {
  const random = xoroshiro128plus(seed);
  for (let kill = 0; kill < kills; kill++) {
    const before = await recorded(run);
    const process = stemma('run', study, '--out', run);
    if (kill % 5 !== 4) await transcriptsBeyond(run, before, process);
    await sleep(uniformInt(random, 0, 300));
    process.child.kill('SIGKILL');
    const { signal, code, stderr } = await process.ended;
    if (signal !== 'SIGKILL') throw new Error(`before kill ${kill + 1} it ended with ${code}: ${stderr}`);
  }
}

/** Runs a study to its end. @returns how many trials are planned @throws Error where it fails */
export async function runToEnd(study: string, run: string): Promise<number> {
  const { code, stderr } = await stemma('run', study, '--out', run).ended;
  if (code !== 0 || /error/i.test(stderr)) throw new Error(`it ended with ${code}: ${stderr}`);
  return Number(/of ([\d,]+) trials, 100%/.exec(stderr)![1]!.replaceAll(',', ''));
}

/** What the findings of a run say, its dates left out. */
export async function findingsOf(run: string): Promise<string> {
  const { provenance, ...found } = JSON.parse((await stemma('findings', run, '--json').ended).stdout);
  return JSON.stringify({ ...found, provenance: { ...provenance, begunAt: '', endedAt: '' } });
}

/** What is wrong with the records of a complete run: trials and ratings that are missing, come twice or failed. */
export async function wrongRecords(
  run: string,
  planned: number,
  raters: readonly string[],
): Promise<string[]> {
  const { transcripts, ratings } = await linesOf(run);
  const keys = new Set(transcripts.map(({ key }) => key));
  const wrong: string[] = [];
  if (transcripts.length !== planned) wrong.push(`${transcripts.length} transcripts of ${planned} trials`);
  if (keys.size !== planned) wrong.push(`${keys.size} trials of ${planned}`);
  const failed = transcripts.filter(({ status, attempt }) => status !== 'completed' || attempt !== 1).length;
  if (failed > 0) wrong.push(`${failed} trials failed or were asked again`);
  for (const rater of raters) {
    const rated = ratings.filter((rating) => rating.rater === rater);
    const once = new Set(rated.map(({ key, measure }) => `${key} ${measure}`)).size;
    if (once !== rated.length) wrong.push(`${rated.length - once} ratings by ${rater} come twice`);
    const different = new Set(rated.map(({ key }) => key));
    if (different.size !== planned || !different.isSubsetOf(keys))
      wrong.push(`${different.size} trials of ${planned} rated by ${rater}`);
  }
  return wrong;
}
