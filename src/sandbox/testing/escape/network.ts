import { type Attempt, python } from './attempt.ts';
import { mustBeEmpty } from './reading.ts';

/** Tries to talk to anybody. The host's own listeners count their callers, and tell them the secret. */
export const network: readonly Attempt[] = [
  {
    name: 'a TCP port of the host',
    tries: "connects to the host's loopback and to its other addresses",
    line: ({ addresses, tcpPort }) =>
      python(connecting(addresses.map((address) => `('${address}', ${tcpPort})`))),
    worksOutside: true,
  },
  {
    name: 'a UDP port of the host',
    tries: 'sends to the same by UDP',
    line: ({ addresses, udpPort }) =>
      python(`
import socket
for address in ${JSON.stringify(addresses)}:
    try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'hello', (address, ${udpPort}))
    except OSError as error: print(error.strerror)`),
  },
  {
    name: 'the internet',
    tries: 'connects to an address outside, and asks for a name',
    line: python(`
import socket
for family, address in ((socket.AF_INET, ('192.0.2.1', 80)), (socket.AF_INET6, ('2001:db8::1', 80, 0, 0))):
    s = socket.socket(family)
    s.settimeout(3)
    try: s.connect(address); print('CONNECTED')
    except TimeoutError: print('SENT')
    except OSError: pass
try: print('RESOLVED', socket.getaddrinfo('example.org', 80))
except OSError: pass`),
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'interfaces',
    tries: 'finds a network interface besides its own loopback',
    line: 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " " | grep -v "^lo$"; tail -n +2 /proc/net/route; true',
    held: ({ stdout }) => mustBeEmpty(stdout),
    worksOutside: true,
  },
  {
    name: 'an interface of its own making',
    tries: 'makes a network interface, and listens to raw packets',
    options: { user: 'root' },
    line: `ip link add escape type veth peer name out 2>/dev/null && echo MADE; ${python(`
import socket
for kind in ((socket.AF_PACKET, socket.SOCK_RAW, 768), (socket.AF_INET, socket.SOCK_RAW, 1)):
    try: socket.socket(*kind); print('RAW')
    except OSError: pass`)}`,
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: "a socket in the host's folder",
    tries: 'connects to a Unix socket by its path',
    line: ({ socket }) => python(connectingUnix([`'${socket}'`])),
    worksOutside: true,
  },
  {
    name: 'sockets of daemons',
    tries: "connects to the sockets of Docker, of the system's bus and of whatever else it finds",
    line: `find / -type s -not -path '/proc/*' 2>/dev/null; ${python(connectingUnix(["'/var/run/docker.sock'", "'/run/docker.sock'", "'/run/dbus/system_bus_socket'", "'/run/systemd/private'", "'/run/containerd/containerd.sock'"]))}`,
    held: ({ stdout }) => {
      if (/CONNECTED|^\//m.test(stdout)) throw new Error(`it reached ${stdout.trim()}`);
    },
  },
  {
    name: 'sockets without a path',
    tries: 'connects to every abstract Unix socket that is listed',
    line: python(`
import re, socket
names = set(re.findall(r'@(\\S+)', open('/proc/net/unix').read()))
for name in names | {'/containerd-shim/escape', '/tmp/.X11-unix/X0'}:
    try: socket.socket(socket.AF_UNIX).connect('\\0' + name); print('CONNECTED', name)
    except OSError: pass`),
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
  {
    name: 'the machine below',
    tries:
      'calls the virtual machine monitor, or the host, by a VM socket, which no network namespace holds back',
    line: python(`
import errno, socket
for cid in (1, 2):
    try:
        s = socket.socket(40, socket.SOCK_STREAM)
        s.settimeout(3)
        s.connect((cid, 1024))
        print('CONNECTED', cid)
    except (TimeoutError, ConnectionResetError, ConnectionRefusedError): print('CALLED', cid)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EAFNOSUPPORT, errno.EACCES, errno.ENODEV): print('TRIED', cid, error)`),
    held: ({ stdout }) => mustBeEmpty(stdout),
  },
];

function connecting(targets: readonly string[]): string {
  return `
import socket
for target in (${targets.join(', ')},):
    s = socket.socket()
    s.settimeout(3)
    try:
        s.connect(target)
        print('CONNECTED', s.recv(100).decode())
    except OSError as error: print(error.strerror)`;
}

function connectingUnix(paths: readonly string[]): string {
  return `
import socket
for path in (${paths.join(', ')},):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(3)
    try:
        s.connect(path)
        print('CONNECTED', s.recv(100).decode())
    except OSError as error: print(error.strerror)`;
}
