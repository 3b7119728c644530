import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { findProgram, type Programs } from './programs.ts';

/*
 * A filter of system calls (classic BPF, seccomp(2)): what is of no use to a task and has let processes out of sandboxes
 * before, or reaches what no namespace divides: the kernel's keys, its clock and modules, the sockets of its hypervisor.
 */

interface Machine {
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  /** Numbers from here on are another ABI's. */
  readonly foreign?: number;
  readonly prctl: number;
  readonly clone: number;
  readonly socket: number;
  readonly ioctl: number;
  readonly denied: Readonly<Record<string, number>>;
}

/** Numbers that every architecture shares (asm-generic, since Linux 5.1). */
const SHARED = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  mount_setattr: 442,
  quotactl_fd: 443,
};
const CLONE3 = 435;

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: {
    audit: 0xc000003e,
    foreign: 0x40000000,
    prctl: 157,
    clone: 56,
    socket: 41,
    ioctl: 16,
    denied: {
      ...SHARED,
      syslog: 103,
      vhangup: 153,
      pivot_root: 155,
      adjtimex: 159,
      acct: 163,
      settimeofday: 164,
      mount: 165,
      umount2: 166,
      swapon: 167,
      swapoff: 168,
      reboot: 169,
      iopl: 172,
      ioperm: 173,
      init_module: 175,
      delete_module: 176,
      quotactl: 179,
      lookup_dcookie: 212,
      clock_settime: 227,
      kexec_load: 246,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      unshare: 272,
      perf_event_open: 298,
      fanotify_init: 300,
      name_to_handle_at: 303,
      open_by_handle_at: 304,
      clock_adjtime: 305,
      finit_module: 313,
      kexec_file_load: 320,
      bpf: 321,
      userfaultfd: 323,
    },
  },
  arm64: {
    audit: 0xc00000b7,
    prctl: 167,
    clone: 220,
    socket: 198,
    ioctl: 29,
    denied: {
      ...SHARED,
      lookup_dcookie: 18,
      umount2: 39,
      mount: 40,
      pivot_root: 41,
      vhangup: 58,
      quotactl: 60,
      acct: 89,
      unshare: 97,
      kexec_load: 104,
      init_module: 105,
      delete_module: 106,
      clock_settime: 112,
      syslog: 116,
      reboot: 142,
      settimeofday: 170,
      adjtimex: 171,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      swapon: 224,
      swapoff: 225,
      perf_event_open: 241,
      fanotify_init: 262,
      name_to_handle_at: 264,
      open_by_handle_at: 265,
      clock_adjtime: 266,
      finit_module: 273,
      bpf: 280,
      userfaultfd: 282,
      kexec_file_load: 294,
    },
  },
};

/** CLONE_NEW* of every namespace. */
const NEW_NAMESPACES = 0x7e020000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: all of them end in the container's own network. */
const FAMILIES = [1, 2, 10, 16];
/** TIOCSTI and TIOCLINUX, which type into a terminal. */
const TYPING = [0x5412, 0x541c];

const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];
const [LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x06];
const ALLOW = 0x7fff0000;
const refuse = (errno: number) => 0x00050000 | errno;
/** Offsets in struct seccomp_data, of the low halves of arguments (both machines are little-endian). */
const [NUMBER, ARCHITECTURE] = [0, 4];
const argument = (i: number) => 16 + 8 * i;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** @returns the program as the kernel reads it, 8 bytes an instruction; `null` for an architecture that it isn't written for */
function seccompFilter(architecture: string = arch()): Buffer | null {
  const machine = MACHINES[architecture];
  return machine === undefined ? null : encode(instructions(machine));
}

function instructions(machine: Machine): Instruction[] {
  const { audit, foreign, clone, socket, ioctl, denied } = machine;
  return [
    [LOAD, 0, 0, ARCHITECTURE],
    ...unless(EQUAL, audit, ENOSYS),
    [LOAD, 0, 0, NUMBER],
    ...(foreign === undefined ? [] : when(AT_LEAST, foreign, ENOSYS)),
    ...Object.values(denied).flatMap((number) => when(EQUAL, number, EPERM)),
    // Its flags lie in memory, where a filter can't look; without it, programs use clone.
    ...when(EQUAL, CLONE3, ENOSYS),
    ...ofCall(clone, 0, [...when(ANY_BIT, NEW_NAMESPACES, EPERM), [RETURN, 0, 0, ALLOW]]),
    ...ofCall(ioctl, 1, [...TYPING.flatMap((request) => when(EQUAL, request, EPERM)), [RETURN, 0, 0, ALLOW]]),
    ...ofCall(socket, 0, [
      ...FAMILIES.flatMap((family): Instruction[] => [
        [EQUAL, 0, 1, family],
        [RETURN, 0, 0, ALLOW],
      ]),
      [RETURN, 0, 0, refuse(EAFNOSUPPORT)],
    ]),
    [RETURN, 0, 0, ALLOW],
  ];
}

function when(test: number, value: number, errno: number): Instruction[] {
  return [
    [test, 0, 1, value],
    [RETURN, 0, 0, refuse(errno)],
  ];
}

function unless(test: number, value: number, errno: number): Instruction[] {
  return [
    [test, 1, 0, value],
    [RETURN, 0, 0, refuse(errno)],
  ];
}

/** What follows a call's number, with one of its arguments loaded; it must return on every way through. */
function ofCall(number: number, argumentIndex: number, body: Instruction[]): Instruction[] {
  return [[EQUAL, 0, body.length + 1, number], [LOAD, 0, 0, argument(argumentIndex)], ...body];
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, value], i) => {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(ifTrue, i * 8 + 2);
    bytes.writeUInt8(ifFalse, i * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, i * 8 + 4);
  });
  return bytes;
}

/** prctl(PR_SET_NO_NEW_PRIVS), prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, { length, pointer }), exec. */
const PERL = `my ($prctl, $file) = splice @ARGV, 0, 2;
open my $in, "<:raw", $file or exit 125; read $in, my $filter, 65536;
my $program = pack "S x6 P", length($filter) / 8, $filter;
syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $program) == 0 or exit 125;
exec { $ARGV[0] } @ARGV; exit 126`;

/**
 * What runs a command under the filter: the arguments that come before the command's; `null` where neither `setpriv`
 * (from util-linux 2.41 on) nor `perl` is there to load it.
 *
 * @param file  where the filter is written
 */
export function filterLoader(file: string, programs: Programs): string[] | null {
  const filter = seccompFilter();
  const loader = filter && loaderOf(file, programs);
  if (loader) writeFileSync(file, filter, { mode: 0o644 });
  return loader;
}

/** Whether a filter can be loaded on this machine. */
export function canFilter(programs: Programs): boolean {
  return seccompFilter() !== null && loaderOf('', programs) !== null;
}

function loaderOf(file: string, { setpriv }: Programs): string[] | null {
  if (takesFilters(setpriv)) return [setpriv, '--no-new-privs', '--seccomp-filter', file, '--'];
  const perl = findProgram('perl');
  return perl === undefined ? null : [perl, '-e', PERL, '--', String(MACHINES[arch()]!.prctl), file];
}

function takesFilters(setpriv: string): boolean {
  try {
    return execFileSync(setpriv, ['--help'], { encoding: 'utf8' }).includes('--seccomp-filter');
  } catch {
    return false;
  }
}
