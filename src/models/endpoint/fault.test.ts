import { describe, expect, test } from 'vitest';
import { serverMessage, shorten, statusFault } from './fault.ts';

describe('statusFault', () => {
  test.each([
    [400, '{"error": {"message": "bad"}}', 'rejected', false],
    [400, '{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}', 'auth', false],
    [400, '{"error": {"message": "Your credit balance is too low"}}', 'auth', false],
    [401, '', 'auth', false],
    [402, '', 'auth', false],
    [403, '', 'auth', false],
    [404, '', 'not-found', false],
    [408, '', 'timeout', true],
    [409, '', 'server', true],
    [429, '', 'rate-limit', true],
    [429, '{"error": {"code": "insufficient_quota"}}', 'auth', false],
    [500, '', 'server', true],
    [
      400,
      '{"error": {"message": "bad", "param": "why does invalid_api_key come with insufficient_quota?"}}',
      'rejected',
      false,
    ],
    [
      422,
      '{"detail": [{"msg": "too short", "input": "insufficient_quota invalid_api_key"}]}',
      'rejected',
      false,
    ],
    [501, '', 'rejected', false],
    [529, '', 'server', true],
    [302, '', 'rejected', false],
  ])('%i %s is %s', (status, text, kind, retry) => {
    expect(statusFault(status, text)).toMatchObject({ kind, retry, status });
  });

  test.each([
    '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
    '{"error":"Model org/name is currently loading","estimated_time":20.0}',
    '{"detail": "the model is still being loaded"}',
  ])('a server that loads its model is not there yet: %s', (text) => {
    expect(statusFault(503, text)).toMatchObject({
      ...{ kind: 'connection', absent: true, retry: true, congested: false },
      message: expect.stringMatching(/^the server is loading its model \(503\): /),
    });
    expect(statusFault(500, text)).not.toHaveProperty('absent');
    expect(statusFault(503, '{"error": "too many requests, shed load"}')).toMatchObject({ kind: 'server' });
  });

  test('what counts as congestion', () => {
    const congested = [429, 500, 502, 503, 529].filter((status) => statusFault(status, '').congested);
    expect(congested).toEqual([429, 503, 529]);
  });
});

test('a 403 in a page is a firewall’s, and says what the page says', () => {
  const page =
    '<!DOCTYPE html><html><title>Attention Required!</title><body>You have been blocked</body></html>';
  expect(statusFault(403, page).message).toBe(
    'a page, as a firewall writes it, forbids the request (403): Attention Required! You have been blocked',
  );
  expect(statusFault(403, '{"error": "no"}').message).toBe('the server forbids the request (403): no');
});

describe('serverMessage', () => {
  test.each([
    ['{"error": {"message": "a"}}', 'a'],
    ['{"error": "a"}', 'a'],
    ['{"message": "a"}', 'a'],
    ['{"detail": "a"}', 'a'],
    ['<html><style>p {}</style><h1>502</h1>\n Bad   Gateway</html>', '502 Bad Gateway'],
    ['', ''],
  ])('%s', (text, said) => {
    expect(serverMessage(text)).toBe(said);
  });

  test('long ones are cut, and say so', () => {
    expect(shorten('x'.repeat(12), 10)).toBe('xxxxxxxxxx… (2 more characters)');
  });
});
