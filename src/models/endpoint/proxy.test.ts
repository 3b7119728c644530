import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

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
