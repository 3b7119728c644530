import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BoundedServer, isOwnHost, RequestRefusal, requestPath } from './http-server.ts';

const KIB = 1024;
const servers: BoundedServer[] = [];

afterEach(() => {
  for (const { http } of servers.splice(0)) {
    http.closeAllConnections();
    http.close();
  }
});

async function open(limits: Partial<ConstructorParameters<typeof BoundedServer>[0]> = {}) {
  const all = {
    connections: 8,
    bodyBytes: 64 * KIB,
    allBodiesBytes: 128 * KIB,
    requestMs: 5000,
    ...limits,
  };
  const server = new BoundedServer(all, async (request, response) => {
    if (requestPath(request) === '/fault') throw new Error('a fault of the handler');
    try {
      response.end(JSON.stringify({ got: await server.readJson(request) }));
    } catch (error) {
      const status = error instanceof RequestRefusal ? error.status : 500;
      response.writeHead(status, { connection: 'close' }).end((error as Error).message);
    }
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  return (server.http.address() as AddressInfo).port;
}

function post(port: number, body: string, path = '/') {
  return fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
}

/** A request whose body never ends. */
async function unfinished(port: number, bytes: number) {
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes * 10}\r\n\r\n${'x'.repeat(bytes)}`,
  );
  return socket;
}

describe('a bounded server', () => {
  it('reads JSON, and says what is wrong with a body', async () => {
    const port = await open();
    expect(await (await post(port, '{"a":1}')).json()).toEqual({ got: { a: 1 } });
    expect((await post(port, '{"a":')).status).toBe(400);
    expect((await post(port, JSON.stringify('x'.repeat(70 * KIB)))).status).toBe(413);
  });

  it('refuses bodies while others take all the memory for them, and takes them again afterwards', async () => {
    const port = await open();
    const sockets = await Promise.all([unfinished(port, 50 * KIB), unfinished(port, 50 * KIB)]);
    await expect.poll(async () => (await post(port, JSON.stringify('x'.repeat(50 * KIB)))).status).toBe(503);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await post(port, JSON.stringify('x'.repeat(50 * KIB)))).status).toBe(200);
  });

  it('closes connections beyond its limit and serves the others', async () => {
    const port = await open({ connections: 2 });
    const first = await unfinished(port, 10);
    const sockets = [first, ...(await Promise.all(Array.from({ length: 4 }, () => unfinished(port, 10))))];
    await expect.poll(() => sockets.filter(({ destroyed, closed }) => destroyed || closed).length).toBe(3);
    expect(first.destroyed).toBe(false);
    for (const socket of sockets) socket.destroy();
  });

  it('ends a request that does not arrive in time', async () => {
    const port = await open({ requestMs: 300 });
    const socket = await unfinished(port, 10);
    await once(socket, 'close');
  });

  it('survives a fault of the handler', async () => {
    const port = await open();
    await expect(post(port, '{}', '/fault')).rejects.toThrow();
    expect((await post(port, '{}')).status).toBe(200);
  });
});

describe('the path of a request', () => {
  it.each([
    ['//', '//'],
    ['//evil.example/x', '//evil.example/x'],
    ['/a?b#c', '/a'],
    ['', '/'],
    ['http://[', 'http://['],
    ['/%zz', '/%zz'],
  ])('%s is %s', (url, path) => {
    expect(requestPath({ url })).toBe(path);
  });
});

describe('the host of a request', () => {
  it.each(['localhost', 'LOCALHOST:80', '127.0.0.1:8000', '[::1]:9', 'localhost.'])(
    '%s is our own',
    (host) => {
      expect(isOwnHost(host)).toBe(true);
    },
  );

  it.each([undefined, '', 'evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '[::2]'])(
    '%s is not',
    (host) => {
      expect(isOwnHost(host)).toBe(false);
    },
  );

  it('may be a name that the server was told to listen on', () => {
    expect(isOwnHost('gpu1:8000', ['gpu1'])).toBe(true);
  });
});
