import type { ExecOptions, SandboxLimits } from '../../core/index.ts';
import { AGENT_ID, identity } from './identity.ts';
import type { Programs } from './programs.ts';
import type { Room } from './room.ts';

/** What root of the inside can do there: what setting a task up takes, over its own files and processes. */
const ROOT_CAPABILITIES = ['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid'];

/**
 * On the host, before the room is entered: joins the room's limits, offers itself to the kernel before the room's own
 * processes where memory runs out, and sets what no child can raise again. `ulimit -f` counts 512 bytes.
 */
const JOIN = `for group in $1; do echo $$ >"$group/cgroup.procs" || exit 1; done
echo 500 >/proc/self/oom_score_adj
ulimit -c 0; ulimit -f "$2"; shift 2; exec "$@"`;

/** Inside, as the user that the command is for. */
const START = `cd -- "$1" || exit 126; unset OLDPWD; shift; exec "$@"`;

export interface Entrance {
  readonly room: Room;
  readonly programs: Programs;
  readonly limits: SandboxLimits;
  readonly cgroups: readonly string[];
}

/**
 * The argument list that runs a command inside. Until `nsenter` everything is the host's, with an empty environment; from
 * there on it is the inside's, but `setpriv` and `env`, which the room has from the host in /.stemma.
 */
export function enter(
  { room, programs, limits, cgroups }: Entrance,
  command: readonly string[] | string,
  { user, cwd, env }: { user: NonNullable<ExecOptions['user']>; cwd: string; env: Record<string, string> },
): string[] {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  return [
    ...['/bin/sh', '-c', JOIN, 'join', cgroups.join(' '), String(Math.ceil(limits.fileBytes / 512))],
    ...[programs.nsenter, ...namespaces(room, user), '--'],
    ...[...tool('setpriv'), ...privileges(user), '--'],
    ...[...tool('env'), '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    ...['/bin/sh', '-c', START, 'start', cwd, ...argv],
  ];
}

function tool(name: string): string[] {
  return ['/.stemma/loader', '--library-path', '/.stemma', `/.stemma/${name}`];
}

function namespaces({ inner, outer }: Room, user: 'agent' | 'root'): string[] {
  const others = ['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup'];
  if (identity.kind === 'range')
    return [`--target=${inner}`, '--user', ...others, '--setuid=0', '--setgid=0'];
  // Two user namespaces, one in the other: the room's own, and the one that its first process made for the agent.
  const namespace = user === 'root' ? `--user=/proc/${outer}/ns/user` : '--user';
  return [`--target=${inner}`, namespace, ...others, '--preserve-credentials'];
}

function privileges(user: 'agent' | 'root'): string[] {
  const kept = user === 'root' ? ROOT_CAPABILITIES.map((name) => `,+${name}`).join('') : '';
  const become =
    identity.kind === 'range' && user === 'agent'
      ? ['--reuid', String(AGENT_ID), '--regid', String(AGENT_ID), '--clear-groups']
      : [];
  return [
    ...become,
    '--bounding-set',
    `-all${kept}`,
    '--inh-caps',
    '-all',
    '--ambient-caps',
    '-all',
    '--no-new-privs',
  ];
}
