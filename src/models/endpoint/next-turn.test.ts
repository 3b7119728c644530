import { expect, test } from 'vitest';
import { inNextTurn } from './next-turn.ts';

test('all that was given in one turn is called in the next one, in order; what comes meanwhile, in the one after', async () => {
  const called: string[] = [];
  const twoTurns = new Promise<void>((resolve) => {
    inNextTurn(() => {
      called.push('a');
      inNextTurn(() => {
        called.push('c');
        resolve();
      });
    });
    inNextTurn(() => called.push('b'));
  });
  called.push('before');
  await Promise.resolve();
  expect(called).toEqual(['before']);
  await twoTurns;
  expect(called).toEqual(['before', 'a', 'b', 'c']);
});
