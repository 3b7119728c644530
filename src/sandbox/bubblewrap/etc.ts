import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOME } from '../inside.ts';
import { AGENT_ID } from './identity.ts';

/** What programs need of the host's /etc: where libraries are, and the settings of interpreters. */
const COPIED = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'debian_version',
  'os-release',
  'magic',
  'mime.types',
  'perl',
  'protocols',
  'python3',
  'python3.11',
  'python3.12',
  'python3.13',
  'services',
  'terminfo',
];

const OWN: Readonly<Record<string, string>> = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    `agent:x:${AGENT_ID}:${AGENT_ID}:agent:${HOME}:/bin/sh`,
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n'),
  group: `root:x:0:\nagent:x:${AGENT_ID}:\nnogroup:x:65534:\n`,
  hosts: '127.0.0.1\tlocalhost sandbox\n::1\tlocalhost sandbox\n',
  hostname: 'sandbox\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n',
  'resolv.conf': '',
};

/** Fills a folder that stands for /etc on the image `system`: of the host's, only what says nothing about it. */
export async function writeEtc(folder: string): Promise<void> {
  await mkdir(join(folder, 'alternatives'), { recursive: true, mode: 0o755 });
  for (const name of COPIED) {
    const options = { recursive: true, verbatimSymlinks: true, errorOnExist: false };
    await cp(join('/etc', name), join(folder, name), options).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  for (const [name, text] of Object.entries(OWN)) await writeFile(join(folder, name), text, { mode: 0o644 });
}
