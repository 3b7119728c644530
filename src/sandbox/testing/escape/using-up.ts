import { watch } from 'node:fs';
import { type Attempt, python } from './attempt.ts';

const MiB = 2 ** 20;
/** Keeps as many instances as it gets for a while. */
const HOLDS_WATCHES = `
import ctypes, time
libc = ctypes.CDLL(None)
count = 0
while count < 512 and libc.inotify_init() >= 0: count += 1
time.sleep(2)`;

/** Tries to use the machine up. Each has limits of its own, so that what holds them back is near, and the host far from full. */
export const usingUp: readonly Attempt[] = [
  {
    name: 'a fork bomb',
    tries: 'doubles itself for ever',
    limits: { processes: 48 },
    options: { timeoutMs: 3000 },
    // The sleep is there before the bomb: later its shell may have no process left for it, and end.
    line: 'sleep 30 & held=$!; bomb() { bomb | bomb & }; bomb 2>/dev/null; wait $held',
    held: async ({ limit }, _host, sandbox) => {
      if (limit !== 'time') throw new Error('it was not ended');
      const { stdout } = await sandbox.exec('ls -d /proc/[0-9]* | wc -l');
      if (Number(stdout) > 15) throw new Error(`${stdout.trim()} processes are left of it`);
    },
  },
  {
    name: 'processes that are kept',
    tries: 'has more processes at once than it may',
    limits: { processes: 40 },
    line: python(`
import os, time
count = 0
try:
    while count < 400:
        if os.fork() == 0: time.sleep(2); os._exit(0)
        count += 1
except OSError: pass
print('PROCESSES', count)`),
    held: ({ stdout }) => mustBeAtMost(stdout, 'PROCESSES', 40),
  },
  {
    name: 'threads',
    tries: 'has more threads at once than it may have processes',
    limits: { processes: 40 },
    line: python(`
import threading, time
count = 0
try:
    while count < 400:
        threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
        count += 1
except RuntimeError: pass
print('THREADS', count, flush=True)
import os; os._exit(0)`),
    held: ({ stdout }) => mustBeAtMost(stdout, 'THREADS', 40),
  },
  {
    name: 'watches of files',
    tries: 'takes all inotify instances that the user who started the sandbox has on the host',
    line: python(`
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
count = 0
while count < 512 and libc.inotify_init() >= 0: count += 1
print('WATCHERS', count, flush=True)`),
    held: async ({ stdout }, host, sandbox) => {
      if (!/WATCHERS \d+/.test(stdout)) throw new Error(`it did not run: ${stdout}`);
      const holding = sandbox.exec(python(HOLDS_WATCHES), { timeoutMs: 5000 });
      await new Promise((resolve) => setTimeout(resolve, 500));
      watch(host.folder).close();
      await holding;
    },
  },
  {
    name: 'a memory bomb',
    tries: 'takes memory without end',
    limits: { memoryBytes: 128 * MiB },
    line: python(`
hoard = []
for n in range(1, 64):
    hoard.append(bytearray(16 * 2 ** 20))
    print('MEMORY', n * 16, flush=True)`),
    held: ({ stdout, limit }) => {
      mustBeAtMost(stdout, 'MEMORY', 128);
      if (limit !== 'memory') throw new Error('what ended it is not known to have been its memory');
    },
  },
  {
    name: 'memory in many processes',
    tries: 'takes memory in processes that are each below the limit',
    limits: { memoryBytes: 128 * MiB },
    line: python(`
import os, time
children = []
for n in range(8):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        hoard = bytearray(48 * 2 ** 20)
        os.write(writer, b'x'); time.sleep(3); os._exit(0)
    os.close(writer)
    children.append((pid, reader))
time.sleep(2)
alive = sum(1 for pid, _ in children if os.waitpid(pid, os.WNOHANG)[0] == 0)
print('MEMORY', alive * 48)`),
    held: ({ stdout, limit }) => {
      if (limit !== 'memory') mustBeAtMost(stdout, 'MEMORY', 128);
    },
  },
  {
    name: 'a full disk',
    tries: 'writes without end to wherever it may',
    limits: { diskBytes: 48 * MiB, memoryBytes: 512 * MiB },
    line: 'n=0; for d in . /tmp /home/agent /dev/shm /var/tmp /run; do for i in 1 2 3; do head -c 20000000 /dev/zero > $d/big$i; done; done 2>/dev/null; cat ./big* /tmp/big* /home/agent/big* /dev/shm/big* 2>/dev/null | wc -c | sed "s/^/BYTES /"',
    // Shared memory has a little room of its own.
    held: ({ stdout }) => mustBeAtMost(stdout, 'BYTES', 64 * MiB + MiB),
  },
  {
    name: 'a large file',
    tries: 'writes a file that is larger than it may be',
    limits: { fileBytes: 8 * MiB },
    line: 'head -c 40000000 /dev/zero > big; wc -c < big | sed "s/^/BYTES /"; truncate -s 1T sparse; wc -c < sparse | sed "s/^/BYTES /"',
    held: ({ stdout }) => mustBeAtMost(stdout, 'BYTES', 8 * MiB),
  },
  {
    name: 'many small files',
    tries: 'uses up the file system with empty files',
    limits: { diskBytes: 16 * MiB },
    options: { timeoutMs: 30_000 },
    line: python(`
count = 0
try:
    while count < 100000:
        open('empty%d' % count, 'w').close()
        count += 1
except OSError: pass
print('FILES', count)`),
    held: ({ stdout }) => mustBeAtMost(stdout, 'FILES', 20_000),
  },
  {
    name: 'processors',
    tries: 'computes on more processors than it may',
    limits: { cpus: 0.5 },
    options: { timeoutMs: 30_000 },
    line: python(`
import os, resource, time
end = time.monotonic() + 2
for _ in range(4):
    if os.fork() == 0:
        while time.monotonic() < end: pass
        os._exit(0)
for _ in range(4): os.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
elapsed = 2 + time.monotonic() - end
print('SHARE', round(100 * (used.ru_utime + used.ru_stime) / elapsed))`),
    // In tenths of a second, and with what was saved up before it began.
    held: ({ stdout }) => mustBeAtMost(stdout, 'SHARE', 75),
  },
  {
    name: 'a flood of output',
    tries: 'writes more than anybody can keep, to both streams, without a line end',
    limits: { outputBytes: 100_000 },
    line: 'head -c 60000000 /dev/zero | tr "\\0" x; head -c 60000000 /dev/zero | tr "\\0" y >&2',
    held: ({ stdout, stderr, dropped }) => {
      if (stdout.length !== 100_000 || stderr.length !== 100_000)
        throw new Error('more was kept than may be');
      if (dropped.stdout !== 59_900_000 || dropped.stderr !== 59_900_000)
        throw new Error('bytes went uncounted');
    },
  },
  {
    name: 'output without end',
    tries: 'never stops writing',
    alone: true,
    options: { timeoutMs: 1500, maxOutputBytes: 1000 },
    line: 'yes',
    held: ({ limit, stdout }) => {
      if (limit !== 'time' || stdout.length !== 1000) throw new Error('it was not ended in time');
    },
  },
  {
    name: 'children that outlive a timeout',
    tries:
      'leaves children behind that hide: in sessions of their own, without a parent, deaf to signals, renamed',
    alone: true,
    options: { timeoutMs: 2000 },
    line: `trap "" TERM HUP INT; setsid sh -c 'trap "" TERM; sleep 971 & sleep 972' & (setsid nohup sleep 973 >/dev/null 2>&1 &); ${python(`
import ctypes, os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b'x) S 1\\n1 (', 0, 0, 0)
        os.environ.clear()
        time.sleep(974)
    os._exit(0)`)}
sleep 975`,
    held: async ({ limit }, _host, sandbox) => {
      if (limit !== 'time') throw new Error('it was not ended');
      const { stdout } = await sandbox.exec('cat /proc/[0-9]*/cmdline | tr "\\0" " "');
      if (/sleep 97\d|END_OF|python/.test(stdout)) throw new Error(`it left children: ${stdout}`);
    },
  },
  {
    name: 'a hold on the output',
    tries: 'keeps its output open from the background, so that nobody ever sees its end',
    alone: true,
    options: { timeoutMs: 20_000 },
    line: 'sleep 600 & setsid sleep 600 & echo done',
    held: ({ limit, exitCode, durationMs }) => {
      if (limit !== undefined || exitCode !== 0 || durationMs > 15_000)
        throw new Error('it kept its caller waiting');
    },
  },
  {
    name: 'zombies',
    tries: 'leaves dead children about that nobody waits for',
    limits: { processes: 64 },
    line: python(`
import os
for _ in range(50):
    if os.fork() == 0:
        os.fork()
        os._exit(0)
print('LEFT')`),
    held: async (_result, _host, sandbox) => {
      const { stdout } = await sandbox.exec('cat /proc/[0-9]*/stat | grep -c " Z "; true');
      if (Number(stdout) > 5) throw new Error(`${stdout.trim()} zombies are left`);
      const { exitCode } = await sandbox.exec('for i in 1 2 3 4 5 6 7 8 9; do true | true; done');
      if (exitCode !== 0) throw new Error('the sandbox is full of zombies');
    },
  },
  {
    name: 'folders without end',
    tries: 'nests folders deeper than a path can say, so that nobody can list or remove them',
    alone: true,
    line: python(`
import os
for _ in range(3000):
    os.mkdir('d'); os.chdir('d')
print('NESTED')`),
    held: async (_result, _host, sandbox) => {
      await sandbox.snapshot().catch((error: Error) => {
        if (error.name !== 'SandboxFileError') throw error;
      });
      if ((await sandbox.exec('true')).exitCode !== 0) throw new Error('the sandbox is lost');
    },
  },
];

function mustBeAtMost(stdout: string, word: string, most: number): void {
  const values = [...stdout.matchAll(new RegExp(`^${word} (\\d+)`, 'gm'))].map(([, value]) => Number(value));
  // Where the limit ended it before it could say a word, it was held.
  for (const value of values) if (value > most) throw new Error(`it got ${value}, and may have ${most}`);
}
