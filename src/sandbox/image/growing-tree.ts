import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { InputError } from '../../core/index.ts';
import { asOwner } from './as-owner.ts';
import { type ContextEntry, fileKind } from './context.ts';
import type { Place } from './words.ts';

/** Links followed before a path is taken for a circle, as Linux does. */
const MOST_LINKS = 40;
/** The most bytes of plain files copied when one folder of the base has to become the image's own. */
const MOST_SPLIT_BYTES = 512 * 2 ** 20;

/**
 * A root that is being built: a folder of its own, in which unchanged folders and files of the base are only mount points.
 * What the base has is never written to: a folder of the base that gets a new member is first replaced by a folder of our
 * own, its files copied and its folders mount points again.
 *
 * Every path given is a path inside; links are followed inside, never out.
 */
export class GrowingTree {
  readonly root: string;
  /** By path inside, the host's folder or file that is seen there, read-only. */
  readonly binds: Map<string, string>;

  constructor(root: string, binds: ReadonlyMap<string, string> = new Map()) {
    this.root = root;
    this.binds = new Map(binds);
  }

  /** Where a path without links in it lies on the host. */
  host(path: string): string {
    for (let above = path; above !== '/'; above = posix.dirname(above)) {
      const bound = this.binds.get(above);
      if (bound !== undefined) return join(bound, path.slice(above.length));
    }
    return join(this.root, path);
  }

  /**
   * A path with all links in it followed, as seen from inside: an absolute target begins at this root, and `..` ends there. What
   * does not exist yet stays as it is.
   */
  async resolve(path: string, place: Place): Promise<string> {
    let links = 0;
    let done = '/';
    const open = path.split('/');
    while (open.length > 0) {
      const part = open.shift() as string;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        done = posix.dirname(done);
        continue;
      }
      const next = posix.join(done, part);
      const target = await readlink(this.host(next)).catch(() => undefined);
      if (target === undefined) {
        done = next;
        continue;
      }
      links += 1;
      if (links > MOST_LINKS) throw new InputError(`${path} goes round in a circle of links`, { place });
      if (target.startsWith('/')) done = '/';
      open.unshift(...target.split('/'));
    }
    return done;
  }

  /** Makes a folder and those above it, owned by the tree; what is there stays. @returns its path without links */
  async makeFolder(path: string, place: Place): Promise<string> {
    const resolved = await this.resolve(path, place);
    let current = '/';
    for (const part of resolved.split('/').filter(Boolean)) {
      const next = posix.join(current, part);
      const kind = await kindOf(this.host(next));
      if (kind !== undefined && kind !== 'folder')
        throw new InputError(`${next} is there already, and is not a folder`, { place });
      if (kind === undefined) {
        await this.#own(current, place);
        await asOwner(this.host(current), () => mkdir(this.host(next)));
      }
      current = next;
    }
    return resolved;
  }

  /** A folder of the tree's own, into which can be written: split from the base where it was the base's. */
  async ownFolder(path: string, place: Place): Promise<string> {
    const resolved = await this.makeFolder(path, place);
    await this.#own(resolved, place);
    return resolved;
  }

  async #own(folder: string, place: Place): Promise<void> {
    const boundAt = [...lineageOf(folder)].find((above) => this.binds.has(above));
    if (boundAt === undefined) return;
    await this.#split(boundAt, place);
    await this.#own(folder, place);
  }

  async #split(folder: string, place: Place): Promise<void> {
    const source = this.binds.get(folder) as string;
    this.binds.delete(folder);
    let copied = 0;
    for (const member of await readdir(source, { withFileTypes: true })) {
      const [from, inside] = [join(source, member.name), posix.join(folder, member.name)];
      const to = join(this.root, inside);
      if (member.isDirectory()) {
        await mkdir(to, { recursive: true });
        this.binds.set(inside, from);
      } else if (member.isSymbolicLink()) await symlink(await readlink(from), to);
      else if (member.isFile()) {
        copied += (await lstat(from)).size;
        if (copied > MOST_SPLIT_BYTES)
          throw new InputError(`${folder} of the base is too full to be added to`, {
            place,
            remedy: 'Put the files into a folder of their own, such as /usr/local/bin or /opt.',
          });
        await copyReadable(from, to);
      }
    }
  }

  /** Makes the mount points of everything bound, so that the root can be mounted read-only. */
  async makeMountPoints(): Promise<void> {
    for (const [inside, source] of this.binds) {
      const to = join(this.root, inside);
      if ((await kindOf(source)) === 'folder') await mkdir(to, { recursive: true });
      else {
        await mkdir(posix.dirname(to), { recursive: true });
        await writeFile(to, '', { flag: 'a' });
      }
    }
  }
}

function* lineageOf(path: string): Generator<string> {
  for (let above = path; above !== '/'; above = posix.dirname(above)) yield above;
}

async function kindOf(path: string): Promise<ContextEntry['kind'] | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  return stat && fileKind(stat);
}

/** What we may not read of the base (passwords, say), nobody inside could either. */
async function copyReadable(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
