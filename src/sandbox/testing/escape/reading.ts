import { readFileSync } from 'node:fs';
import { type Attempt, python } from './attempt.ts';

/** Tries to read what is the host's. What they print must not hold the secret; that is looked at after every attempt. */
export const reading: readonly Attempt[] = [
  {
    name: 'a file by its path',
    tries: 'reads a file of the host that everybody on it may read',
    line: ({ file }) => `cat ${file}`,
    worksOutside: true,
  },
  {
    name: 'a file through a process root',
    tries: 'reads it through the roots and working folders of all processes in /proc',
    line: ({ file }) => `for at in root cwd; do for p in /proc/[0-9]*; do cat $p/$at${file}; done; done`,
    worksOutside: true,
  },
  {
    name: 'a file by climbing',
    tries: 'climbs over the root with ..',
    line: ({ file }) => `cd /; cat ../../../../../../../../..${file} ../..${file}`,
    worksOutside: true,
  },
  {
    name: 'a file by its name',
    tries: 'looks for the file everywhere that can be reached',
    line: ({ folder }) =>
      `find / -name "${folder.split('/').at(-1)}" -not -path '/proc/[0-9]*' 2>/dev/null; true`,
    held: ({ stdout }, { folder }) => mustNotSay(stdout, folder.split('/').at(-1) as string),
  },
  {
    name: 'the environment of other processes',
    tries: 'reads the environment of every process that it sees, its own included',
    line: 'env; for p in /proc/[0-9]*; do tr "\\0" "\\n" < $p/environ; done',
    worksOutside: true,
  },
  {
    name: 'arguments of other processes',
    tries: 'reads what other processes were started with',
    line: 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; done; ps -eo args',
    held: ({ stdout }) => mustNotSay(stdout, 'vitest'),
  },
  {
    name: 'open files left behind',
    tries: 'uses descriptors that the engine forgot to close',
    // A stream to the engine is a pipe; whatever is a file, a folder or a socket was forgotten, but for the list that is read here.
    line: 'for f in /proc/self/fd/*; do t=$(readlink $f); case $t in /proc/*|/dev/*|"") ;; *) [ -d "$f/" ] || [ -f "$f" ] || [ -S "$f" ] && echo "$f -> $t"; esac; done; true',
    options: { timeoutMs: 10_000 },
    held: ({ stdout }, { folder }) => {
      const found = stdout.split('\n').filter((line) => line.includes(' -> '));
      if (found.length > 0) throw new Error(`descriptors were left open: ${found.join(', ')}`);
      mustNotSay(stdout, folder);
    },
  },
  {
    name: 'passwords and keys',
    tries: "reads the host's password hashes, its machine id and its keys",
    line: 'cat /etc/shadow /etc/gshadow /etc/machine-id /etc/ssh/*key /root/.ssh/* /root/.bash_history',
    held: ({ stdout }) => {
      for (const path of ['/etc/shadow', '/etc/machine-id'])
        for (const line of linesOf(path)) mustNotSay(stdout, line);
    },
  },
  {
    name: "the host's accounts and name",
    tries: 'finds out whose machine it is',
    line: 'cat /etc/passwd /etc/hostname /etc/hosts /etc/resolv.conf; hostname; uname -n; cat /proc/sys/kernel/hostname',
    held: ({ stdout }) => {
      const isOwn = (name: string) => ['root', 'nobody', 'daemon'].includes(name);
      const host = readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
      if (stdout.split(/\s/).includes(host)) throw new Error(`it knows the host's name ${host}`);
      for (const line of linesOf('/etc/resolv.conf').filter((one) => one.startsWith('nameserver')))
        if (!isOwn(line)) mustNotSay(stdout, line);
    },
  },
  {
    name: 'disks and memory as devices',
    tries: "reads the machine's disks and memory through device files",
    line: 'for d in /dev/mem /dev/kmem /dev/port /dev/kmsg /dev/[hsv]d[a-z] /dev/nvme* /dev/loop* /dev/dm-*; do head -c 16 $d >/dev/null && echo READ $d; done 2>/dev/null; find /dev -type b',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'memory of other processes',
    tries: 'reads the memory of the first process and of whichever it finds',
    line: python(`
import os, re
for pid in [p for p in os.listdir('/proc') if p.isdigit() and p != str(os.getpid())]:
    try:
        uid = os.stat('/proc/' + pid).st_uid
        if uid == os.getuid(): continue
        area = re.match('([0-9a-f]+)-', open('/proc/%s/maps' % pid).readline())
        with open('/proc/%s/mem' % pid, 'rb') as memory:
            memory.seek(int(area[1], 16))
            if memory.read(8): print('READ', pid)
    except (OSError, TypeError): pass`),
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: "the kernel's log",
    tries: 'reads what the kernel logged about the host',
    line: 'dmesg 2>/dev/null | head -n 3; head -c 100 /dev/kmsg /proc/kmsg 2>/dev/null',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'addresses of the kernel and its memory',
    tries: 'reads /proc/kcore and unhidden addresses from /proc/kallsyms',
    line: 'head -c 4 /proc/kcore | grep -c ELF; grep -v "^0000000000000000 " /proc/kallsyms | head -n 1',
    held: ({ stdout }) => mustBeEmpty(stdout.replace(/^0$/m, '')),
  },
  {
    name: 'disks in /sys',
    tries: 'looks the machine over in /sys and reads its firmware',
    line: 'ls /sys/firmware/efi /sys/firmware/dmi /sys/firmware/acpi /sys/kernel/debug /sys/kernel/security 2>/dev/null | grep -v : | grep .; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
];

export function mustNotSay(text: string, words: string): void {
  if (words !== '' && text.includes(words)) throw new Error(`it got at ${JSON.stringify(words)}`);
}

export function mustBeEmpty(text: string): void {
  if (text.trim() !== '') throw new Error(`it got ${JSON.stringify(text.trim().slice(0, 500))}`);
}

/** Lines long enough to be the host's own and nobody else's. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.length >= 24);
  } catch {
    return [];
  }
}
