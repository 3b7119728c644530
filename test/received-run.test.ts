import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stemma } from './stemma-process.ts';

/** Run folders that somebody else made, and that are not whole: what is said of them must be true of an import. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-received-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Twelve samples at `base`, and as many at `sft` as asked. */
async function imported(name: string, atSft: number): Promise<string> {
  const rows = [...Array(12).keys()].flatMap((sample) => [
    `base,s${sample},${sample % 2}`,
    ...(sample < atSft ? [`sft,s${sample},1`] : []),
  ]);
  const table = join(folder, `${name}.csv`);
  await writeFile(table, `stage,sample,value\n${rows.join('\n')}\n`);
  const run = join(folder, name);
  const { code } = await stemma('import', 'csv', table, '--into', run, '--chain', 'base,sft').ended;
  expect(code).toBe(0);
  return run;
}

it('an import whose stages have not the same samples is not said to be one that `stemma run` goes on with', async () => {
  const { stdout, stderr } = await stemma('status', await imported('uneven', 8)).ended;
  expect(stdout).toContain('imported · sft   8 of 12');
  expect(stderr).toContain('findings');
  expect(stdout + stderr).not.toContain('stemma run');
});

it('says that transcripts are gone, where ratings of them are there, and what to do', async () => {
  const run = await imported('gone', 12);
  await rm(join(run, 'transcripts'), { recursive: true });
  const { code, stdout } = await stemma('findings', run).ended;
  expect(code).toBe(0);
  const words = stdout.replaceAll(/\s+/g, ' ');
  expect(words).toContain('24 trials were rated and have no transcript in this folder');
  expect(words).toContain('Restore the folder "transcripts" of the run from a copy, or import again.');
  expect(words).toContain('Nothing can be said yet: no trial has a value.');
});

it('says that the ratings of a rater are gone, and that another one makes the headlines', async () => {
  const rows = [...Array(12).keys()].flatMap((sample) =>
    ['judge', 'other'].map((rater) => `base,s${sample},${sample % 2},${rater}`),
  );
  const table = join(folder, 'two.csv');
  await writeFile(table, `stage,sample,value,rater\n${rows.join('\n')}\n`);
  const run = join(folder, 'two');
  expect((await stemma('import', 'csv', table, '--into', run).ended).code).toBe(0);
  await rm(join(run, 'ratings', 'rate-judge.jsonl'));
  const { code, stdout } = await stemma('findings', run).ended;
  expect(code).toBe(0);
  const words = stdout.replaceAll(/\s+/g, ' ');
  expect(words).toContain('There is no rating by judge in this folder, so other raters make the headlines.');
  expect(words).toContain('Restore the folder "ratings" of the run from a copy, or import again.');
});

it('says of a damaged import how to mend it', async () => {
  const run = await imported('damaged', 12);
  await appendFile(join(run, 'transcripts', 'elicit.jsonl'), 'rubbish\n');
  const { stdout, stderr } = await stemma('status', run).ended;
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/1 line of the records damaged.*(restore|…)/);
  expect(stdout + stderr).not.toContain('stemma run');
});

it('an import refuses an id with half a character, which the index could not find again', async () => {
  for (const [name, member] of Object.entries({ sample: '"s\\ud83d"', cluster: '"c\\ude00"' })) {
    const rows = { stage: '"a"', sample: '"s"', cluster: '"c"', value: '1', [name]: member };
    const members = Object.entries(rows).map(([key, value]) => `"${key}":${value}`);
    const table = join(folder, `half-${name}.jsonl`);
    await writeFile(table, `{${members.join(',')}}\n`);
    const { code, stderr } = await stemma('import', 'jsonl', table, '--into', join(folder, `half-${name}`))
      .ended;
    expect(code).toBe(2);
    const words = stderr.replaceAll(/\s+/g, ' ');
    expect(words).toContain(
      `half-${name}.jsonl:1: column "${name}": the ${name} holds a half of a character`,
    );
  }
});

it('an import takes a stage whose name holds half a character, as its id is made of the rest', async () => {
  const [table, run] = [join(folder, 'half-stage.jsonl'), join(folder, 'half-stage')];
  const rows = ['lone\\ud83dhalf', 'whole'].flatMap((stage) =>
    [1, 2, 3].map((n) => `{"stage":"${stage}","sample":"s${n}","value":${n % 2}}\n`),
  );
  await writeFile(table, rows.join(''));
  expect((await stemma('import', 'jsonl', table, '--into', run).ended).code).toBe(0);
  const { stdout } = await stemma('findings', run, '--json').ended;
  expect(JSON.parse(stdout).stages.map(({ id }: { id: string }) => id)).toEqual(['lone-half', 'whole']);
});
