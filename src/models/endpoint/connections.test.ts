import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answers, MisbehavingServer } from '../testing/misbehaving-server.ts';
import { Cancellation } from './cancellation.ts';
import { openConnections, proxyFor } from './connections.ts';
import { post } from './transport.ts';

describe('proxyFor', () => {
  const env = {
    HTTPS_PROXY: 'http://p:1',
    http_proxy: 'http://p:2',
    NO_PROXY: 'gpu1,.lab.org, 10.0.0.5:8000',
  };

  test.each([
    ['https://api.openai.com', 'http://p:1'],
    ['http://example.org', 'http://p:2'],
    ['http://gpu1:8000', undefined],
    ['http://x.lab.org', undefined],
    ['http://10.0.0.5:8000', undefined],
    ['http://10.0.0.5:9000', 'http://p:2'],
    ['http://127.0.0.1:8000', undefined],
    ['http://localhost:8000', undefined],
    ['http://[::1]:8000', undefined],
  ])('%s through %s', (url, proxy) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });

  test('no proxy set, or none for anything', () => {
    expect(proxyFor(new URL('https://x.org'), {})).toBeUndefined();
    expect(proxyFor(new URL('https://x.org'), { HTTPS_PROXY: 'http://p:1', no_proxy: '*' })).toBeUndefined();
  });
});

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
  const origin = 'http://models.example:80';
  const connections = openConnections(new URL(origin), limits, { HTTP_PROXY: `http://127.0.0.1:${port}` });
  const call = new Cancellation(new AbortController().signal);
  const request = { origin: 'http://models.example', path: '/v1', headers: [], body: '{}' };
  expect(await post(connections, request, limits, call)).toMatchObject({ status: 200, text: 'through' });
  expect(asked).toEqual(['models.example:80']);
  await connections.destroy();
  proxy.closeAllConnections();
  proxy.close();
});
