import type { ExecOptions, SandboxLimits } from '../../core/index.ts';
import type { CommandKind } from '../engine-sandbox.ts';
import { quoted } from '../inside.ts';
import type { Container } from './container.ts';
import { AGENT_ID, identity } from './identity.ts';
import { TOOLS } from './layout.ts';
import type { Programs } from './programs.ts';

/** What root of the inside can do there: what setting a task up takes, over its own files and processes. */
const ROOT_CAPABILITIES = ['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid'];

/**
 * On the host, before it is known what will be run: joins the container's limits, offers itself to the kernel before the container's
 * own processes where memory runs out, and sets what no child can raise again. `ulimit -f` counts 512 bytes.
 */
const JOIN = `for group in $1; do echo $$ >"$group/cgroup.procs" || exit 1; done
echo 500 >/proc/self/oom_score_adj || :
umask 022; ulimit -c 0; ulimit -n 4096; ulimit -f "$2"; shift 2; exec "$@"`;
/** Inside, as the user that the command is for. */
const START = `cd -- "$1" || exit 126; unset OLDPWD; shift; exec "$@"`;

export interface CommandLimits {
  readonly programs: Programs;
  readonly limits: SandboxLimits;
  /** Arguments that run a command under the filter of system calls; `null` where it can't be loaded. */
  readonly filter: readonly string[] | null;
  /** What no control group holds here, and limits of each process must. */
  readonly unheld: { readonly memory: boolean; readonly processes: boolean };
}

/**
 * The argument list of a process that stays on the host, under the limits, until its input says what to become. What the
 * command then reads is its fourth stream.
 */
export function joinLimits(
  { programs, limits, filter, unheld }: CommandLimits,
  cgroups: readonly string[],
  kind: CommandKind,
): string[] {
  return [
    ...['/bin/sh', '-c', JOIN, 'join', cgroups.join(' '), String(Math.ceil(limits.fileBytes / 512))],
    ...processLimits(programs.prlimit, limits, kind === 'own' ? { ...unheld, processes: false } : unheld),
    ...(filter ?? []),
    '/bin/sh',
  ];
}

function processLimits(
  prlimit: string,
  { memoryBytes, processes }: SandboxLimits,
  unheld: CommandLimits['unheld'],
): string[] {
  const options = [
    ...(unheld.memory ? [`--data=${memoryBytes}:${memoryBytes}`] : []),
    ...(unheld.processes ? [`--nproc=${processes}:${processes}`] : []),
  ];
  return options.length > 0 ? [prlimit, ...options, '--'] : [];
}

interface Start {
  readonly user: NonNullable<ExecOptions['user']>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the command is given something to read. */
  readonly reads: boolean;
}

/**
 * What that process is told. Until `nsenter` everything is the host's, with an empty environment; from there on it is the
 * inside's, but the tools that the container has from the host.
 */
export function enterContainer(
  container: Container,
  { nsenter }: Programs,
  command: readonly string[] | string,
  { user, cwd, env, reads }: Start,
): string {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const words = [
    ...[nsenter, ...namespaces(container, user), '--'],
    ...[...tool('setpriv'), ...privileges(user), '--'],
    ...[...tool('env'), '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    ...['/bin/sh', '-c', START, 'start', cwd, ...argv],
  ];
  return `exec ${words.map(quoted).join(' ')} ${reads ? '<&3' : '</dev/null'} 3<&-\n`;
}

function tool(name: string): string[] {
  return [`${TOOLS}/loader`, '--library-path', TOOLS, `${TOOLS}/${name}`];
}

/**
 * As an ordinary user, there are user namespaces in one another: the container's own, which all of its other namespaces belong
 * to and whose root is the inside's root, and below it the one that bubblewrap made for the agent. Who has entered
 * that one can enter no other any more, so it comes last.
 */
function namespaces({ inner, outer }: Container, user: 'agent' | 'root'): string[] {
  const others = ['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup'];
  if (identity.kind === 'range')
    return [`--target=${inner}`, '--user', ...others, '--setuid=0', '--setgid=0'];
  const first = [`--target=${inner}`, `--user=/proc/${outer}/ns/user`, ...others, '--preserve-credentials'];
  if (user === 'root') return first;
  return [...first, '--', ...tool('nsenter'), '--user=/proc/1/ns/user', '--preserve-credentials'];
}

function privileges(user: 'agent' | 'root'): string[] {
  const kept = user === 'root' ? ROOT_CAPABILITIES.map((name) => `,+${name}`).join('') : '';
  const become =
    identity.kind === 'range' && user === 'agent'
      ? ['--reuid', String(AGENT_ID), '--regid', String(AGENT_ID), '--clear-groups']
      : [];
  return [
    ...become,
    ...['--bounding-set', `-all${kept}`, '--inh-caps', '-all', '--ambient-caps', '-all', '--no-new-privs'],
  ];
}
