import { readFile } from 'node:fs/promises';
import { InputError } from '../../core/index.ts';
import { type Base, treeOver } from './base.ts';
import { copyInto, makeWorkdir } from './copy.ts';
import type { Dockerfile } from './dockerfile.ts';
import type { GrowingTree } from './growing-tree.ts';
import { installedIn } from './installed.ts';
import { DEFAULT_PATH, type RunStep } from './instructions.ts';
import { requireInstalled } from './missing-packages.ts';
import { packageRequest } from './packages.ts';
import { runIn } from './run-step.ts';
import type { Place } from './words.ts';

/** Builds an image in an empty folder. @throws InputError naming the line that can't be carried out */
export async function buildTree(
  dockerfile: Dockerfile,
  base: Base,
  root: string,
  signal: AbortSignal,
): Promise<GrowingTree> {
  const tree = await treeOver(base, root);
  for (const step of dockerfile.steps) {
    signal.throwIfAborted();
    const place = { file: dockerfile.file, line: step.line };
    if (step.kind === 'workdir') await makeWorkdir(tree, step.path, place);
    else if (step.kind === 'copy')
      await copyInto(tree, dockerfile.context, dockerfile.sources.get(step.line) ?? [], step.copy, place);
    else await run(tree, base, step.run, place, signal);
  }
  if (dockerfile.workdir === undefined)
    await tree.makeFolder('/workspace', { file: dockerfile.file, line: 1 });
  await tree.makeMountPoints();
  return tree;
}

async function run(
  tree: GrowingTree,
  base: Base,
  step: RunStep,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  const request = typeof step.command === 'string' ? packageRequest(step.command) : undefined;
  if (!request) return runIn(tree, step, place, signal);
  const read = async (path: string) => {
    const inside = await tree.resolve(path.startsWith('/') ? path : `${step.workdir}/${path}`, place);
    return readFile(tree.host(inside), 'utf8').catch(() => {
      throw new InputError(`RUN reads ${path}, and there is no such file in the image`, { place });
    });
  };
  await requireInstalled(request, await installedIn(tree, base, place), read, place);
  if (request.rest !== '') await runIn(tree, { ...step, command: request.rest }, place, signal);
}

/** What a program finds in its environment in an image, where nobody says otherwise. */
export function imageEnvironment(dockerfile: Dockerfile): Record<string, string> {
  return { PATH: DEFAULT_PATH, ...dockerfile.env };
}
