import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { answers, MisbehavingServer } from '../testing/misbehaving-server.ts';
import { Cancellation } from './cancellation.ts';
import { openProxiedConnections } from './proxied-connections.ts';
import { post } from './transport.ts';

test('a proxy is tunnelled through', async () => {
  await using server = await MisbehavingServer.start(answers(200, 'through'));
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url!);
    const upstream = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on('error', () => {});
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  const limits = { concurrency: 2, timeoutMs: 5000, idleTimeoutMs: 5000, maxBodyBytes: 1000 };
  const connections = openProxiedConnections(`http://127.0.0.1:${port}`, limits);
  const call = new Cancellation(new AbortController().signal);
  const request = { origin: 'http://models.example', path: '/v1', headers: [], body: '{}' };
  expect(await post(connections, request, limits, call)).toMatchObject({ status: 200, text: 'through' });
  expect(asked).toEqual(['models.example:80']);
  await connections.destroy();
  proxy.closeAllConnections();
  proxy.close();
});
