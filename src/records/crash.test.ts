import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import { exampleManifest, exampleRating, newFolder } from './testing/example-run.ts';

const here = (file: string) => JSON.stringify(import.meta.resolve(file));

/** Goes on with a run, many appends at a time, and prints the key of each record once it is said to be on disk. */
const SCRIPT = `
  import { openRunWriter } from ${here('./run-writer.ts')};
  import { exampleRating, exampleTranscript } from ${here('./testing/example-run.ts')};
  const writer = await openRunWriter(process.argv[1], ['elicit', 'rate:rule']);
  const start = writer.reader.ratedKeys('rule').size + 1000 * Number(process.argv[2]);
  let next = start;
  const work = async () => {
    for (;;) {
      const key = 'sft/refusals/' + next++ + '#1';
      await writer.appendTranscript(exampleTranscript(key, { response: 'é'.repeat(2000) }));
      console.log('transcript ' + key);
      await writer.appendRatings(['m/a', 'm/b', 'm/c'].map((measure) => exampleRating(key, { measure })));
      console.log('ratings ' + key);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
`;

test('killed with -9 again and again: all that was said to be on disk is there, and nothing is torn', async () => {
  using folder = newFolder();
  await (await createRun(folder.path, exampleManifest)).close();
  const said = { transcript: new Set<string>(), ratings: new Set<string>() };
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, folder.path, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let count = 0;
    for await (const line of createInterface(child.stdout)) {
      const [what, key] = line.split(' ') as ['transcript' | 'ratings', string];
      // The last line may have been cut off with the process.
      if (/#1$/.test(key ?? '')) said[what].add(key);
      if (++count === 40 + 37 * round) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await (await openRunWriter(folder.path, ['elicit', 'rate:rule'])).close();
  using run = await openRun(folder.path);
  const transcripts = new Set([...run.trials()].map(({ key }) => key));
  expect(said.transcript.size).toBeGreaterThan(100);
  for (const key of said.transcript) expect(transcripts).toContain(key);
  const rated = run.ratedKeys('rule');
  for (const key of said.ratings) expect(rated).toContain(key);
  for (const key of rated)
    expect(await run.ratingsOf(key)).toEqual(
      ['m/a', 'm/b', 'm/c'].map((measure) => exampleRating(key, { measure })),
    );
  const segment = readFileSync(join(folder.path, 'transcripts', 'elicit.jsonl'), 'utf8');
  expect(segment.trimEnd().split('\n')).toHaveLength(transcripts.size);
});
