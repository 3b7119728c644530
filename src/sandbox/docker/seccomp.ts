import { arch } from 'node:os';

/*
 * The filter of system calls that containers run under, in place of Docker's own. Docker's differs from version to version:
 * up to 20.10 it lets a container call the hypervisor by a VM socket, which no network namespace holds back, and use io_uring,
 * by which files are opened unseen. Everything that Docker's refuses to a container without capabilities is refused here too.
 */

/** Libseccomp's names; calls of another ABI (32 bits, say) are not in the list and end the caller. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  arm64: 'SCMP_ARCH_AARCH64',
  x64: 'SCMP_ARCH_X86_64',
};

/** What only an administrator of the machine has a use for, or has let processes out of containers before. */
const REFUSED = [
  ...[
    'acct',
    'adjtimex',
    'clock_adjtime',
    'clock_adjtime64',
    'clock_settime',
    'clock_settime64',
    'settimeofday',
    'stime',
  ],
  ...['add_key', 'keyctl', 'request_key', 'bpf', 'perf_event_open', 'userfaultfd', 'kcmp', 'lookup_dcookie'],
  ...['create_module', 'delete_module', 'finit_module', 'init_module', 'query_module', 'get_kernel_syms'],
  ...[
    'fsconfig',
    'fsmount',
    'fsopen',
    'fspick',
    'mount',
    'mount_setattr',
    'move_mount',
    'open_tree',
    'pivot_root',
  ],
  ...['umount', 'umount2', 'setns', 'unshare', 'fanotify_init', 'name_to_handle_at', 'open_by_handle_at'],
  ...['get_mempolicy', 'mbind', 'migrate_pages', 'move_pages', 'set_mempolicy', 'set_mempolicy_home_node'],
  ...[
    'io_uring_enter',
    'io_uring_register',
    'io_uring_setup',
    'ioperm',
    'iopl',
    'kexec_file_load',
    'kexec_load',
  ],
  ...[
    'nfsservctl',
    'process_madvise',
    'process_vm_readv',
    'process_vm_writev',
    'quotactl',
    'quotactl_fd',
    'reboot',
  ],
  ...['swapoff', 'swapon', 'sysfs', '_sysctl', 'syslog', 'uselib', 'ustat', 'vhangup', 'vm86', 'vm86old'],
];
/** CLONE_NEW*: time, mount, cgroup, uts, ipc, user, pid, net. */
const NAMESPACES = [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000];
/** AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK: all of them end in the container's own network. */
const FAMILIES = [1, 2, 10, 16];
/** AF_MAX of today's Linux; above it, everything is refused. */
const FAMILIES_END = 47;
/** TIOCSTI and TIOCLINUX type into a terminal. */
const TYPING = [0x5412, 0x541c];
const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ERRNO';
  readonly errnoRet: number;
  readonly args?: readonly { index: number; value: number; valueTwo?: number; op: string }[];
}

/** The profile as Docker reads it; `null` where it isn't written for the architecture, and Docker's own must do. */
export function seccompProfile(architecture: string = arch()): string | null {
  const name = ARCHITECTURES[architecture];
  if (name === undefined) return null;
  const syscalls = [
    refuse(REFUSED, EPERM),
    // Its flags lie in memory, where a filter can't look; without it, programs use clone.
    refuse(['clone3'], ENOSYS),
    ...NAMESPACES.map((bit) =>
      refuse(['clone'], EPERM, { index: 0, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' }),
    ),
    ...TYPING.map((request) => refuse(['ioctl'], EPERM, { index: 1, value: request, op: 'SCMP_CMP_EQ' })),
    ...Array.from({ length: FAMILIES_END }, (_, family) => family)
      .filter((family) => !FAMILIES.includes(family))
      .map((family) => refuse(['socket'], EAFNOSUPPORT, { index: 0, value: family, op: 'SCMP_CMP_EQ' })),
    refuse(['socket'], EAFNOSUPPORT, { index: 0, value: FAMILIES_END, op: 'SCMP_CMP_GE' }),
  ];
  return JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures: [name], syscalls });
}

function refuse(
  names: readonly string[],
  errnoRet: number,
  argument?: NonNullable<SeccompRule['args']>[number],
): SeccompRule {
  return { names, action: 'SCMP_ACT_ERRNO', errnoRet, ...(argument && { args: [argument] }) };
}
