import { describe, expect, test } from 'vitest';
import { isPromptRefusal, serverMessage, shorten, statusFault } from './fault.ts';

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
    [501, '', 'rejected', false],
    [529, '', 'server', true],
    [302, '', 'rejected', false],
  ])('%i %s is %s', (status, text, kind, retry) => {
    expect(statusFault(status, text)).toMatchObject({ kind, retry, status });
  });

  test('what counts as congestion', () => {
    const congested = [429, 500, 502, 503, 529].filter((status) => statusFault(status, '').congested);
    expect(congested).toEqual([429, 503, 529]);
  });
});

describe('isPromptRefusal', () => {
  test.each([
    [400, { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } }, true],
    [400, { code: 'content_policy_violation' }, true],
    [400, { code: 'invalid_prompt', message: 'flagged as potentially violating our usage policy' }, true],
    [400, { code: 'invalid_prompt', message: 'Messages must not be empty' }, false],
    [403, { message: 'flagged', metadata: { reasons: ['violence'], flagged_input: '…' } }, true],
    [403, { message: 'no access' }, false],
    [400, { code: 'context_length_exceeded' }, false],
    [500, { code: 'content_filter' }, false],
  ])('%i %j: %s', (status, error, refusal) => {
    expect(isPromptRefusal(status, { error })).toBe(refusal);
  });

  test('bodies that say nothing', () => {
    for (const body of [undefined, null, 'no', [], { error: 'no' }])
      expect(isPromptRefusal(400, body)).toBe(false);
  });
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
