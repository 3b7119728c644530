import type { SandboxLimits, SandboxSpec } from '../../core/index.ts';
import type { Daemon } from './daemon.ts';
import type { WritableFolder } from './layout.ts';

/** On every container of ours: whose it is. */
export const OWNER_LABEL = 'stemma.owner';
/**
 * What root of the inside can do, and only there: what setting a task up takes, over files and processes of the container. The
 * ordinary user has no capability, and can't get one.
 */
const ROOT_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL'];
/** Of each command, the shell that marks its end, and its init. */
const OWN_PROCESSES = 2;
/** For files to be read and written where commands have used all theirs up; a command can't have them (`begin.sh`). */
const FILE_PROCESSES = 12;
/** Room for the init and for what ends a command where the ordinary user has used all processes up. */
const SPARE_PROCESSES = 64;
const SHM_BYTES = 16 * 2 ** 20;
/** Docker's client passes the host's proxies on, where its settings name some: they are nobody's business inside. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

export interface DockerContainerOptions {
  readonly image: string;
  readonly owner: string;
  readonly spec: SandboxSpec;
  readonly limits: SandboxLimits;
  readonly folders: readonly WritableFolder[];
  /** Id of the ordinary user. */
  readonly agent: number;
  /** By path inside, files of ours to be seen there. */
  readonly identity: Readonly<Record<string, string>>;
  /** A file with the filter of system calls; `null`: Docker's own. */
  readonly seccomp: string | null;
}

/** The arguments of `docker run` for a container in which nothing runs but an init that waits. */
export function runArguments(daemon: Daemon, name: string, options: DockerContainerOptions): string[] {
  const { image, owner, spec, folders, agent, identity, seccomp } = options;
  return [
    ...['run', '--detach', '--rm', '--init', '--pull=never', '--name', name],
    ...['--label', `${OWNER_LABEL}=${owner}`],
    ...['--network=none', '--hostname=sandbox', '--ipc=private', '--log-driver=none'],
    ...['--cap-drop=ALL', ...ROOT_CAPABILITIES.map((name) => `--cap-add=${name}`)],
    ...['--security-opt=no-new-privileges', '--read-only', '--user=0:0', '--workdir=/'],
    ...(seccomp === null ? [] : [`--security-opt=seccomp=${seccomp}`]),
    ...limitArguments(daemon, options),
    ...folders.flatMap((folder) => ['--tmpfs', tmpfs(folder, agent)]),
    ...Object.entries(identity).flatMap(([path, source]) => mount(source, path, true)),
    ...Object.entries(spec.readOnly ?? {}).flatMap(([path, source]) => mount(source, path, true)),
    ...Object.entries(spec.sockets ?? {}).flatMap(([path, source]) => mount(source, path, false)),
    ...PROXIES.flatMap((name) => ['--env', `${name}=`]),
    ...['--entrypoint', 'tail', image, '-f', '/dev/null'],
  ];
}

/** What `ulimit` is told before a command begins; `null` where processes are not counted by user. */
export function processesOfCommand({ processes }: SandboxLimits, { remapsUsers }: Daemon): number | null {
  return remapsUsers ? null : processes + OWN_PROCESSES;
}

function limitArguments({ lacking, remapsUsers }: Daemon, { limits }: DockerContainerOptions): string[] {
  const { memoryBytes, processes, fileBytes, cpus } = limits;
  const ofUser = processes + OWN_PROCESSES + FILE_PROCESSES;
  return [
    ...(lacking.includes('memory') ? [] : ['--memory', `${memoryBytes}`, '--memory-swap', `${memoryBytes}`]),
    ...(lacking.includes('processes') ? [] : ['--pids-limit', `${processes + SPARE_PROCESSES}`]),
    ...(lacking.includes('cpus') ? [] : ['--cpus', `${cpus}`]),
    ...['--shm-size', `${SHM_BYTES}`, '--ulimit', 'core=0:0', '--ulimit', 'nofile=4096:4096'],
    ...['--ulimit', `fsize=${fileBytes}:${fileBytes}`],
    // Counted by user: where ids are mapped, all sandboxes would share one count.
    ...(remapsUsers ? [] : ['--ulimit', `nproc=${ofUser}:${ofUser}`]),
  ];
}

function tmpfs({ path, bytes, shared }: WritableFolder, agent: number): string {
  const owner = shared ? 'mode=1777' : `mode=0755,uid=${agent},gid=${agent}`;
  return `${path}:rw,exec,nosuid,nodev,size=${bytes},nr_inodes=${Math.max(4096, Math.ceil(bytes / 4096))},${owner}`;
}

/** A mount as the client's own CSV: a value with a comma or a quote in it is quoted. */
function mount(source: string, target: string, readOnly: boolean): string[] {
  const fields = ['type=bind', `source=${source}`, `target=${target}`, ...(readOnly ? ['readonly'] : [])];
  return [
    '--mount',
    fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(','),
  ];
}
