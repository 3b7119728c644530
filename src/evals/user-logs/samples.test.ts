import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, Sample } from '../../core/index.ts';
import { userLogs } from './index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-user-logs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function logOf(rows: readonly object[], name = `log${files++}.jsonl`): string {
  writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return name;
}

const samplesOf = (values: JsonObject): Promise<Sample[]> =>
  Array.fromAsync(userLogs.samples({ values, folder }));
const textsOf = (samples: readonly Sample[]) =>
  samples.map(({ input }) => input.map(({ content }) => content).join(' | '));
const reportOf = (values: JsonObject) => userLogs.report!({ values, folder });

const talk = (...contents: string[]) =>
  contents.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }));
const prompts = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ prompt: `Prompt number ${i}?`, n: i }));

describe('layouts', () => {
  const turns = talk('Hello?', 'Hi!', 'And now?', 'Bye.');

  it.each<[string, object, JsonObject]>([
    [
      'WildChat',
      {
        conversation_hash: 'c1',
        conversation: turns,
        turn: 2,
        language: 'English',
        toxic: false,
        redacted: false,
        hashed_ip: 'u1',
      },
      {},
    ],
    [
      'LMSYS-Chat',
      {
        conversation_id: 'c1',
        model: 'm',
        conversation: turns,
        turn: 2,
        language: 'English',
        openai_moderation: [],
        redacted: false,
      },
      {},
    ],
    [
      'OpenAI messages',
      { messages: turns.map(({ role, content }) => ({ role, content: [{ type: 'text', text: content }] })) },
      {},
    ],
    [
      'ShareGPT',
      {
        id: 'c1',
        conversations: turns.map(({ role, content }) => ({
          from: role === 'user' ? 'human' : 'gpt',
          value: content,
        })),
      },
      {},
    ],
    ['JSON text in a cell', { chat: JSON.stringify(turns) }, { columns: { conversation: 'chat' } }],
  ])('reads conversations of %s', async (_, row, options) => {
    const path = logOf([row]);
    const [first] = await samplesOf({ path, ...options });
    expect(first!.input).toEqual([{ role: 'user', content: 'Hello?' }]);
    const [last] = await samplesOf({ path, turn: 'last', ...options });
    expect(last!.input).toEqual(turns.slice(0, 3));
    expect(last!.metadata.turn).toBe(2);
  });

  it('reads plain prompts of JSONL, CSV and Parquet alike', async () => {
    const rows = [{ prompt: 'One, "two"?' }, { prompt: 'Three?' }];
    writeFileSync(join(folder, 'plain.csv'), 'prompt\n"One, ""two""?"\nThree?\n');
    parquetWriteFile({
      filename: join(folder, 'plain.parquet'),
      columnData: [{ name: 'prompt', data: rows.map(({ prompt }) => prompt), type: 'STRING' }],
    });
    const all = await Promise.all(
      [logOf(rows), 'plain.csv', 'plain.parquet'].map((path) => samplesOf({ path })),
    );
    expect(textsOf(all[0]!)).toEqual(['One, "two"?', 'Three?']);
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
  });

  it('reads a Parquet file with lists of turns', async () => {
    parquetWriteFile({
      filename: join(folder, 'chat.parquet'),
      columnData: [
        { name: 'conversation_hash', data: ['a'], type: 'STRING' },
        { name: 'conversation', data: [turns], type: 'JSON' },
      ],
    });
    expect(textsOf(await samplesOf({ path: 'chat.parquet', turn: 2 }))).toEqual(['Hello? | Hi! | And now?']);
  });

  it('reads the files of a folder one after another', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'parts'), { recursive: true });
    logOf([{ prompt: 'B?' }], 'parts/2.jsonl');
    logOf([{ prompt: 'A?' }], 'parts/1.jsonl');
    expect(textsOf(await samplesOf({ path: 'parts' }))).toEqual(['A?', 'B?']);
  });

  it('says file and line of what is not a log', async () => {
    await expect(samplesOf({ path: logOf([{ a: 1 }]) })).rejects.toThrow('no column of this log is known');
    await expect(samplesOf({ path: logOf([{ conversation: 'x' }]) })).rejects.toMatchObject({
      place: { line: 1 },
    });
    await expect(samplesOf({ path: logOf([{ prompt: 'x' }]), where: { langage: 'x' } })).rejects.toThrow(
      'there is no column "langage"',
    );
    await expect(samplesOf({})).rejects.toThrow('needs the path of a log');
  });
});

describe('cutting', () => {
  const rows = [
    { conversation: [{ role: 'system', content: 'Be brief.' }, ...talk('A1', 'b', 'A2', 'c', 'A3')] },
    { conversation: talk('B1', 'x') },
    {
      conversation: [
        { role: 'user', content: ' ' },
        { role: 'assistant', content: 'Hm?' },
      ],
    },
    {
      conversation: [
        { role: 'user', content: 'T1' },
        { role: 'tool', content: '42' },
        { role: 'user', content: 'T2' },
      ],
    },
  ];

  it('keeps what came before as history, and leaves out what has no such turn', async () => {
    const path = logOf(rows);
    expect(textsOf(await samplesOf({ path, turn: 2 }))).toEqual(['Be brief. | A1 | b | A2']);
    expect((await reportOf({ path, turn: 2 })).rows).toEqual({
      read: 4,
      'too few user turns': 2,
      'turns of tools': 1,
      put: 1,
    });
    expect(textsOf(await samplesOf({ path }))).toEqual(['Be brief. | A1', 'B1', 'T1']);
  });

  it('takes a random turn that the seed decides, every one of them sometimes', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ conversation: talk(`A${i}`, 'b', 'c', 'd', 'e') }));
    const path = logOf(many);
    const drawn = (seed: number) =>
      samplesOf({ path, turn: 'random', seed }).then((samples) =>
        samples.map(({ metadata }) => metadata.turn),
      );
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
    expect(new Set(await drawn(1))).toEqual(new Set([1, 2, 3]));
  });

  it('puts a system message before those that have none', async () => {
    const samples = await samplesOf({ path: logOf(rows.slice(0, 2)), system: 'Hello.' });
    expect(textsOf(samples)).toEqual(['Be brief. | A1', 'Hello. | B1']);
  });
});

describe('drawing', () => {
  it('is the same for a seed, another for another, in the log’s order, and does not hang on the order of the rows', async () => {
    const path = logOf(prompts(500));
    const turned = logOf(prompts(500).toReversed());
    const drawn = textsOf(await samplesOf({ path, limit: 50, seed: 3 }));
    expect(drawn).toHaveLength(50);
    expect(textsOf(await samplesOf({ path, limit: 50, seed: 3 }))).toEqual(drawn);
    expect(textsOf(await samplesOf({ path, limit: 50, seed: 4 }))).not.toEqual(drawn);
    expect(textsOf(await samplesOf({ path: turned, limit: 50, seed: 3 })).toReversed()).toEqual(drawn);
    const smaller = textsOf(await samplesOf({ path, limit: 20, seed: 3 }));
    expect(smaller.every((text) => drawn.includes(text))).toBe(true);
  });

  it('gives every prompt the same chance', async () => {
    const path = logOf(prompts(40));
    const times = new Map<string, number>();
    for (let seed = 0; seed < 200; seed++) {
      for (const text of textsOf(await samplesOf({ path, limit: 10, seed })))
        times.set(text, (times.get(text) ?? 0) + 1);
    }
    // 200 draws at a chance of 1/4: 50 ± 6.1; 5 standard deviations.
    for (const count of times.values()) expect(Math.abs(count - 50)).toBeLessThan(31);
    expect(times.size).toBe(40);
  });

  it('puts what comes twice once, whatever its case and its spaces, and counts it', async () => {
    const path = logOf([{ prompt: 'Hello  there' }, { prompt: 'hello there' }, { prompt: 'hello, there' }]);
    expect(textsOf(await samplesOf({ path }))).toEqual(['Hello  there', 'hello, there']);
    expect((await reportOf({ path })).rows).toEqual({ read: 3, duplicates: 1, put: 2 });
    const all = await samplesOf({ path, deduplicate: false });
    expect(all).toHaveLength(3);
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
    const drawn = await samplesOf({ path, limit: 3, seed: 1 });
    expect(drawn).toHaveLength(2);
  });

  it('filters by columns', async () => {
    const rows = [
      { prompt: 'a', language: 'English', toxic: false },
      { prompt: 'b', language: 'German', toxic: false },
      { prompt: 'c', language: 'English', toxic: true },
      { prompt: 'd', language: 'French', toxic: false },
    ];
    const path = logOf(rows);
    const where = { language: ['english', 'German'], toxic: false };
    expect(textsOf(await samplesOf({ path, where }))).toEqual(['a', 'b']);
    expect((await reportOf({ path, where })).rows).toEqual({ read: 4, 'filtered out': 2, put: 2 });
    expect(textsOf(await samplesOf({ path, max_characters: 1, min_characters: 1, limit: 9 }))).toHaveLength(
      4,
    );
  });

  it('divides a limit among strata: by their sizes, or evenly as far as they go', async () => {
    const languages = [...Array(80).fill('en'), ...Array(15).fill('de'), ...Array(5).fill('fr')] as string[];
    const path = logOf(languages.map((language, i) => ({ prompt: `p ${i}`, language })));
    const counts = async (allocation: string) => {
      const samples = await samplesOf({ path, limit: 40, strata: { column: 'language', allocation } });
      return Object.groupBy(samples, ({ metadata }) => String(metadata.language));
    };
    const proportional = await counts('proportional');
    expect([proportional.en, proportional.de, proportional.fr].map((each) => each?.length)).toEqual([
      32, 6, 2,
    ]);
    const equal = await counts('equal');
    expect([equal.en, equal.de, equal.fr].map((each) => each?.length)).toEqual([20, 15, 5]);
  });

  it('reads anew what has changed', async () => {
    const path = logOf([{ prompt: 'a' }, { prompt: 'b' }]);
    expect(await samplesOf({ path, limit: 1, seed: 1 })).toHaveLength(1);
    logOf([{ prompt: 'changed' }], path);
    utimesSync(join(folder, path), new Date(), new Date(Date.now() + 5000));
    expect(textsOf(await samplesOf({ path, limit: 1, seed: 1 }))).toEqual(['changed']);
  });
});

describe('clusters', () => {
  const long = 'You are a prompt generator for pictures, write 3 prompts for me about';

  it('are users where there are any, by a digest', async () => {
    const path = logOf([
      { prompt: 'a', user: 'jo@example.com' },
      { prompt: 'b', user: 'jo@example.com' },
      { prompt: 'c', user: 'sam@example.com' },
    ]);
    const clusters = (await samplesOf({ path })).map(({ cluster }) => cluster);
    expect(clusters[0]).toBe(clusters[1]);
    expect(clusters[2]).not.toBe(clusters[0]);
    expect(JSON.stringify(await samplesOf({ path }))).not.toContain('example.com');
    expect(new Set((await samplesOf({ path, cluster: 'sample' })).map(({ cluster }) => cluster)).size).toBe(
      3,
    );
  });

  it('are else the same opening words, numbers left out', async () => {
    const path = logOf([
      { prompt: `${long} cats` },
      { prompt: `${long.replace('3', '12')}  DOGS` },
      { prompt: 'short' },
      { prompt: 'brief' },
    ]);
    const [cats, dogs, short, brief] = (await samplesOf({ path })).map(({ cluster }) => cluster);
    expect(cats).toBe(dogs);
    expect(new Set([cats, short, brief]).size).toBe(3);
  });
});

describe('personal data', () => {
  const rows = [
    {
      conversation_id: 'jo@example.com',
      conversation: talk(
        'I am jo@example.com',
        'Hi jo@example.com',
        'Mail sam@example.com, not jo@example.com',
      ),
    },
    { conversation_id: 'c2', conversation: talk('Nothing here') },
  ];

  it('is nowhere in a sample, and its placeholders are the same through the conversation', async () => {
    const samples = await samplesOf({ path: logOf(rows), turn: 'last' });
    expect(textsOf(samples)[0]).toBe('I am [EMAIL-1] | Hi [EMAIL-1] | Mail [EMAIL-2], not [EMAIL-1]');
    expect(JSON.stringify(samples)).not.toContain('@');
    expect(samples[0]!.metadata).toMatchObject({ conversation: '[EMAIL-1]' });
  });

  it('is reported by kind and never by value', async () => {
    const report = await reportOf({ path: logOf(rows), turn: 'last' });
    // Four in the texts, and one that named the conversation.
    expect(report['personal data taken out']).toEqual({ samples: 1, EMAIL: 5 });
    expect(JSON.stringify(report)).not.toContain('example.com');
  });

  it('can’t be guessed from an id: prompts that differ in it alone are the same', async () => {
    const path = logOf([{ prompt: 'My SSN is 219-09-9999' }, { prompt: 'My SSN is 457-55-5462' }]);
    expect(textsOf(await samplesOf({ path }))).toEqual(['My SSN is [ID-1]']);
  });

  it('takes out the names of a list', async () => {
    writeFileSync(join(folder, 'names.txt'), 'Ottoline Fairweather\n\nBrambleworth\n');
    const path = logOf([{ prompt: 'Write to Ottoline Fairweather and Mr Brambleworth' }]);
    expect(textsOf(await samplesOf({ path, names: 'names.txt' }))).toEqual([
      'Write to [NAME-1] and Mr [NAME-2]',
    ]);
  });

  it('is stored only where that is said aloud', async () => {
    const path = logOf(rows);
    await expect(samplesOf({ path, scrub: false })).rejects.toThrow('unscrubbed prompts would be stored');
    await expect(samplesOf({ path, personal_data_may_be_stored: true })).rejects.toThrow(
      'goes with scrub: false alone',
    );
    const samples = await samplesOf({ path, scrub: false, personal_data_may_be_stored: true });
    expect(textsOf(samples)[0]).toBe('I am jo@example.com');
  });
});
