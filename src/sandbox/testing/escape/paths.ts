import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, SandboxFileError, type SandboxLimits, UNLISTED } from '../../../core/index.ts';
import { python } from './attempt.ts';
import type { Host } from './host.ts';

/** A try to have the engine itself, which is on the host, reach for something on the inside's behalf. */
export interface PathAttack {
  readonly name: string;
  readonly tries: string;
  /** Limits of the sandbox it is tried in; with them it gets one of its own. */
  readonly limits?: Partial<SandboxLimits>;
  /** Throws when it got anywhere. */
  readonly play: (sandbox: Sandbox, host: Host) => Promise<void>;
}

const ROUNDS = 12;

export const paths: readonly PathAttack[] = [
  {
    name: 'reading through a link',
    tries: 'has a link read that points to a file of the host',
    play: async (sandbox, { file, secret }) => {
      await sandbox.exec(`ln -s ${file} link; mkdir -p deep; ln -s ../../../../../../../..${file} deep/link`);
      for (const path of ['link', 'deep/link']) await mustNotRead(sandbox, path, secret);
    },
  },
  {
    name: 'reading through a folder that is a link',
    tries: "has a file read below a link to the host's folder",
    play: async (sandbox, { folder, secret }) => {
      await sandbox.exec(`ln -s ${folder} folder; ln -s / root`);
      for (const path of ['folder/secret', `root${folder}/secret`]) await mustNotRead(sandbox, path, secret);
    },
  },
  {
    name: 'reading with dots',
    tries: 'has a path read that climbs out',
    play: async (sandbox, { file, secret }) => {
      for (const path of [`../../../../../../../../../..${file}`, file, `/../..${file}`, `/tmp/../..${file}`])
        await mustNotRead(sandbox, path, secret);
    },
  },
  {
    name: 'reading through /proc',
    tries: 'has a file read through the roots of processes',
    play: async (sandbox, { file, pid, secret }) => {
      for (const root of ['/proc/1/root', '/proc/self/root', `/proc/${pid}/root`, '/proc/thread-self/root'])
        await mustNotRead(sandbox, root + file, secret);
      await mustNotRead(sandbox, '/proc/self/environ', secret);
      await mustNotRead(sandbox, '/proc/1/environ', secret);
    },
  },
  {
    name: 'reading what never ends',
    tries: 'has pipes, devices and huge files read, which would hang or fill whoever reads them',
    play: async (sandbox) => {
      await sandbox.exec('mkfifo pipe; ln -s /dev/zero zero; truncate -s 200M huge; mkdir a-folder');
      for (const path of ['pipe', 'zero', '/dev/zero', 'huge', 'a-folder', '/dev/stdin'])
        await mustRefuse(`${path} was read`, () => sandbox.readFile(path, { maxBytes: 1_000_000 }));
    },
  },
  {
    name: 'reading while it is swapped',
    tries: 'swaps a file for a link to the host again and again while it is read',
    play: async (sandbox, { file, secret }) => {
      await sandbox.exec(
        `(while [ ! -e stop ]; do echo own > swap; ln -sf ${file} swap2; mv -f swap2 swap; done) >/dev/null 2>&1 &`,
      );
      for (let round = 0; round < ROUNDS; round += 1) await mustNotRead(sandbox, 'swap', secret);
      await sandbox.exec('touch stop');
    },
  },
  {
    name: 'writing through a link',
    tries: 'has a file written through a link to a file of the host, and through one to its folder',
    play: async (sandbox, { file, folder }) => {
      await sandbox.exec(`ln -s ${file} out; ln -s ${folder} folder-out; ln -s ${folder}/new dangling`);
      for (const path of ['out', 'folder-out/written', 'dangling'])
        await sandbox.writeFile(path, 'written').catch(onlyFileErrors);
      mustBeAbsent(folder, 'written', 'new');
    },
  },
  {
    name: 'writing with dots',
    tries: 'has a file written to a path that climbs out',
    play: async (sandbox, { folder }) => {
      for (const path of [
        `../../../../../../../../..${folder}/written`,
        `${folder}/new`,
        `/proc/1/root${folder}/new`,
      ])
        await sandbox.writeFile(path, 'written').catch(onlyFileErrors);
      mustBeAbsent(folder, 'written', 'new');
    },
  },
  {
    name: 'writing while it is swapped',
    tries: "swaps a folder for a link to the host's again and again while files are written below it",
    play: async (sandbox, { folder }) => {
      await sandbox.exec(
        `(while [ ! -e stop-writing ]; do rm -rf moving; mkdir moving; rm -rf moving; ln -s ${folder} moving; done) >/dev/null 2>&1 &`,
      );
      for (let round = 0; round < ROUNDS; round += 1)
        await sandbox.writeFile('moving/written', 'written').catch(onlyFileErrors);
      await sandbox.exec('touch stop-writing');
      mustBeAbsent(folder, 'written');
    },
  },
  {
    name: 'writing to the system',
    tries: 'has programs and settings of the inside overwritten',
    play: async (sandbox) => {
      for (const path of ['/bin/sh', '/usr/bin/env', '/etc/passwd', '/usr/lib/escape', '/proc/sysrq-trigger'])
        await mustRefuse(`${path} was written`, () => sandbox.writeFile(path, 'h'));
    },
  },
  {
    name: 'a snapshot that follows links',
    tries: "has the host's folder listed, through links in a folder that is listed",
    play: async (sandbox, { folder }) => {
      await sandbox.exec(
        `mkdir -p seen/deep; ln -s ${folder} seen/deep/host; ln -s / seen/root; ln -s .. seen/up`,
      );
      const tree = await sandbox.snapshot('seen');
      const names = [...tree.keys()].join(' ');
      if (names !== 'deep deep/host root up') throw new Error(`it listed ${names}`);
    },
  },
  {
    name: 'names that are commands',
    tries: 'names files so that whoever lists or reads them runs something',
    play: async (sandbox, { folder }) => {
      const names = [
        '-rf',
        '$(touch made)',
        '`touch made`',
        'a\nb',
        '; touch made',
        "'quote",
        '\\x',
        '--help',
        'ü ☃',
      ];
      await sandbox.exec(['mkdir', '-p', 'names']);
      for (const name of names) await sandbox.writeFile(`names/${name}`, name);
      const tree = await sandbox.snapshot('names');
      if (tree.size !== names.length) throw new Error(`of ${names.length} files it lists ${tree.size}`);
      for (const name of names) {
        const read = Buffer.from(await sandbox.readFile(`names/${name}`)).toString();
        if (read !== name) throw new Error(`${JSON.stringify(name)} reads as ${JSON.stringify(read)}`);
      }
      if ((await sandbox.exec('ls made names/made')).exitCode === 0) throw new Error('a name was run');
      mustBeAbsent(folder, 'made');
    },
  },
  {
    name: 'names that are not text',
    tries:
      'gives files names that differ only in bytes that are not UTF-8, so that a snapshot takes them for one',
    limits: {},
    play: async (sandbox) => {
      const names = ['a\\377', 'a\\376', 'a\\303', 'a\\\\xff', '\\355\\240\\200', '\\355\\240\\201'];
      for (const [index, name] of names.entries())
        await sandbox.exec(`printf ${index} > "$(printf '${name}')"`);
      const digests = [...(await sandbox.snapshot()).values()].map(({ digest }) => digest);
      if (digests.length !== names.length || new Set(digests).size !== names.length)
        throw new Error(`of ${names.length} files it tells ${new Set(digests).size} apart`);
    },
  },
  {
    name: 'sparse files',
    tries:
      'leaves files of terabytes and many of just the size that is read, so that nothing is listed in time',
    limits: { fileBytes: 2 ** 42 },
    play: async (sandbox) => {
      await sandbox.exec(
        'for i in $(seq 6); do truncate -s 63M a$i; done; truncate -s 3T huge; echo EVIDENCE > z-evidence',
      );
      await mustBeSeen(sandbox, 'z-evidence');
      if (!(await sandbox.snapshot()).has('huge')) throw new Error('a file of 3 TB is not listed');
    },
  },
  {
    name: 'a deep tree',
    tries: 'nests thousands of folders, so that the list of its files cannot be made',
    limits: {},
    play: async (sandbox) => {
      await sandbox.exec('echo EVIDENCE > evidence');
      await sandbox.exec(
        python(`
import os
for _ in range(3000):
    os.mkdir('d' * 200); os.chdir('d' * 200)
open('bottom', 'w').close()`),
      );
      await mustBeSeen(sandbox, 'evidence');
      const tree = await sandbox.snapshot();
      const deepest = Math.max(...[...tree.keys()].map((path) => path.split('/').length));
      if (deepest < 3000 && !tree.has(UNLISTED)) throw new Error('files are left out, and nothing says so');
    },
  },
  {
    name: 'no memory to list with',
    tries: 'takes all the memory of the sandbox while its files are listed',
    limits: { memoryBytes: 96 * 2 ** 20 },
    play: async (sandbox) => {
      await sandbox.exec('echo EVIDENCE > evidence; for i in $(seq 2000); do : > file-$i; done');
      await sandbox.exec(
        `(while :; do ${python('hoard = []\nwhile True: hoard.append(bytearray(2 ** 20))')}
done) >/dev/null 2>&1 &`,
      );
      const tree = await sandbox.snapshot();
      if (!tree.has('evidence') && !tree.has(UNLISTED)) throw new Error('the files are gone from the list');
    },
  },
];

/** @throws Error where a small file is not in the snapshot with its digest */
async function mustBeSeen(sandbox: Sandbox, path: string): Promise<void> {
  const entry = (await sandbox.snapshot()).get(path);
  if (entry?.digest == null) throw new Error(`${path} is not in the snapshot with its digest`);
}

async function mustNotRead(sandbox: Sandbox, path: string, secret: string): Promise<void> {
  const read = await sandbox.readFile(path).catch(onlyFileErrors);
  if (read && Buffer.from(read).includes(secret)) throw new Error(`${path} was read on the host`);
}

async function mustRefuse(otherwise: string, work: () => Promise<unknown>): Promise<void> {
  const refused = await work().then(
    () => false,
    (error: unknown) => {
      onlyFileErrors(error);
      return true;
    },
  );
  if (!refused) throw new Error(otherwise);
}

/** A sandbox that is lost to such a trick would be a success of its kind. */
function onlyFileErrors(error: unknown): undefined {
  if (!(error instanceof SandboxFileError)) throw error;
  return undefined;
}

function mustBeAbsent(folder: string, ...names: string[]): void {
  for (const name of names)
    if (existsSync(join(folder, name))) throw new Error(`${name} is in the host's folder`);
}
