import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingPartError } from '../../core/index.ts';

const PACKAGES = {
  bwrap: 'bubblewrap',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  env: 'coreutils',
};

/** Where the programs are that a sandbox is made with. */
export type Programs = Readonly<Record<keyof typeof PACKAGES, string>>;

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
    .find((path) => mayAccess(path, constants.X_OK));
}

/** Whether a path is there, and may be used so. @param mode of `constants` */
export function mayAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
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
