import { existsSync } from 'node:fs';
import { type Attempt, KERNEL_CALLS, python } from './attempt.ts';
import { mustBeEmpty, mustNotSay } from './reading.ts';

/** Tries to change the host, or the system that the inside runs on. */
export const writing: readonly Attempt[] = [
  {
    name: 'a file by its path',
    tries: 'overwrites a file of the host that everybody on it may write, and adds one',
    line: ({ file, folder }) => `echo gone > ${file}; echo here > ${folder}/written`,
  },
  {
    name: 'programs of the system',
    tries: 'replaces programs, libraries and settings that every later command uses',
    line: 'for f in /bin/sh /usr/bin/env /etc/passwd /etc/ld.so.preload /usr/lib/escape /lib/escape /escape /root/escape; do echo x >> $f && echo WROTE $f; chmod 777 $f && echo CHANGED $f; done 2>/dev/null',
    held: ({ stdout }) => {
      mustBeEmpty(stdout);
      for (const path of ['/usr/lib/escape', '/lib/escape', '/escape', '/root/escape'])
        if (existsSync(path)) throw new Error(`${path} is on the host`);
    },
  },
  {
    name: 'the same as root of the inside',
    tries: 'does the same as root of the inside',
    options: { user: 'root' },
    line: 'for f in /bin/sh /usr/bin/env /usr/lib/escape /usr/bin/escape; do echo x >> $f && echo WROTE $f; chmod 777 $f && echo CHANGED $f; done 2>/dev/null',
    held: ({ stdout }) => {
      mustBeEmpty(stdout);
      if (existsSync('/usr/lib/escape')) throw new Error('/usr/lib/escape is on the host');
    },
  },
  {
    name: 'mounting writable again',
    tries: 'mounts the root and /usr writable again',
    line: 'mount -o remount,rw / && echo MOUNTED; mount -o remount,rw,bind /usr && echo MOUNTED; mount -n -o remount,bind,rw /proc/sys && echo MOUNTED; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'new mounts',
    tries: 'mounts a file system in memory, the processes of the host, and a folder elsewhere',
    line: 'mkdir -p m; mount -t tmpfs x m && echo MOUNTED; mount -t proc x m && echo MOUNTED; mount --bind / m && echo MOUNTED; mount -t sysfs x m && echo MOUNTED; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'mounting as root of the inside',
    tries: 'mounts as root of the inside, with the kernel calls of old and new',
    options: { user: 'root' },
    line: python(`${KERNEL_CALLS}
os.makedirs('/tmp/m', exist_ok=True)
call('mount', 165, b'x', b'/tmp/m', b'tmpfs', 0, 0)
call('remount', 165, 0, b'/', 0, 32, 0)
call('umount', 166, b'/tmp', 2)
call('pivot_root', 155, b'/tmp', b'/tmp/m')
call('open_tree', 428, -100, b'/', 0x1 | 0x8000)
call('fsopen', 430, b'tmpfs', 0)
call('mount_setattr', 442, -100, b'/', 0x8000, b'\\0' * 32, 32)`),
    held: ({ stdout }) => mustAllFail(stdout),
  },
  {
    name: 'namespaces of its own',
    tries: 'becomes root in a user namespace of its own, and mounts there',
    line: 'unshare --user --map-root-user --mount sh -c "mount -t tmpfs x /tmp && echo MOUNTED"; unshare --mount sh -c "echo UNSHARED"; unshare --net sh -c "echo UNSHARED"; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'devices',
    tries: 'makes device files for the disks and for memory',
    line: 'mknod disk b 8 0 && echo MADE; mknod memory c 1 1 && echo MADE; mknod /dev/escape b 254 0 && echo MADE; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'devices as root of the inside',
    tries: 'makes them as root of the inside, and opens them',
    options: { user: 'root' },
    line: 'for d in "b 8 0" "b 254 0" "c 1 1"; do rm -f /tmp/d; mknod /tmp/d $d && head -c 1 /tmp/d >/dev/null && echo OPENED; done 2>/dev/null; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: "the kernel's settings",
    tries: "writes the kernel's settings: who gets core dumps, what a magic key does",
    line: 'for s in kernel/core_pattern kernel/modprobe kernel/hostname vm/drop_caches fs/binfmt_misc/register net/ipv4/ip_forward; do old=$(cat /proc/sys/$s 2>/dev/null); (echo "$old" > /proc/sys/$s) 2>/dev/null && echo WROTE $s; done; (echo h > /proc/sysrq-trigger) 2>/dev/null && echo WROTE sysrq; true',
    // A network namespace of its own has settings of its own.
    held: ({ stdout }) => mustBeEmpty(stdout.replace('WROTE net/ipv4/ip_forward', '')),
  },
  {
    name: 'control groups',
    tries: 'leaves its control group, lifts its limits, and has the host run a program when a group is empty',
    options: { user: 'root' },
    line: `find /sys/fs/cgroup -name cgroup.procs 2>/dev/null | while read -r file; do g=\${file%/*}
      for f in notify_on_release release_agent memory.max memory.limit_in_bytes pids.max cgroup.procs; do
        value=$(cat $g/$f 2>/dev/null) || value=1; [ -e $g/$f ] && echo "$value" > $g/$f && echo WROTE $g/$f
      done; mkdir $g/escape && echo MADE $g
    done 2>/dev/null; true`,
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'chroot',
    tries: 'walks out of a chroot of its own',
    options: { user: 'root' },
    line: ({ file }) =>
      python(`
import os
os.makedirs('/tmp/jail', exist_ok=True)
try:
    os.chroot('/tmp/jail')
    for _ in range(60): os.chdir('..')
    os.chroot('.')
    print(open('${file}').read())
except OSError as error: print(error.strerror)`),
    held: ({ stdout }, { secret }) => mustNotSay(stdout, secret),
  },
  {
    name: 'a handle to a file',
    tries: 'opens the host\'s root folder by its inode, as "shocker" did',
    options: { user: 'root' },
    line: python(`${KERNEL_CALLS}
import struct
mount = os.open('/etc/passwd', os.O_RDONLY)
handle = ctypes.create_string_buffer(struct.pack('IiQ', 8, 1, 2))
call('open_by_handle_at', 304, mount, ctypes.byref(handle), 0)`),
    held: ({ stdout }) => mustAllFail(stdout),
  },
];

/** Of kernel calls: none returned anything but an error. */
export function mustAllFail(stdout: string): void {
  const calls = stdout.split('\n').filter((line) => /^\w+: /.test(line));
  if (calls.length === 0) throw new Error(`nothing was tried: ${stdout.slice(0, 500)}`);
  for (const line of calls) if (!/^\w+: E[A-Z]+$/.test(line)) throw new Error(`it was let: ${line}`);
}
