import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SandboxLimits } from '../../core/index.ts';
import { controllersOf, findCgroups } from './cgroups.ts';
import { uncontrolledBy } from './engine.ts';
import { identity } from './identity.ts';
import { overlayOptions } from './overlay.ts';
import { findPrograms } from './programs.ts';
import { canFilter } from './seccomp.ts';
import { tryBubblewrap } from './works.ts';

/** What bubblewrap can do on this machine, for people. */
interface BubblewrapAbilities {
  readonly works: boolean;
  /** Its version, or why it does not work. */
  readonly found: string;
  /** By what means each limit holds; `null` where nothing holds it. */
  readonly limits: Readonly<Record<keyof SandboxLimits, string | null>>;
  /** How an image's changes are kept apart from it. */
  readonly images: 'overlay' | 'copy';
  readonly systemCallFilter: boolean;
  /** Whether the inside's root and its ordinary user own files apart. */
  readonly ownRoot: boolean;
}

/** Opens a sandbox to find out; asks no network. */
export async function bubblewrapAbilities(): Promise<BubblewrapAbilities> {
  const failure = await tryBubblewrap();
  const cgroups = findCgroups();
  const held = controllersOf(cgroups);
  const by = `cgroup v${cgroups?.version}`;
  const unheld = uncontrolledBy(cgroups);
  return {
    works: failure === null,
    found: failure?.message.split('\n')[0] ?? (await version()),
    limits: {
      timeoutMs: held.includes('pids')
        ? `${by}: all of a command's children`
        : "a search for a command's children",
      memoryBytes: held.includes('memory') ? by : 'rlimit, of each process alone',
      processes: held.includes('pids') ? by : unheld.processes ? 'rlimit' : null,
      fileBytes: 'rlimit',
      diskBytes: 'size of a file system in memory',
      cpus: held.includes('cpu') ? by : null,
      outputBytes: 'counted as it is read',
    },
    images: failure === null && (await overlayOptions(findPrograms())) !== null ? 'overlay' : 'copy',
    systemCallFilter: failure === null && canFilter(findPrograms()),
    ownRoot: identity.kind === 'range',
  };
}

async function version(): Promise<string> {
  const { stdout } = await promisify(execFile)(findPrograms().bwrap, ['--version']);
  return stdout.trim();
}
