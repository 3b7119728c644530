import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trainingPackages } from './packages.ts';

test('the versions that doctor wants are those that the training script wants', () => {
  const script = readFileSync(new URL('./python/train.py', import.meta.url), 'utf8');
  const [, written] = /OLDEST = (\{.*\})/.exec(script)!;
  const wanted = Object.entries(JSON.parse(written!) as Record<string, string>);
  expect(trainingPackages().packages).toEqual(wanted.map(([name, oldest]) => `'${name}>=${oldest}'`));
});
