import { expect, test } from 'vitest';
import { livenessOf } from './slurm.ts';

const answer = (output: string, error = '', code = error === '' ? 0 : 1) => ({ code, output, error });

test.each([
  ['RUNNING|None', { state: 'running' }],
  ['COMPLETING|None', { state: 'running' }],
  ['SUSPENDED|None', { state: 'waiting', why: /suspended.*goes on when it is resumed/ }],
  ['PENDING|Resources', { state: 'waiting' }],
  ['PENDING|PartitionTimeLimit', { state: 'waiting', why: /wait for ever \(PartitionTimeLimit\)/ }],
  ['CANCELLED|None', { state: 'gone', why: /cancelled/, final: true }],
  ['OUT_OF_MEMORY|OutOfMemory', { state: 'gone', why: /more memory/ }],
  ['', { state: 'gone', why: /knows job 7 no more/ }],
])('squeue says %j', (output, { why, ...expected }: { state: string; why?: RegExp; final?: boolean }) => {
  const said = livenessOf('7', answer(output), { isLate: false });
  expect(said).toMatchObject(expected);
  if (why === undefined) expect(said.why).toBeUndefined();
  else expect(said.why).toMatch(why);
});

test('a job that Slurm forgot is gone; a controller that cannot be asked says nothing of it', () => {
  expect(livenessOf('7', answer('', 'Invalid job id specified'), { isLate: false }).state).toBe('gone');
  const lost = livenessOf('7', answer('', 'Unable to contact slurm controller (connect failure)'), {
    isLate: false,
  });
  expect(lost).toMatchObject({ state: 'unknown', why: expect.stringContaining('it is asked again') });
  expect(livenessOf('7', answer('PENDING|Priority'), { isLate: true }).why).toBe(
    'job 7 still waits in the queue (Priority)',
  );
});
