import { afterEach, expect, test, vi } from 'vitest';
import { sayImport, tellImport } from './import-progress.ts';

afterEach(() => vi.restoreAllMocks());

test('an import says how far it is every ten seconds, and a short one says nothing', () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  let now = 0;
  const { onRead, onWritten } = sayImport(() => now);
  for (; now <= 12_000; now += 4_000) onRead(now);
  onRead(13_000);
  now = 21_999;
  onWritten({ trials: 1, ratings: 2 });
  now = 22_000;
  onWritten({ trials: 1024, ratings: 1 });
  onWritten({ trials: 2048, ratings: 2 });
  expect(said).toEqual(['12,000 results read\n', '1,024 trials and 1 rating written\n']);
});

test('to a program it tells both once a second', () => {
  const told: object[] = [];
  let now = 0;
  const { onRead, onWritten } = tellImport(
    (event, members) => told.push({ event, ...members }),
    { source: 'a.csv', run: 'runs/a' },
    () => now,
  );
  onRead(1);
  now = 1000;
  onRead(500);
  onRead(1000);
  now = 2500;
  onWritten({ trials: 10, ratings: 20 });
  now = 3499;
  onWritten({ trials: 20, ratings: 40 });
  expect(told).toEqual([
    { event: 'progress', step: 'reading', source: 'a.csv', results: 500 },
    { event: 'progress', step: 'writing', run: 'runs/a', trials: 10, ratings: 20 },
  ]);
});
