import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf, type Sample } from '../core/index.ts';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import { exampleManifest, newFolder } from './testing/example-run.ts';

const sample = (id: string, text = `What of ${id}?`): Sample => ({
  id,
  cluster: `é/${id.length}`,
  input: [{ role: 'user', content: text }],
  metadata: { n: 1 },
});
const IDS = ['a', '"quoted"', 'ü\n😀', 'x'.repeat(4000)];

test('samples are kept once, in order, and read by their ids, also before they are on disk', async () => {
  using folder = newFolder();
  await using writer = await createRun(folder.path, exampleManifest);
  const samples = await writer.samples('refusals');
  const puts = IDS.map((id) => samples.put(sample(id)));
  expect(samples.read('a')).toEqual(sample('a'));
  await Promise.all(puts);
  await samples.put(sample('a'));
  expect(samples.size).toBe(4);
  await writer.close();

  using run = await openRun(folder.path);
  await using read = await run.samples('refusals');
  expect([...read.ids()]).toEqual(IDS);
  for (const id of IDS) {
    expect(read.read(id)).toEqual(sample(id));
    expect(read.digest(id)).toBe(digestOf(sample(id)));
    expect(read.cluster(id)).toBe(sample(id).cluster);
  }
  expect(read.damaged).toEqual([]);
  expect((await run.samples('other')).size).toBe(0);
  expect(() => read.read('none')).toThrow('"none" can\'t be read');
});

test('members of the format that a plugin put into a sample do not count; what else it put there is kept', async () => {
  using folder = newFolder();
  const told = { ...sample('a'), digest: 'not hex', crc32: '00000000', target: 'x' };
  {
    await using writer = await createRun(folder.path, exampleManifest);
    const samples = await writer.samples('refusals');
    await samples.put(told);
    expect(samples.read('a')).toEqual({ ...sample('a'), target: 'x' });
  }
  using run = await openRun(folder.path);
  await using read = await run.samples('refusals');
  expect(read.digest('a')).toBe(digestOf(sample('a')));
  expect(read.read('a')).toEqual({ ...sample('a'), target: 'x' });
});

test('another sample with the same id is refused; a damaged line is named, and its sample can be put again', async () => {
  using folder = newFolder();
  const file = join(folder.path, 'samples', 'refusals.jsonl');
  {
    await using writer = await createRun(folder.path, exampleManifest);
    const samples = await writer.samples('refusals');
    for (const id of ['a', 'b', 'c']) await samples.put(sample(id));
    await expect(samples.put(sample('a', 'Other?'))).rejects.toMatchObject({ place: { file } });
  }
  writeFileSync(file, readFileSync(file, 'utf8').replace('What of b?', 'What of c?'));
  appendFileSync(file, '{"id":"torn');
  await using writer = await openRunWriter(folder.path, ['elicit']);
  const samples = await writer.samples('refusals');
  expect([...samples.ids()]).toEqual(['a', 'c']);
  expect(samples.damaged).toEqual([2]);
  await samples.put(sample('b'));
  expect(samples.read('b')).toEqual(sample('b'));
  expect(samples.read('c')).toEqual(sample('c'));
});

test('samples belong to the role that asks the stages, and links are not followed', async () => {
  using folder = newFolder();
  await using writer = await createRun(folder.path, exampleManifest, ['elicit']);
  await using other = await openRunWriter(folder.path);
  await expect(other.samples('refusals')).rejects.toThrow('is asking the stages');
  symlinkSync(folder.parent, join(folder.path, 'samples'));
  await expect(writer.samples('refusals')).rejects.toThrow('this is a link');
});
