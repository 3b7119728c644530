import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { InputError, MissingPartError, SandboxError, type SandboxImage } from '../../core/index.ts';
import { baseDigest } from '../image/base.ts';
import { imageDigest } from '../image/cache.ts';
import { loadDockerfile } from '../image/dockerfile.ts';
import { rewrite } from './build-file.ts';
import type { DockerCli } from './cli.ts';
import { installedInImage } from './installed-in-image.ts';

/** What `system` stands for where the study does not say: what scripts/docker-base.sh makes. */
export const DEFAULT_BASE = 'stemma-base';

/** An image that is there. */
export interface DockerImage {
  readonly id: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string;
}

/**
 * Makes an image ready for Docker: the base, a tree that is imported, or a Dockerfile that `docker build` builds. Where the image
 * that FROM names is not on this machine, the base replaces it.
 *
 * @throws MissingPartError when the base image is not there; InputError naming file and line when it can't be built
 */
export async function dockerImage(
  cli: DockerCli,
  image: SandboxImage,
  base: string,
  signal: AbortSignal,
): Promise<DockerImage> {
  if (image.kind === 'system') return mustInspect(cli, base);
  if (image.kind === 'tree') return importTree(cli, image.folder);
  return buildImage(cli, image, base, signal);
}

async function mustInspect(cli: DockerCli, name: string): Promise<DockerImage> {
  const found = await inspect(cli, name);
  if (found) return found;
  throw new MissingPartError(`the Docker image ${name} is not on this machine`, {
    remedy:
      name === DEFAULT_BASE
        ? 'bash scripts/docker-base.sh makes it; or name another by sandbox.base_image.'
        : `Fetch it (${cli.program} pull ${name}), or make one: debootstrap --variant=minbase --include=python3-minimal,jq bookworm DIR, then tar -C DIR -c . | ${cli.program} import - ${name}`,
  });
}

async function inspect(cli: DockerCli, name: string): Promise<DockerImage | undefined> {
  const { code, stdout } = await cli.call(['image', 'inspect', '--format', '{{json .}}', name]);
  if (code !== 0) return undefined;
  const { Id, Config } = JSON.parse(stdout.toString('utf8')) as {
    Id: string;
    Config?: { Env?: string[] | null; WorkingDir?: string };
  };
  const env = Object.fromEntries(
    (Config?.Env ?? []).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { id: Id, env, ...(Config?.WorkingDir ? { workdir: Config.WorkingDir } : {}) };
}

async function importTree(cli: DockerCli, folder: string): Promise<DockerImage> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) throw new InputError('the image is not a folder', { place: { file: folder } });
  const tag = `stemma-tree:${await baseDigest(real)}`;
  const there = await inspect(cli, tag);
  if (there) return there;
  const tar = spawn('tar', ['-C', real, '-c', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const importing = cli.spawn(['import', '-', tag], 'pipe');
  importing.stdin?.on('error', () => {});
  tar.on('error', () => importing.kill());
  if (importing.stdin) tar.stdout.pipe(importing.stdin);
  const code = await new Promise((resolve) => importing.once('close', resolve));
  const made = code === 0 ? await inspect(cli, tag) : undefined;
  if (!made) throw new SandboxError(`${cli.program} can't import the folder ${folder}`);
  return made;
}

async function buildImage(
  cli: DockerCli,
  image: Extract<SandboxImage, { kind: 'dockerfile' }>,
  baseName: string,
  signal: AbortSignal,
): Promise<DockerImage> {
  const dockerfile = await loadDockerfile(image.file, image.context, image);
  const named = await inspect(cli, dockerfile.from);
  const base = named ?? (await mustInspect(cli, baseName));
  const tag = `stemma-image:${await imageDigest(dockerfile, base.id)}`;
  const there = await inspect(cli, tag);
  if (there) return there;
  const text = await rewrite(dockerfile, {
    without: image.without ?? [],
    ...(named ? {} : { standIn: { from: baseName, installed: await installedInImage(cli, base.id) } }),
  });
  // What replaces FROM has everything or the check above has said so; with the image it names, RUN may download.
  const network = named ? [] : ['--network=none'];
  const { code, stdout, stderr } = await cli.call(
    ['build', '--force-rm', ...network, '--tag', tag, '--file', '-', dockerfile.context.folder],
    { stdin: text, signal, timeoutMs: 30 * 60_000 },
  );
  const made = code === 0 ? await inspect(cli, tag) : undefined;
  if (made) return made;
  throw buildError(dockerfile.file, text, stdout.toString('utf8'), stderr);
}

/** The builder says `Step 3/7 : RUN …`, or `Dockerfile:7`; our text has every instruction on the line where it was written. */
function buildError(file: string, text: string, stdout: string, stderr: string): InputError {
  const steps = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [index + 1]));
  const step = [...stdout.matchAll(/^Step (\d+)\/\d+ : /gm)].at(-1)?.[1];
  const line = step === undefined ? /Dockerfile:(\d+)/.exec(stderr)?.[1] : steps[Number(step) - 1];
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-12).join('\n  ');
  return new InputError(`the image could not be built:\n  ${said}`, {
    place: { file, ...(line !== undefined && { line: Number(line) }) },
  });
}
