import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { InputError, MissingPartError } from '../../core/index.ts';
import { coveringInherited } from '../inherited.ts';
import type { GrowingTree } from './growing-tree.ts';
import { DEFAULT_PATH, type RunStep } from './instructions.ts';
import type { Place } from './words.ts';

const MOST_OUTPUT = 64 * 1024;
const MOST_MS = 10 * 60_000;
/** What root of a build may do to files of its own tree; nothing of it counts outside. */
const CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID'];

/**
 * Carries a RUN out: as root of a bubblewrap over the growing tree, with no network, its own processes, and nothing of the host
 * but the base, read-only.
 *
 * @throws InputError naming the line, with the end of what the command said, when it fails or takes over ten minutes
 */
export async function runIn(
  tree: GrowingTree,
  step: RunStep,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  await tree.makeMountPoints();
  const command = typeof step.command === 'string' ? ['/bin/sh', '-c', step.command] : step.command;
  const env = { PATH: DEFAULT_PATH, HOME: '/root', ...step.env };
  const { code, output, late } = await bubblewrap([...wrapping(tree, step.workdir, env), ...command], signal);
  signal.throwIfAborted();
  if (code === 0) return;
  const said = output.trim().split('\n').slice(-12).join('\n  ');
  throw new InputError(
    `RUN ${late ? 'took over ten minutes' : `ended with exit code ${code}`}: ${shown(step.command)}${said && `\n  ${said}`}`,
    { place, remedy: remedyFor(output, shown(step.command)) },
  );
}

function wrapping(tree: GrowingTree, workdir: string, env: Readonly<Record<string, string>>): string[] {
  return [
    ...['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--clearenv'],
    ...['--uid', '0', '--gid', '0', '--hostname', 'sandbox', '--cap-drop', 'ALL'],
    ...CAPABILITIES.flatMap((capability) => ['--cap-add', capability]),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--bind', tree.root, '/'],
    ...[...tree.binds].flatMap(([inside, source]) => ['--ro-bind', source, inside]),
    ...['--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--chdir', workdir, '--'],
  ];
}

async function bubblewrap(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ code: number | null; output: string; late: boolean }> {
  const deadline = AbortSignal.timeout(MOST_MS);
  const child = spawn('bwrap', args, {
    stdio: coveringInherited(['ignore', 'pipe', 'pipe']),
    env: { PATH: process.env.PATH ?? DEFAULT_PATH },
  });
  const kill = () => child.kill('SIGKILL');
  for (const reason of [deadline, signal]) reason.addEventListener('abort', kill, { once: true });
  let output = '';
  const hear = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-MOST_OUTPUT);
  };
  child.stdout!.on('data', hear);
  child.stderr!.on('data', hear);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output, late: deadline.aborted };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new MissingPartError('an image with RUN is built in bubblewrap, which is not on this machine', {
      remedy: 'apt-get install bubblewrap',
    });
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function shown(command: string | readonly string[]): string {
  const text = typeof command === 'string' ? command : command.join(' ');
  return text.length > 200 ? `${text.slice(0, 200)} …` : text;
}

function remedyFor(output: string, command: string): string {
  if (/Read-only file system/.test(output))
    return "The base's own folders can't be changed by RUN; write to /usr/local, /opt, /etc, /var or a folder of the task's.";
  if (
    /Temporary failure in name resolution|Could not resolve|Network is unreachable/i.test(output) ||
    /\b(apt-get|apt|pip3?|curl|wget|npm)\b/.test(command)
  )
    return 'Nothing can be downloaded while an image is built: what it needs must be in the base or in the context.';
  return 'Mend the command, or the files it needs.';
}
