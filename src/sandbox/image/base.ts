import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GrowingTree } from './growing-tree.ts';
import { walk } from './walk.ts';

/** What an image is built over: the host's own programs (`null`), or a folder that is a whole root. */
export type Base = string | null;

/** Members of the host's root that hold programs; the rest of the host is never seen inside. */
const SYSTEM_FOLDERS = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** What programs read of `/etc` and that says nothing of this machine or its users. */
const SYSTEM_ETC = [
  'alternatives',
  'bash.bashrc',
  'debian_version',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'magic',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'perl',
  'profile',
  'services',
  'protocols',
  'ssl/openssl.cnf',
];
/** Folders of every image that are its own, whatever the base has in them, since COPY and RUN mostly go there. */
const OWN_FOLDERS = [
  '/',
  '/etc',
  '/home',
  '/opt',
  '/root',
  '/srv',
  '/usr',
  '/usr/local',
  '/var',
  '/var/lib',
  '/var/log',
];
const USR_LOCAL = ['bin', 'etc', 'include', 'lib', 'sbin', 'share', 'src'];
/** `dev`, `proc` and `sys` are mount points. */
const EMPTY_FOLDERS = [
  'dev',
  'home',
  'mnt',
  'opt',
  'proc',
  'root',
  'run',
  'srv',
  'sys',
  'var/lib',
  'var/log',
  'var/cache',
];
const OPEN_FOLDERS = ['tmp', 'var/tmp'];
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n';
const GROUP = 'root:x:0:\nnogroup:x:65534:\n';

/** A tree over the base in an empty folder: its own where an image is mostly changed, the base's everywhere else. */
export async function treeOver(base: Base, root: string): Promise<GrowingTree> {
  const tree = base === null ? await systemTree(root) : new GrowingTree(root, await membersOf(base, root));
  const place = { file: base ?? '/', line: 1 };
  for (const folder of OWN_FOLDERS) await tree.ownFolder(folder, place);
  for (const folder of EMPTY_FOLDERS) await tree.makeFolder(`/${folder}`, place);
  for (const folder of OPEN_FOLDERS)
    await chmod(tree.host(await tree.ownFolder(`/${folder}`, place)), 0o1777);
  for (const name of USR_LOCAL) await tree.ownFolder(`/usr/local/${name}`, place);
  return tree;
}

async function systemTree(root: string): Promise<GrowingTree> {
  const binds = new Map<string, string>();
  for (const name of SYSTEM_FOLDERS) await mirror('/', name, root, binds);
  const usr = binds.get('/usr');
  if (usr !== undefined) {
    binds.delete('/usr');
    // The host's own /usr/local is not part of a system that every machine has.
    for (const name of await readdir(usr))
      if (name !== 'local') await mirror(usr, name, join(root, 'usr'), binds, '/usr');
  }
  await mkdir(join(root, 'etc/ssl'), { recursive: true });
  const pythons = (await readdir('/etc')).filter((name) => name.startsWith('python3'));
  for (const name of [...SYSTEM_ETC, ...pythons]) await copyDeep(join('/etc', name), join(root, 'etc', name));
  await writeFile(join(root, 'etc/passwd'), PASSWD);
  await writeFile(join(root, 'etc/group'), GROUP);
  return new GrowingTree(root, binds);
}

async function membersOf(base: string, root: string): Promise<Map<string, string>> {
  const binds = new Map<string, string>();
  for (const name of await readdir(base))
    if (!['dev', 'proc', 'sys', 'run', 'tmp'].includes(name)) await mirror(base, name, root, binds);
  return binds;
}

/** Shows one member of a folder of the base in the tree: a link as the same link, all else as a mount point. */
async function mirror(
  folder: string,
  name: string,
  to: string,
  binds: Map<string, string>,
  inside = '',
): Promise<void> {
  const source = join(folder, name);
  const stat = await lstat(source).catch(() => undefined);
  if (!stat) return;
  await mkdir(to, { recursive: true });
  if (stat.isSymbolicLink()) await symlink(await readlink(source), join(to, name));
  else if (stat.isDirectory()) {
    await mkdir(join(to, name), { recursive: true });
    binds.set(`${inside}/${name}`, source);
  } else if (stat.isFile()) await copyFile(source, join(to, name), constants.COPYFILE_FICLONE);
}

async function copyDeep(from: string, to: string): Promise<void> {
  const stat = await lstat(from).catch(() => undefined);
  if (!stat) return;
  await mkdir(dirname(to), { recursive: true });
  if (stat.isSymbolicLink()) await symlink(await readlink(from), to);
  else if (stat.isDirectory()) {
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) await copyDeep(join(from, name), join(to, name));
  } else if (stat.isFile()) await copyFile(from, to).catch(() => undefined);
}

/**
 * Says which base an image was built over. Of the system: which packages are installed, when they last changed, and what it
 * calls itself. Of a tree: every file's path, size and time; its bytes are not read.
 */
export async function baseDigest(base: Base): Promise<string> {
  const hash = createHash('sha256');
  if (base === null) {
    hash.update(await readFile('/etc/os-release', 'utf8').catch(() => ''));
    for (const path of ['/var/lib/dpkg/status', '/usr/bin', '/usr/lib', '/etc/alternatives']) {
      const stat = await lstat(path).catch(() => undefined);
      hash.update(`${path}\0${stat?.mtimeMs ?? 0}\0${stat?.size ?? 0}\n`);
    }
  } else {
    hash.update(`${base}\n`);
    for (const name of await walk(base)) {
      const stat = await lstat(join(base, name)).catch(() => undefined);
      hash.update(`${name}\0${stat?.mode ?? 0}\0${stat?.size ?? 0}\0${stat?.mtimeMs ?? 0}\n`);
    }
  }
  return hash.digest('hex').slice(0, 32);
}
