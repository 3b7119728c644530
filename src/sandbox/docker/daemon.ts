import { MissingPartError } from '../../core/index.ts';
import { DockerCli } from './cli.ts';

/** What the daemon that answers can do. */
export interface Daemon {
  readonly cli: DockerCli;
  readonly isPodman: boolean;
  /** Ids inside are other ids outside. */
  readonly remapsUsers: boolean;
  /** Limits that its kernel can't hold. */
  readonly lacking: readonly ('memory' | 'cpus' | 'processes')[];
}

const REMEDY =
  'bash scripts/docker-base.sh starts a daemon and makes the image stemma-base (apt-get install docker.io debootstrap).';

/** Docker, or where it is not there, podman. @throws MissingPartError when neither is there, or no daemon answers */
export async function findDaemon(programs: readonly string[] = ['docker', 'podman']): Promise<Daemon> {
  const troubles: string[] = [];
  for (const program of programs) {
    const cli = new DockerCli(program);
    const answer = await cli
      .call(['info', '--format', '{{json .}}'], { timeoutMs: 30_000 })
      .catch((error: NodeJS.ErrnoException) => {
        // Not there, or there and not for us to run.
        if (error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
        return undefined;
      });
    if (answer?.code === 0) {
      const info = JSON.parse(answer.stdout.toString('utf8')) as DockerInfo;
      if (!info.ServerErrors?.length) return daemonOf(cli, info);
      troubles.push(info.ServerErrors.join('; '));
    } else if (answer) troubles.push(answer.stderr.split('\n').at(-1) ?? '');
  }
  throw new MissingPartError(
    troubles.length === 0
      ? 'neither docker nor podman is on this machine'
      : `no Docker daemon answers: ${troubles.join('; ')}`,
    { remedy: REMEDY },
  );
}

interface DockerInfo {
  readonly ServerErrors?: readonly string[];
  readonly SecurityOptions?: readonly string[];
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  /** podman's answer has this member and none of those above. */
  readonly host?: { readonly security?: { readonly rootless?: boolean } };
}

function daemonOf(cli: DockerCli, info: DockerInfo): Daemon {
  const isPodman = info.host !== undefined;
  const options = info.SecurityOptions ?? [];
  const lacks = (holds: boolean | undefined) => !isPodman && holds === false;
  return {
    cli,
    isPodman,
    remapsUsers:
      isPodman ||
      options.some((option) => option.includes('name=userns') || option.includes('name=rootless')),
    lacking: [
      ...(lacks(info.MemoryLimit) ? (['memory'] as const) : []),
      ...(lacks(info.CpuCfsQuota) ? (['cpus'] as const) : []),
      ...(lacks(info.PidsLimit) ? (['processes'] as const) : []),
    ],
  };
}
