import { gemini } from '../../../agent/bridge/gemini.ts';
import { Bridge } from '../../../agent/bridge/server.ts';
import { post } from '../../../agent/bridge/testing/bridge-client.ts';
import { scriptedSession } from '../../../agent/bridge/testing/session.ts';
import { python } from './attempt.ts';

/** A try to end or to fill stemma's process through the bridge: its socket is all of the host that an inside can reach. */
export interface BridgeAttack {
  readonly name: string;
  readonly tries: string;
  /** The shell line that tries it; `SOCKET` is where the socket is inside. */
  readonly line: string;
}

/** Where the socket is inside. */
export const SOCKET = '/bridge/s';
const PATH = '/v1beta/models/g:generateContent';
/** What a session may keep of all that was sent to it, and what the process may have grown by meanwhile. */
const MOST_NOTES = 100;
const MOST_CHARACTERS = 40_000;
const MOST_GROWTH = 400 * 2 ** 20;

/** Python that talks to the bridge: `send(*parts)` on a connection of its own, which stays open. */
const CLIENT = `
import socket, time
held = []
def send(*parts):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(0.5)
    held.append(s)
    try:
        s.connect('${SOCKET}')
        for part in parts: s.sendall(part)
    except OSError: pass
    return s
def answer(s):
    try: return s.recv(4096)
    except OSError: return b''
`;

export const bridgeAttacks: readonly BridgeAttack[] = [
  {
    name: 'paths that are not paths',
    tries: 'asks for addresses that no URL can hold, so that whoever parses them fails',
    line: python(`${CLIENT}
for path in [b'//', b'///', b'//host:port/x', b'/%zz', b'*', b'http://[', b'/' + b'a/../' * 900, b'/\\xff\\xfe', b'?', b'#']:
    for method in [b'GET', b'POST', b'OPTIONS', b'CONNECT']:
        answer(send(method + b' ' + path + b' HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 0\\r\\n\\r\\n'))
        held.pop().close()`),
  },
  {
    name: 'what is not HTTP',
    tries: 'sends bytes, headers and upgrades that no client would',
    line: python(`${CLIENT}
for text in [b'\\x00' * 5000, b'GET\\r\\n\\r\\n', b'GET / HTTP/9.9\\r\\n\\r\\n', b'GET / HTTP/1.1\\r\\nhost: ' + b'x' * 200000 + b'\\r\\n\\r\\n',
             b'GET / HTTP/1.1\\r\\nhost: x\\r\\n' + b'a: b\\r\\n' * 50000 + b'\\r\\n', b'POST ${PATH} HTTP/1.1\\r\\nhost: x\\r\\ntransfer-encoding: chunked\\r\\n\\r\\nzz\\r\\n',
             b'GET / HTTP/1.1\\r\\nhost: x\\r\\nupgrade: websocket\\r\\nconnection: upgrade\\r\\n\\r\\n', b'POST ${PATH} HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: -1\\r\\n\\r\\n',
             b'POST ${PATH} HTTP/1.1\\r\\nhost: x\\r\\nexpect: 200-maybe\\r\\ncontent-length: 5\\r\\n\\r\\nabcde']:
    answer(send(text))
    held.pop().close()`),
  },
  {
    name: 'unknown paths',
    tries: 'asks for thousands of long paths that are not served, each of which might be noted',
    line: python(`${CLIENT}
for round in range(20):
    s = send()
    for n in range(100):
        try:
            s.sendall(b'GET /' + b'%d' % n + b'x' * 8000 + b' HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')
            s.recv(65536)
        except OSError: break
    s.close()`),
  },
  {
    name: 'bodies that never end',
    tries: 'begins two dozen large bodies and finishes none',
    line: python(`${CLIENT}
part = b'[' * 2 ** 20
for n in range(24):
    send(b'POST ${PATH} HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 62914560\\r\\n\\r\\n', *[part] * 8)
time.sleep(1)`),
  },
  {
    name: 'bodies that are deep',
    tries: 'sends JSON that is nested deeper than a recursion can go',
    line: python(`${CLIENT}
for body in [b'[' * 300000 + b']' * 300000, b'{"a":' * 200000 + b'1' + b'}' * 200000,
             b'{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"t","parameters":' + b'{"a":' * 100000 + b'1' + b'}' * 100000 + b'}]}]}']:
    answer(send(b'POST ${PATH} HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: %d\\r\\n\\r\\n' % len(body), body))`),
  },
  {
    name: 'silent connections',
    tries: 'opens hundreds of connections and says nothing on them',
    line: python(`${CLIENT}
for n in range(300): send()
time.sleep(1)`),
  },
];

/** The host's end of a bridge with a session, as a trial has one. */
export async function openBridge() {
  const bridge = await Bridge.open(gemini);
  const { session } = scriptedSession(() => 'Done.');
  bridge.attach(session);
  const before = process.memoryUsage.rss();
  return {
    socket: bridge.socket,
    /** @throws Error saying what the attack achieved */
    async mustBeWell(): Promise<void> {
      const { unserved } = session;
      const characters = unserved.join('').length;
      if (unserved.length > MOST_NOTES || characters > MOST_CHARACTERS)
        throw new Error(`it left ${unserved.length} notes of ${characters} characters`);
      const growth = process.memoryUsage.rss() - before;
      if (growth > MOST_GROWTH) throw new Error(`the process grew by ${Math.round(growth / 2 ** 20)} MiB`);
      // Its connections went with the attack; a CLI is served again.
      const body = { contents: [{ role: 'user', parts: [{ text: 'Do the task.' }] }] };
      for (let tries = 0; ; tries++) {
        const { status } = await post(bridge.socket, PATH, body).catch(() => ({ status: 0 }));
        if (status === 200) return;
        if (tries === 20) throw new Error(`a call is answered with ${status}`);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}
