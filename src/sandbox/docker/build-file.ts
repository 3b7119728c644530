import { basename, join, posix } from 'node:path';
import { InputError } from '../../core/index.ts';
import { readWholeFile } from '../../files/index.ts';
import { type ContextEntry, entriesBelow } from '../image/context.ts';
import type { Dockerfile } from '../image/dockerfile.ts';
import type { CopyStep } from '../image/instructions.ts';
import { requireInstalled } from '../image/missing-packages.ts';
import { type Installed, packageRequest } from '../image/packages.ts';

interface RewriteOptions {
  readonly without: readonly number[];
  /** The image that replaces the one FROM names, and what it has. */
  readonly standIn?: { readonly from: string; readonly installed: Installed };
}

/**
 * A Dockerfile as `docker build` is given it: without the lines left out; `COPY --chmod`, which its older builder lacks, as COPY and
 * chmod; and over a stand-in, RUN without what the stand-in has anyway. Each instruction stays on its line.
 *
 * @throws InputError when the stand-in lacks what a RUN installs
 */
export async function rewrite(dockerfile: Dockerfile, { without, standIn }: RewriteOptions): Promise<string> {
  const lines: string[] = [];
  for (const { keyword, text, line } of dockerfile.written) {
    if (without.includes(line)) continue;
    while (lines.length < line - 1) lines.push('');
    if (keyword === 'FROM') lines.push(standIn ? `FROM ${standIn.from}` : `FROM ${text}`);
    else if (keyword === 'RUN' && standIn) {
      const rest = await installing(dockerfile, standIn.installed, text, line);
      if (rest !== '') lines.push(`RUN ${rest}`);
    } else if (/--chmod=/.test(text) && (keyword === 'COPY' || keyword === 'ADD'))
      lines.push(`${keyword} ${text.replace(/--chmod=\S+\s*/, '')}`, ...chmodOf(dockerfile, line));
    else lines.push(`${keyword} ${text}`);
  }
  return `${lines.join('\n')}\n`;
}

async function installing(
  dockerfile: Dockerfile,
  installed: Installed,
  text: string,
  line: number,
): Promise<string> {
  const request = packageRequest(text);
  if (!request) return text;
  const place = { file: dockerfile.file, line };
  const step = dockerfile.steps.find((one) => one.kind === 'run' && one.line === line);
  const workdir = step?.kind === 'run' ? step.run.workdir : '/';
  const read = async (path: string) => {
    const source = sourceOf(dockerfile, posix.resolve(workdir, path), line);
    if (source === undefined)
      throw new InputError(`RUN reads ${path}, and no COPY before it puts that file into the image`, {
        place,
      });
    return readWholeFile(join(dockerfile.context.folder, source.path)).toString('utf8');
  };
  await requireInstalled(request, installed, read, place);
  return request.rest;
}

/** The file of the context that a COPY before a line puts at a path. */
function sourceOf(dockerfile: Dockerfile, path: string, before: number): ContextEntry | undefined {
  for (const step of dockerfile.steps)
    if (step.kind === 'copy' && step.line < before)
      for (const [target, entry] of copied(dockerfile, step.copy, step.line))
        if (target === path) return entry;
  return undefined;
}

function* copied(dockerfile: Dockerfile, copy: CopyStep, line: number): Generator<[string, ContextEntry]> {
  for (const source of dockerfile.sources.get(line) ?? []) {
    if (source.kind === 'folder') {
      yield [copy.target, source];
      const start = source.path === '' ? 0 : source.path.length + 1;
      for (const entry of entriesBelow(dockerfile.context, source))
        if (entry.kind !== 'link') yield [posix.join(copy.target, entry.path.slice(start)), entry];
    } else {
      yield [posix.join(copy.target, basename(source.path)), source];
      if (!copy.intoFolder) yield [copy.target, source];
    }
  }
}

function chmodOf(dockerfile: Dockerfile, line: number): string[] {
  const step = dockerfile.steps.find((one) => one.kind === 'copy' && one.line === line);
  if (step?.kind !== 'copy' || step.copy.mode === undefined) return [];
  const mode = step.copy.mode.toString(8).padStart(3, '0');
  // A file's target may be a folder that is there, or the file: whichever of the two there is, and the folder only if it is new.
  return [...copied(dockerfile, step.copy, line)].map(([target, entry]) =>
    entry.kind === 'folder'
      ? `RUN ["chmod", "${mode}", ${JSON.stringify(target)}]`
      : `RUN ["/bin/sh", "-c", "[ ! -f \\"$1\\" ] || chmod ${mode} \\"$1\\"", "chmod", ${JSON.stringify(target)}]`,
  );
}
