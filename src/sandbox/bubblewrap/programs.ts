import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingPartError } from '../../core/index.ts';

/** Where the programs are that a sandbox is made with. */
export interface Programs {
  readonly bwrap: string;
  readonly unshare: string;
  readonly nsenter: string;
  readonly setpriv: string;
  readonly prlimit: string;
  readonly env: string;
}

const PACKAGES: Readonly<Record<keyof Programs, string>> = {
  bwrap: 'bubblewrap',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  env: 'coreutils',
};

/** @throws MissingPartError naming the package of the first that is not there */
export function findPrograms(): Programs {
  const entries = Object.entries(PACKAGES).map(([name, packageName]) => {
    const path = findProgram(name);
    if (path === undefined)
      throw new MissingPartError(`${name} is not on this machine`, {
        remedy: `apt-get install ${packageName}`,
      });
    return [name, path] as const;
  });
  return Object.fromEntries(entries) as unknown as Programs;
}

/** The system's own folders come first: what a PATH of the user's puts before them would hold the sandbox's keys. */
export function findProgram(name: string): string | undefined {
  const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(delimiter)];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A program, its loader and its libraries: all that it takes to run it where the image has another C library, or none. */
export async function withLibraries(program: string): Promise<{ loader: string; files: string[] }> {
  const { stdout } = await promisify(execFile)('ldd', [program]);
  const files = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
  const loader = files.find((path) => /\/ld[^/]*$/.test(path));
  if (loader === undefined) throw new MissingPartError(`ldd does not say what ${program} is loaded by`);
  return { loader, files: [program, ...files] };
}
