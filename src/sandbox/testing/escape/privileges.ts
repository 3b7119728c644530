import { readFileSync } from 'node:fs';
import { type Attempt, KERNEL_CALLS, python } from './attempt.ts';
import { mustBeEmpty } from './reading.ts';
import { mustAllFail } from './writing.ts';

/** Tries to become more than it is, and to touch other processes, the clock and the kernel. */
export const privileges: readonly Attempt[] = [
  {
    name: 'capabilities',
    tries: 'uses a capability, or gets one',
    line: 'grep -E "^(Cap(Eff|Prm|Inh|Amb)|NoNewPrivs)" /proc/self/status',
    held: ({ stdout }) => {
      const values = stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/));
      if (values.length !== 5) throw new Error(`nothing was tried: ${stdout}`);
      for (const [name, value] of values)
        if (name === 'NoNewPrivs:' ? value !== '1' : !/^0+$/.test(value ?? ''))
          throw new Error(`${name} is ${value}`);
    },
  },
  {
    name: 'a program that runs as its owner',
    tries: 'becomes root by set-user-id programs: its own, su, mount, passwd',
    line: 'cp /bin/sh s && chmod 6755 s && ./s -p -c "id -u"; for p in su sudo pkexec newgrp passwd; do (echo; echo) | timeout 5 $p -c "id -u" 2>/dev/null; done; python3 -c "import os; os.setuid(0); print(0)" 2>/dev/null; true',
    held: ({ stdout }) => {
      if (/^0$/m.test(stdout)) throw new Error('it became root');
    },
  },
  {
    name: 'capabilities of a file',
    tries: 'gives a program of its own capabilities, and runs it',
    options: { user: 'root' },
    line: "cp /bin/cat /tmp/c; setcap cap_sys_admin,cap_dac_read_search+ep /tmp/c && echo SET; python3 -c \"import os; os.setxattr('/tmp/c', 'security.capability', bytes.fromhex('0100000200002000000000000000000000000000')); print('SET')\" 2>/dev/null; true",
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'signals to a process of the host',
    tries: 'kills a process of the host by its id there',
    line: ({ pid }) =>
      `kill -STOP ${pid}; kill -KILL ${pid}; kill -KILL ${process.pid}; kill -KILL ${process.ppid}`,
  },
  {
    name: 'signals to everybody',
    tries: 'kills every process that it may signal',
    alone: true,
    line: 'kill -KILL -1; true',
  },
  {
    name: 'signals to everybody, as root of the inside',
    tries: 'kills every process that root of the inside may signal, the first one too',
    alone: true,
    mayEnd: true,
    options: { user: 'root' },
    line: 'kill -KILL 1; kill -KILL -1; true',
  },
  {
    name: 'tracing',
    tries: 'attaches to processes of the host and to the first one inside, as a debugger does',
    line: ({ pid }) =>
      python(`${KERNEL_CALLS}
call('attach', 101, 16, 1, 0, 0)
call('seize', 101, 0x4206, 1, 0, 0)
call('attach', 101, 16, ${pid}, 0, 0)
local, remote, there = (ctypes.c_char * 8)(), (ctypes.c_ulong * 2)(0x400000, 8), (ctypes.c_ulong * 2)()
there[0], there[1] = ctypes.addressof(local), 8
call('process_vm_readv', 310, 1, ctypes.byref(there), 1, ctypes.byref(remote), 1, 0)`),
    held: ({ stdout }) => mustAllFail(stdout),
  },
  {
    name: 'namespaces of the host',
    tries: 'shares a namespace with the host: processes, network, mounts, shared memory, names',
    line: 'for n in pid net mnt ipc uts; do readlink /proc/self/ns/$n; done',
    held: ({ stdout }, host) => {
      const inside = stdout.trim().split('\n');
      if (inside.length !== 5) throw new Error(`nothing was tried: ${stdout}`);
      for (const kind of ['pid', 'net', 'mnt', 'ipc', 'uts'])
        if (inside.includes(host.namespace(kind)))
          throw new Error(`it is in the host's ${host.namespace(kind)}`);
    },
  },
  {
    name: 'namespaces entered',
    tries: 'enters the namespaces of the first process it sees, and of the host',
    options: { user: 'root' },
    line: ({ file, pid }) =>
      `for p in 1 ${pid}; do nsenter --target $p --mount --pid -- cat ${file}; nsenter --target $p --net -- echo ENTERED; done 2>/dev/null; true`,
    // Root of the inside may well enter the namespaces that it is in already.
    held: ({ stdout }) => mustBeEmpty(stdout.replaceAll('ENTERED', '')),
  },
  {
    name: 'processes of the host seen',
    tries: 'sees processes of the host',
    line: ({ pid }) => `ps -e | wc -l; grep -l sleep /proc/${pid}/comm 2>/dev/null; cat /proc/[0-9]*/comm`,
    held: ({ stdout }) => {
      for (const name of ['node', 'vitest', 'dockerd', 'systemd', 'kthreadd'])
        if (stdout.split('\n').includes(name)) throw new Error(`it sees ${name}`);
    },
  },
  {
    name: 'priority',
    tries: 'makes itself more important than the host: niceness, real time, the last to die without memory',
    line: 'renice -n -10 -p $$ >/dev/null 2>&1 && echo NICE; chrt -f 50 true 2>/dev/null && echo REALTIME; (echo -1000 > /proc/self/oom_score_adj) 2>/dev/null && echo UNKILLABLE; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'limits raised',
    tries: 'lifts its own limits',
    line: 'before=$(ulimit -Hf); ulimit -f unlimited 2>/dev/null && [ "$before" != unlimited ] && echo LIFTED; prlimit --fsize=unlimited:unlimited --nproc=unlimited:unlimited --pid $$ 2>/dev/null && [ "$before" != unlimited ] && echo LIFTED; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'the clock',
    tries: "sets the machine's clock (to what it says)",
    options: { user: 'root' },
    line: `date -s "$(date)" >/dev/null 2>&1 && echo SET; ${python(`${KERNEL_CALLS}
import time
now = (ctypes.c_long * 2)(int(time.time()), 0)
call('clock_settime', 227, 0, ctypes.byref(now))
call('settimeofday', 164, ctypes.byref(now), 0)`)}`,
    held: ({ stdout }) => {
      if (stdout.includes('SET')) throw new Error('the clock was set');
      mustAllFail(stdout);
    },
  },
  {
    name: 'the name of the machine',
    tries: 'renames the machine',
    options: { user: 'root' },
    line: 'hostname escaped 2>/dev/null; (echo escaped > /proc/sys/kernel/hostname) 2>/dev/null; true',
    held: () => {
      if (readFileSync('/proc/sys/kernel/hostname', 'utf8').trim() === 'escaped')
        throw new Error('the host was renamed');
    },
  },
  {
    name: 'the kernel itself',
    tries: 'loads a module and another kernel, swaps, keeps accounts, reads the log, reaches ports',
    options: { user: 'root' },
    line: python(`${KERNEL_CALLS}
call('init_module', 175, 0, 0, b'')
call('delete_module', 176, b'no_such_module', 0)
call('kexec_load', 246, 0, 0, 0, 0)
call('swapon', 167, b'/no/such/file', 0)
call('acct', 163, b'/no/such/file')
call('syslog', 103, 3, ctypes.create_string_buffer(64), 64)
call('iopl', 172, 3)
call('ioperm', 173, 0x80, 1, 1)
call('bpf', 321, 0, 0, 0)
call('quotactl', 179, 0x800002 << 8, b'/no/such/file', 0, 0)`),
    held: ({ stdout }) => mustAllFail(stdout),
  },
  {
    name: "other people's keys",
    tries: "reads the keys that the kernel keeps for the host's users",
    line: python(`${KERNEL_CALLS}
call('keyctl', 250, 0, -4, 0)
call('add_key', 248, b'user', b'stemma', b'x', 1, -4)
call('request_key', 249, b'user', b'stemma', 0, 0)`),
    held: ({ stdout }) => mustAllFail(stdout),
  },
];
