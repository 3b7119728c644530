import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { InputError, type Sandboxes, type SandboxSpec } from '../../core/index.ts';
import { EngineSandboxes } from '../engine-sandboxes.ts';
import { DEFAULT_WORKDIR, HOME } from '../inside.ts';
import { sandboxLimits } from '../limits.ts';
import { ownerName } from '../owner.ts';
import type { SandboxSettings } from '../settings.ts';
import { type DockerContainerOptions, processesOfCommand, runArguments } from './arguments.ts';
import { asRoot } from './command.ts';
import { type ImageContents, imageContents } from './contents.ts';
import { type Daemon, findDaemon } from './daemon.ts';
import { DEFAULT_BASE, type DockerImage, dockerImage } from './image.ts';
import { writableFolders } from './layout.ts';
import { DockerSandbox } from './sandbox.ts';
import { seccompProfile } from './seccomp.ts';
import { STAGING, sweep, watchOver } from './sweep.ts';

/** The ordinary user has another id in every sandbox, so that processes are counted for each; no account has ids up there. */
const FIRST_AGENT = 1_000_000_000;
const MANY_AGENTS = 2 ** 24;
/** Where the daemon maps ids, few are there to choose from. */
const MAPPED_AGENT = 1000;
/** Where Docker puts its init, by version. podman's can't be a subreaper. */
const FIND_INIT = `for init in /sbin/docker-init /dev/init; do
  [ -x "$init" ] && "$init" -s -- true 2>/dev/null && { echo "$init"; break; }
done; exit 0`;

/**
 * Docker (or podman) as an engine. What a process that was killed left behind is removed first.
 *
 * @throws MissingPartError when there is no daemon, or the base image is not there
 */
export async function openDocker(settings: SandboxSettings): Promise<Sandboxes> {
  const daemon = await findDaemon();
  await dockerImage(
    daemon.cli,
    { kind: 'system' },
    settings.baseImage ?? DEFAULT_BASE,
    AbortSignal.timeout(60_000),
  );
  await sweep(daemon.cli);
  const owner = `${ownerName()}.${randomBytes(4).toString('hex')}`;
  const staging = await mkdtemp(join(tmpdir(), `${STAGING}${owner}-`));
  const profile = seccompProfile();
  const seccomp = profile === null ? null : join(staging, 'seccomp.json');
  if (seccomp !== null) await writeFile(seccomp, profile as string);
  return new DockerSandboxes(settings, daemon, { owner, folder: staging, seccomp });
}

/** What of ours containers see, and whose they are. */
interface Staging {
  readonly owner: string;
  readonly folder: string;
  readonly seccomp: string | null;
}

class DockerSandboxes extends EngineSandboxes<DockerSandbox> {
  readonly engine = 'docker';
  readonly #settings: SandboxSettings;
  readonly #daemon: Daemon;
  readonly #staging: Staging;
  readonly #contents = new Map<string, Promise<ImageContents>>();
  readonly #images = new Map<string, Promise<DockerImage>>();
  readonly #watch: ReturnType<typeof watchOver>;
  #init: Promise<string> | undefined;
  #opened = 0;

  constructor(settings: SandboxSettings, daemon: Daemon, staging: Staging) {
    super(settings.atOnce);
    this.#settings = settings;
    this.#daemon = daemon;
    this.#staging = staging;
    this.#watch = watchOver(daemon.cli, staging.owner, staging.folder);
    process.once('exit', this.#atExit);
  }

  protected async make(
    spec: SandboxSpec,
    signal: AbortSignal,
    onDispose: () => void,
  ): Promise<DockerSandbox> {
    const limits = sandboxLimits(this.#settings.limits, spec.limits);
    const image = await this.#image(spec, signal);
    const workdir = posix.resolve('/', spec.workdir ?? image.workdir ?? DEFAULT_WORKDIR);
    const folders = writableFolders(spec, workdir, limits);
    await checkBinds(spec);
    const contents = await this.#read(image.id, workdir);
    const agent = this.#daemon.remapsUsers ? MAPPED_AGENT : FIRST_AGENT + randomInt(MANY_AGENTS);
    const { owner, seccomp } = this.#staging;
    const options = { image: image.id, owner, seccomp, spec, limits, folders, agent };
    const id = await this.#start({ ...options, identity: await this.#identity(contents, agent) }, signal);
    return new DockerSandbox({
      container: { cli: this.#daemon.cli, id, limits, init: await this.#findInit(id) },
      ...{ workdir, agent, onDispose },
      env: { ...image.env, ...spec.env },
      processes: processesOfCommand(limits, this.#daemon),
      archive: folders.some(({ path }) => path === workdir) ? contents.workdir : null,
    });
  }

  /** @returns the container's id */
  async #start(options: DockerContainerOptions, signal: AbortSignal): Promise<string> {
    const { cli } = this.#daemon;
    const name = `stemma-${randomBytes(8).toString('hex')}`;
    try {
      return await cli.must(runArguments(this.#daemon, name, options), { signal });
    } catch (error) {
      // A client that was stopped half way may have left a container behind.
      await cli.call(['rm', '--force', name]);
      throw error;
    }
  }

  async #image({ image }: SandboxSpec, signal: AbortSignal): Promise<DockerImage> {
    const base = this.#settings.baseImage ?? DEFAULT_BASE;
    // A Dockerfile and a tree are looked at each time: they may have changed.
    if (image.kind !== 'system') return dockerImage(this.#daemon.cli, image, base, signal);
    return once(this.#images, base, () => dockerImage(this.#daemon.cli, image, base, this.closing.signal));
  }

  #read(image: string, workdir: string): Promise<ImageContents> {
    return once(this.#contents, `${image} ${workdir}`, () => imageContents(this.#daemon.cli, image, workdir));
  }

  /** The image's accounts and the ordinary user; no name server. */
  async #identity({ passwd, group }: ImageContents, agent: number): Promise<Record<string, string>> {
    const folder = join(this.#staging.folder, `${this.#opened++}`);
    const files = {
      passwd: `${passwd || 'root:x:0:0:root:/root:/bin/sh\n'}agent:x:${agent}:${agent}:agent:${HOME}:/bin/sh\n`,
      group: `${group || 'root:x:0:\n'}agent:x:${agent}:\n`,
      // Docker would put the host's in.
      'resolv.conf': '',
    };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(`${folder}.${name}`, text)));
    return Object.fromEntries(Object.keys(files).map((name) => [`/etc/${name}`, `${folder}.${name}`]));
  }

  async #findInit(id: string): Promise<string> {
    if (this.#daemon.isPodman) return '';
    this.#init ??= this.#daemon.cli.must([...asRoot(id), FIND_INIT]);
    return this.#init;
  }

  readonly #atExit = (): void => {
    const ids = [...this.all].map(({ id }) => id);
    if (ids.length > 0) this.#daemon.cli.callNow(['rm', '--force', ...ids]);
    rmSync(this.#staging.folder, { recursive: true, force: true });
  };

  protected async close(): Promise<void> {
    process.off('exit', this.#atExit);
    await rm(this.#staging.folder, { recursive: true, force: true });
    this.#watch.stdin?.end();
  }
}

/** The work of the first who asks is everybody's; what failed is tried again by the next. */
async function once<T>(known: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const begun = known.get(key) ?? work();
  known.set(key, begun);
  try {
    return await begun;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

async function checkBinds({ readOnly = {}, sockets = {} }: SandboxSpec): Promise<void> {
  for (const [path, source] of Object.entries({ ...readOnly, ...sockets })) {
    if (!path.startsWith('/'))
      throw new InputError(`a path of the inside must be absolute, not ${JSON.stringify(path)}`);
    if (!existsSync(source))
      throw new InputError(`${path} of the sandbox is to show ${source}, which is not there`);
  }
  // The ordinary user has an id that the host does not know, and to connect takes the right to write.
  for (const source of Object.values(sockets)) await chmod(source, 0o666);
}
