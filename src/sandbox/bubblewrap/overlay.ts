import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { identity } from './identity.ts';
import type { Programs } from './programs.ts';

/** As root, a file's owner can change without its content being copied; in a user namespace, marks are user attributes. */
const OPTIONS = identity.kind === 'range' ? 'metacopy=on,redirect_dir=on' : 'userxattr';

const TRY = `mount -n -t tmpfs container "$1" && cd "$1" && mkdir lower lower/folder upper work root &&
mount -n -t overlay -o "lowerdir=lower,upperdir=upper,workdir=work,$2" layer root &&
rmdir root/folder && mkdir root/folder && : >root/file && [ -e upper/file ]`;

let found: Promise<string | null> | undefined;

/** Mount options of an overlay that works here, tried once; `null` where there is none, and images must be copied. */
export function overlayOptions({ unshare }: Programs): Promise<string | null> {
  found ??= tryOverlay(unshare);
  return found;
}

async function tryOverlay(unshare: string): Promise<string | null> {
  const privacy = identity.kind === 'range' ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  try {
    await promisify(execFile)(unshare, [...privacy, '--', '/bin/sh', '-c', TRY, 'try', '/tmp', OPTIONS]);
    return OPTIONS;
  } catch {
    return null;
  }
}
