import { readFile } from 'node:fs/promises';
import { InputError, MissingPartError, type SandboxEngine, type SandboxImage } from '../core/index.ts';
import { tryBubblewrap } from './bubblewrap/index.ts';
import { rewrite } from './docker/build-file.ts';
import type { DockerCli } from './docker/cli.ts';
import { findDaemon } from './docker/daemon.ts';
import { DEFAULT_BASE } from './docker/image.ts';
import { installedInImage } from './docker/installed-in-image.ts';
import { type Dockerfile, loadDockerfile } from './image/dockerfile.ts';
import { installedOnSystem } from './image/installed.ts';
import type { Installed } from './image/packages.ts';
import type { SandboxSettings } from './settings.ts';

/** What is known, before anything is built, of the images that sandboxes will start from. */
export interface ImageReport {
  /** What `auto` stands for with these images on this machine. */
  readonly engine: SandboxEngine;
  /** What keeps an image from being built, each fault once. */
  readonly faults: readonly ImageFault[];
  /** Images that FROM names and that are not used, and what their tools come from instead. */
  readonly standIn: { readonly named: readonly string[]; readonly is: string } | null;
}

export interface ImageFault {
  readonly message: string;
  readonly remedy?: string;
  /** The first Dockerfile that has it, and how many do. */
  readonly file: string;
  readonly line?: number;
  readonly images: number;
}

/** The image that a scenario brings. */
type BroughtImage = Extract<SandboxImage, { kind: 'dockerfile' }>;

/** What an image is built over where FROM's own is not there. */
interface StandIn {
  readonly is: string;
  readonly installed: Installed;
}

/**
 * Holds the Dockerfiles of a study against what this machine has, so that a package which is missing is told before the first
 * trial. Nothing is built. With `auto`, Docker is the engine where it has every image that FROM names: only there are the tools
 * inside those that the Dockerfile means.
 *
 * @returns `null` without Dockerfiles
 * @throws InputError for a Dockerfile that cannot be read; MissingPartError where the engine that is asked for is not there
 */
export async function lookAtImages(
  images: readonly SandboxImage[],
  settings: SandboxSettings,
): Promise<ImageReport | null> {
  const brought = images.filter((image): image is BroughtImage => image.kind === 'dockerfile');
  if (brought.length === 0) return null;
  const dockerfiles = await Promise.all(
    brought.map(async (image) => ({
      image,
      dockerfile: await loadDockerfile(image.file, image.context, image),
    })),
  );
  const named = [...new Set(dockerfiles.map(({ dockerfile }) => dockerfile.from))].sort();
  const { engine, missing, standIn } = await groundOf(named, settings);
  const faults = new Map<string, ImageFault>();
  for (const { image, dockerfile } of dockerfiles) {
    if (!missing.includes(dockerfile.from)) continue;
    const fault = await faultOf(dockerfile, image, standIn);
    if (fault === null) continue;
    const known = faults.get(fault.message);
    faults.set(fault.message, known === undefined ? fault : { ...known, images: known.images + 1 });
  }
  return {
    engine,
    faults: [...faults.values()],
    standIn: missing.length === 0 ? null : { named: missing, is: standIn.is },
  };
}

/** The engine; which of the images that FROM names it has not got; and what takes their place. */
async function groundOf(
  named: readonly string[],
  settings: SandboxSettings,
): Promise<{ engine: SandboxEngine; missing: readonly string[]; standIn: StandIn }> {
  const docker = settings.engine === 'bubblewrap' ? null : await dockerGround(named).catch(absent);
  const wanted = settings.engine === 'docker' || docker?.missing.length === 0;
  if (docker !== null && (wanted || (await tryBubblewrap()) !== null)) {
    const base = settings.baseImage ?? DEFAULT_BASE;
    const installed =
      docker.missing.length === 0 ? nothing : await installedInImage(docker.cli, base).catch(() => nothing);
    return { engine: 'docker', missing: docker.missing, standIn: { is: `the image ${base}`, installed } };
  }
  if (settings.engine === 'docker') await findDaemon();
  const standIn = { is: `this machine (${await systemName()})`, installed: await installedOnSystem() };
  return { engine: 'bubblewrap', missing: named, standIn };
}

async function dockerGround(
  named: readonly string[],
): Promise<{ cli: DockerCli; missing: readonly string[] }> {
  const { cli } = await findDaemon();
  const there = await Promise.all(
    named.map(async (name) => (await cli.call(['image', 'inspect', '--format', '{{.Id}}', name])).code === 0),
  );
  return { cli, missing: named.filter((_, index) => !there[index]) };
}

function absent(error: unknown): null {
  if (error instanceof MissingPartError) return null;
  throw error;
}

const nothing: Installed = { has: () => false };

async function faultOf(
  dockerfile: Dockerfile,
  { without = [] }: BroughtImage,
  { is, installed }: StandIn,
): Promise<ImageFault | null> {
  try {
    await rewrite(dockerfile, { without, standIn: { from: is, installed } });
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, remedy, place } = error;
    return {
      message,
      ...(remedy === undefined ? {} : { remedy }),
      file: place.file ?? dockerfile.file,
      ...(place.line === undefined ? {} : { line: place.line }),
      images: 1,
    };
  }
}

async function systemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]+)/m.exec(text)?.[1] ?? 'its own system';
}
