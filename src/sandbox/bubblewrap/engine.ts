import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerName, sweepOrphans } from '../owner.ts';
import { type CgroupPlace, controllersOf, findCgroups, sweepCgroups } from './cgroups.ts';
import type { CommandLimits } from './enter.ts';
import { writeEtc } from './etc.ts';
import { identity } from './identity.ts';
import { Pipes } from './pipes.ts';
import { findPrograms } from './programs.ts';
import { filterLoader } from './seccomp.ts';
import { writeTools } from './tools.ts';

const PREFIX = 'stemma-sandboxes-';

/** What all sandboxes of one opening share. */
export type BubblewrapEngine = Awaited<ReturnType<typeof startEngine>>;

/** @throws MissingPartError when bubblewrap or util-linux is not installed */
export async function startEngine() {
  const programs = findPrograms();
  const cgroups = findCgroups();
  await Promise.all([sweepCgroups(cgroups), sweepOrphans(tmpdir(), PREFIX)]);
  // The inside's user passes through it to what is mounted from there, and can't list it.
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${ownerName()}-`));
  await chmod(folder, 0o711);
  const names = { etc: join(folder, 'etc'), tools: join(folder, 'tools'), pipes: join(folder, 'pipes') };
  await Promise.all([
    writeEtc(names.etc),
    writeTools(names.tools, programs),
    mkdir(names.pipes, { mode: 0o700 }),
  ]);
  return {
    programs,
    cgroups,
    filter: filterLoader(join(folder, 'filter'), programs),
    unheld: uncontrolledBy(cgroups),
    hostFolders: names,
    pipes: new Pipes(names.pipes),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What limits of single processes must hold. */
export function uncontrolledBy(cgroups: CgroupPlace | null): CommandLimits['unheld'] {
  const held = controllersOf(cgroups);
  return { memory: !held.includes('memory'), processes: !held.includes('pids') && countsBySandbox() };
}

/** Before Linux 5.14, a user's processes were counted over all of the machine, not for each user namespace. */
function countsBySandbox(kernel = release()): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return identity.kind === 'range' || major > 5 || (major === 5 && minor >= 14);
}
