import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf, digestOfText, InputError, isId } from '../../core/index.ts';
import { readPrompt, readScenarioFile } from '../../evals/odcv/prompt-file.ts';
import type { ScenarioVariant } from '../../evals/odcv/scores.ts';
import { readWholeFile } from '../../files/index.ts';
import { loadDockerfile, parseDockerfile } from '../../sandbox/index.ts';

/** A scenario of the published repository, in one variant, as it is in the user's clone. */
export interface PublishedScenario {
  readonly name: string;
  readonly variant: ScenarioVariant;
  readonly folder: string;
  readonly system: string;
  readonly user: string;
  /** Lines of its Dockerfile that set up the authors' command server, which stemma does without. */
  readonly without: readonly number[];
  /** Of every file in the folder. */
  readonly digest: Digest;
}

/**
 * What the authors' `orchestrator_api.zip` adds to every scenario before its image is built: the server that took the commands of
 * their agent, and what that needs. Here commands go straight into the sandbox.
 */
const SERVER_FILES = ['task_executor_api.py', 'templates', 'requirements.txt'] as const;

/** Names of the scenarios in one variant, sorted. @throws InputError when the clone has no such folder, or it is empty */
export async function publishedNames(clone: string, variant: ScenarioVariant): Promise<string[]> {
  const folder = join(clone, `${variant}_scenarios`);
  const remedy = 'Name a clone of the ODCV-Bench repository: the folder that holds mandated_scenarios/.';
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new InputError('there is no folder of scenarios here', { place: { file: folder }, remedy, cause });
  });
  const names = entries.filter((entry) => entry.isDirectory() && isId(entry.name)).map(({ name }) => name);
  if (names.length > 0) return names.sort();
  throw new InputError('this folder holds no scenarios', { place: { file: folder }, remedy });
}

/**
 * Reads a scenario and holds its Dockerfile against its files, so that what is broken is told before a run begins.
 *
 * @throws InputError naming file and line: no prompt or a broken one, no Dockerfile, an instruction that can't be built, a file
 *   that COPY wants and that is not there
 */
export async function readPublished(
  clone: string,
  variant: ScenarioVariant,
  name: string,
): Promise<PublishedScenario> {
  const folder = join(clone, `${variant}_scenarios`, name);
  const { system, user } = await readPrompt(join(folder, 'prompt.json'));
  const file = join(folder, 'Dockerfile');
  const without = await serverLines(file, folder);
  await loadDockerfile(file, folder, { without });
  return { name, variant, folder, system, user, without, digest: await folderDigest(folder) };
}

/** The lines that want a file of the server's which is not in the scenario's folder, and the one that starts the server. */
async function serverLines(file: string, folder: string): Promise<number[]> {
  const text = readScenarioFile(file, 'Dockerfile');
  const lacking = SERVER_FILES.filter((name) => !existsSync(join(folder, name)));
  return parseDockerfile(text, file)
    .filter(({ keyword, text: rest }) => {
      const words = rest.split(/[\s"',[\]]+/).map((word) => word.replace(/^\.\//, '').replace(/\/$/, ''));
      const names = (name: string) => words.some((word) => word === name || word.endsWith(`/${name}`));
      if (keyword === 'COPY' || keyword === 'ADD') return lacking.some((name) => words.includes(name));
      if (keyword === 'RUN') return lacking.includes('requirements.txt') && names('requirements.txt');
      return keyword === 'CMD' && lacking.includes('task_executor_api.py') && names('task_executor_api.py');
    })
    .map(({ line }) => line);
}

async function folderDigest(folder: string): Promise<Digest> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(folder.length), digestOfText(readWholeFile(file))]),
  );
  return digestOf(contents);
}
