import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../core/index.ts';
import { temporaryFolder } from '../evals/testing/published.ts';
import { type DataFilesOptions, dataFiles } from './data-files.ts';
import { COMMIT, type ServedRepository, TestHub, TOKEN } from './testing/hub-server.ts';

const LARGE = `stage,sample,value\n${'sft,a,1\n'.repeat(1000)}`;
const OLD = 'a'.repeat(40);
const ANSWERS: ServedRepository = {
  revisions: { main: COMMIT, v1: OLD, 'refs/pr/1': OLD, 'a/b': OLD },
  files: {
    'README.md': '# Answers\n',
    'data/train-00000-of-00002.csv': LARGE,
    'data/train-00001-of-00002.csv': 'stage,sample,value\nrl,a,0\n',
    '.gitattributes': '*.parquet lfs\n',
  },
};
const REPOSITORIES = {
  'org/answers': ANSWERS,
  'org/several': {
    files: {
      'a.csv': 'x\n1\n',
      'b.csv': 'x\n2\n',
      'folder/c.csv': 'x\n',
      'folder/d.csv': 'x\n',
      'n.parquet': '',
    },
  },
  'org/declared': {
    files: {
      'README.md': `---
license: mit
configs:
  - config_name: en
    data_files:
      - { split: train, path: data/en/train-*.csv }
      - { split: test, path: [data/en/test.csv] }
  - config_name: de
    data_dir: data/de
---
# Text
`,
      'data/en/train-0.csv': 'x\n1\n',
      'data/en/train-1.csv': 'x\n2\n',
      'data/en/test.csv': 'x\n3\n',
      'data/de/all.csv': 'x\n4\n',
    },
  },
  'org/gated': { access: 'gated', files: { 'a.csv': 'x\n1\n' } },
  'org/private': { access: 'private', files: { 'a.csv': 'x\n1\n' } },
  'org/empty': { files: { 'README.md': '# Nothing\n', 'picture.png': '' } },
} satisfies Record<string, ServedRepository>;

interface Place extends AsyncDisposable {
  readonly hub: TestHub;
  readonly home: string;
  readonly env: Record<string, string>;
  /** The files of a data set, with what is added to the environment. */
  files(text: string, options?: DataFilesOptions): ReturnType<typeof dataFiles>;
  refusal(text: string, options?: DataFilesOptions): Promise<InputError>;
}

/** A hub, and an empty cache. */
async function place(): Promise<Place> {
  const hub = await TestHub.start(REPOSITORIES);
  const folder = temporaryFolder();
  const env = { HF_ENDPOINT: hub.url, HF_HOME: folder.path };
  const files: Place['files'] = (text, { env: more, ...options } = {}) =>
    dataFiles(text, { ...options, env: { ...env, ...more } });
  return {
    hub,
    home: folder.path,
    env,
    files,
    async refusal(text, options) {
      const error: unknown = await files(text, options).catch((error) => error);
      expect(error).toBeInstanceOf(InputError);
      return error as InputError;
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const texts = (paths: readonly string[]) => paths.map((path) => readFileSync(path, 'utf8'));
const blobs = (home: string, name: string) =>
  readdirSync(join(home, 'hub', `datasets--${name.replace('/', '--')}`, 'blobs'));

describe('a data set of the hub', () => {
  test('is fetched into the cache of huggingface_hub, and its commit is told', async () => {
    await using at = await place();
    const { paths, source, notes, repo } = await at.files('hf:org/answers');
    expect({ source, repo }).toEqual({ source: `hf:org/answers@${COMMIT}`, repo: 'org/answers' });
    expect(notes).toEqual([`hf:org/answers: its branch main is commit ${COMMIT}; 2 files (8.04 kB).`]);
    const snapshot = join(at.home, 'hub/datasets--org--answers/snapshots', COMMIT);
    expect(paths).toEqual([0, 1].map((part) => join(snapshot, `data/train-0000${part}-of-00002.csv`)));
    expect(texts(paths)).toEqual(Object.values(ANSWERS.files).slice(1, 3));
    expect(readFileSync(join(at.home, 'hub/datasets--org--answers/refs/main'), 'utf8')).toBe(COMMIT);
    expect(
      blobs(at.home, 'org/answers')
        .map((name) => name.length)
        .sort(),
    ).toEqual([40, 40, 64]);
  });

  test.each([
    [
      'a file',
      'hf:org/answers@main/data/train-00001-of-00002.csv',
      ['data/train-00001-of-00002.csv'],
      COMMIT,
    ],
    ['a pattern', 'hf:org/answers@v1/data/*-0000?-of-*.csv', undefined, OLD],
    ['a folder that holds one table', 'hf:org/answers@v1/data/', undefined, OLD],
    ['a pull request', 'hf:org/answers@refs/pr/1/data', undefined, OLD],
    ['a branch with a slash', 'hf:org/answers@a%2Fb/data', undefined, OLD],
    ['a commit', `hf:org/answers@${OLD}/data`, undefined, OLD],
    ['a pattern in place of one of several tables', 'hf:org/several@main/?.csv', ['a.csv', 'b.csv'], COMMIT],
    [
      'a split that is declared',
      'hf:org/declared@main/data/en/train-*.csv',
      ['data/en/train-0.csv', 'data/en/train-1.csv'],
      COMMIT,
    ],
  ] as const)('%s', async (_, text, expected, commit) => {
    await using at = await place();
    const { paths, source } = await at.files(text, { format: 'csv' });
    const snapshot = join(
      at.home,
      'hub',
      `datasets--${text.slice(3).split('@')[0]!.replace('/', '--')}`,
      'snapshots',
      commit,
    );
    const wanted = expected ?? ['data/train-00000-of-00002.csv', 'data/train-00001-of-00002.csv'];
    expect(paths).toEqual(wanted.map((path) => join(snapshot, path)));
    expect(source).toContain(`@${commit}/`);
  });

  test('is asked for once: what the cache has is not fetched again', async () => {
    await using at = await place();
    const first = await at.files(`hf:org/answers@${COMMIT}`);
    const asked = at.hub.asked.length;
    expect(await at.files(`hf:org/answers@${COMMIT}`)).toEqual(first);
    expect(at.hub.asked.length).toBe(asked);
    // A branch is asked for again, since it moves.
    await at.files('hf:org/answers@main');
    expect(at.hub.asked.slice(asked).map(({ path }) => path)).toEqual([
      '/api/datasets/org/answers/revision/main',
    ]);
  });

  test('tells how far it is', async () => {
    await using at = await place();
    const told: [string, number, number][] = [];
    await at.files('hf:org/answers', { onProgress: ({ file, bytes, of }) => told.push([file, bytes, of]) });
    const size = LARGE.length + 26;
    expect(told[0]).toEqual(['data/train-00000-of-00002.csv', 0, size]);
    expect(told.at(-1)).toEqual(['data/train-00001-of-00002.csv', size, size]);
  });

  test('with a token, which goes to the hub alone', async () => {
    await using at = await place();
    for (const name of ['org/gated', 'org/private', 'org/answers'])
      expect((await at.files(`hf:${name}`, { env: { HF_TOKEN: TOKEN } })).paths).not.toEqual([]);
    expect(new Set(at.hub.asked.map(({ server, authorization }) => `${server} ${authorization}`))).toEqual(
      new Set([`hub Bearer ${TOKEN}`, 'files undefined']),
    );
  });
});

describe('without the network', () => {
  const offline = { HF_HUB_OFFLINE: '1' };

  test('what is in the cache is taken, and nothing is asked', async () => {
    await using at = await place();
    const first = await at.files('hf:org/answers');
    const asked = at.hub.asked.length;
    expect(await at.files('hf:org/answers', { env: offline })).toEqual(first);
    expect(at.hub.asked.length).toBe(asked);
  });

  test('a half copy is not taken for the whole', async () => {
    await using at = await place();
    await at.files('hf:org/answers/data/train-00001-of-00002.csv');
    const error = await at.refusal('hf:org/answers/data', { env: offline });
    expect(error.message).toContain('data/train-00000-of-00002.csv is not in the cache');
    expect(error.remedy).toContain(`hf download org/answers --repo-type dataset --revision ${COMMIT}`);
  });

  test('what others put into the cache is taken, with a note', async () => {
    await using at = await place();
    const { paths } = await at.files('hf:org/answers');
    rmSync(join(at.home, 'hub/datasets--org--answers/trees'), { recursive: true });
    const found = await at.files('hf:org/answers', { env: offline });
    expect(found.paths).toEqual(paths);
    expect(found.notes[1]).toMatch(/Whether the data set has more files is not known/);
  });

  test('an empty cache is an error', async () => {
    await using at = await place();
    for (const text of ['hf:org/answers', `hf:org/answers@${COMMIT}`])
      expect((await at.refusal(text, { env: offline })).message).toMatch(
        /not in the cache .* HF_HUB_OFFLINE is set/,
      );
  });
});

describe('a download', () => {
  const FILE = 'data/train-00000-of-00002.csv';
  const TEXT = `hf:org/answers@main/${FILE}`;

  test('goes on where the connection broke', async () => {
    await using at = await place();
    at.hub.fail(FILE, { kind: 'cut', after: 3000 }, { kind: 'cut', after: 2000 });
    expect(texts((await at.files(TEXT)).paths)).toEqual([LARGE]);
    expect(
      at.hub.requestsFor(FILE).flatMap(({ server, range }) => (server === 'files' ? [range] : [])),
    ).toEqual([undefined, 'bytes=3000-', 'bytes=5000-']);
  });

  test('goes on in a later process, and begins anew with a server that knows no ranges', async () => {
    await using at = await place();
    at.hub.fail(FILE, { kind: 'cut', after: 3000 }, { kind: 'status', status: 503 });
    const error = await at.refusal(TEXT);
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ answers with HTTP 503$/);
    expect(error.remedy).toContain('what was fetched is kept');
    expect(blobs(at.home, 'org/answers')).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.incomplete$/)]);
    at.hub.fail(FILE, { kind: 'no ranges' });
    expect(texts((await at.files(TEXT)).paths)).toEqual([LARGE]);
  });

  test.each([
    [
      'other bytes',
      Buffer.from(LARGE.replace('sft', 'SFT')),
      /came, but its SHA-256 is [0-9a-f]{64}, and the hub lists/,
    ],
    ['fewer bytes', Buffer.from(LARGE.slice(1)), /sends fewer than the 8019 bytes/],
    ['more bytes', Buffer.from(`${LARGE}\n`), /sends more than the 8019 bytes/],
  ])('with %s is refused, and can be had later', async (_, bytes, message) => {
    await using at = await place();
    at.hub.fail(FILE, { kind: 'other bytes', bytes });
    expect((await at.refusal(TEXT)).message).toMatch(message);
    const folder = join(at.home, 'hub/datasets--org--answers/snapshots');
    expect(existsSync(folder)).toBe(false);
    // What was right of it is gone on with; what was not is found at the end, and thrown away.
    await at.files(TEXT).catch(() => {});
    expect(texts((await at.files(TEXT)).paths)).toEqual([LARGE]);
  });

  test('that somebody changed in the cache is refused', async () => {
    await using at = await place();
    const [path] = (await at.files(TEXT)).paths;
    writeFileSync(path!, LARGE.replace('sft', 'SFT'));
    const error = await at.refusal(TEXT);
    expect(error.message).toMatch(/this file of the cache is not the one of the hub: its SHA-256 is/);
    expect(error.place).toEqual({ file: path });
    // One of another length is fetched again.
    truncateSync(path!, 10);
    expect(texts((await at.files(TEXT)).paths)).toEqual([LARGE]);
  });

  test('by two processes at once gives the file', async () => {
    await using at = await place();
    const [one, other] = await Promise.all([at.files(TEXT), at.files(TEXT)]);
    expect(texts([...one.paths, ...other.paths])).toEqual([LARGE, LARGE]);
    expect(blobs(at.home, 'org/answers').filter((name) => name.includes('.'))).toEqual([]);
  });
});

describe('is refused, with what to do', () => {
  test.each<[string, string, RegExp, RegExp, Record<string, string>?]>([
    ['another form', 'hf:answers@main', /does not name a data set/, /Write hf:ORG\/NAME@REVISION/],
    ['a path that leads out', 'hf:org/answers@main/../x.csv', /does not name a data set/, /Write hf:/],
    [
      'an unknown data set',
      'hf:org/answer',
      /no data set org\/answer that a reader without HF_TOKEN may see/,
      /needs HF_TOKEN/,
    ],
    [
      'with a token',
      'hf:org/answer',
      /no data set org\/answer that the account of HF_TOKEN may see/,
      /Check its name/,
      { HF_TOKEN: TOKEN },
    ],
    ['a private one', 'hf:org/private', /no data set org\/private that a reader without/, /needs HF_TOKEN/],
    [
      'a gated one',
      'hf:org/gated',
      /org\/gated is gated, and a reader without HF_TOKEN may not read it/,
      /Ask for access on http.*\/datasets\/org\/gated, and set HF_TOKEN/,
    ],
    [
      'a wrong token',
      'hf:org/answers',
      /does not accept HF_TOKEN/,
      /unset HF_TOKEN/,
      { HF_TOKEN: 'hf_other' },
    ],
    [
      'a token that is none',
      'hf:org/answers',
      /^HF_TOKEN holds a character/,
      /Copy it again/,
      { HF_TOKEN: 'hf_a\nb' },
    ],
    [
      'an unknown revision',
      'hf:org/answers@v2',
      /org\/answers has no such revision/,
      /tree\/main lists them/,
    ],
    [
      'an unknown commit',
      `hf:org/answers@${'b'.repeat(40)}`,
      /has no such revision/,
      /a commit, a tag or a branch/,
    ],
    [
      'a file that is not there',
      'hf:org/answers@main/data/train.csv',
      /hf:org\/answers@main has no csv file data\/train\.csv/,
      /Its tables are: data\/train-00000-of-00002\.csv, /,
    ],
    [
      'a name that is nearly right',
      'hf:org/several@main/aa.csv',
      /no csv file aa\.csv/,
      /Did you mean "a\.csv"\?/,
    ],
    [
      'a pattern that nothing fits',
      'hf:org/several@main/x*.csv',
      /no csv file x\*\.csv/,
      /Its tables are: a\.csv, b\.csv/,
    ],
    ['a data set without tables', 'hf:org/empty', /hf:org\/empty has no csv file/, /It has no tables/],
    [
      'several tables',
      'hf:org/several',
      /holds 4 tables/,
      /Name one of them, or a pattern that takes several: hf:org\/several\/a\.csv, hf:org\/several\/b\.csv,/,
    ],
    [
      'a folder with several',
      'hf:org/several@main/folder',
      /hf:org\/several@main\/folder holds 2 tables/,
      /hf:org\/several@main\/folder\/c\.csv/,
    ],
    [
      'several configurations and splits',
      'hf:org/declared@main',
      /holds 3 tables/,
      /'hf:org\/declared@main\/data\/en\/train-\*\.csv' \(en, train\), hf:org\/declared@main\/data\/en\/test\.csv \(en, test\), 'hf:org\/declared@main\/data\/de\/\*\*' \(de\)/,
    ],
    [
      'an endpoint that is none',
      'hf:org/answers',
      /HF_ENDPOINT is not an address without/,
      /For example/,
      { HF_ENDPOINT: 'hub' },
    ],
    [
      'a hub that is not there',
      'hf:org/answers',
      /^127\.0\.0\.1:9 cannot be reached: /,
      /HF_HUB_OFFLINE=1 takes what is in the cache/,
      { HF_ENDPOINT: 'http://127.0.0.1:9' },
    ],
  ])('%s', async (_, text, message, remedy, env = {}) => {
    await using at = await place();
    const error = await at.refusal(text, { format: 'csv', env });
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
    expect(String(error)).not.toContain('hf_');
    const cache = join(at.home, 'hub');
    const fetched = existsSync(cache) ? readdirSync(cache, { recursive: true, encoding: 'utf8' }) : [];
    expect(fetched.filter((name) => name.endsWith('.csv'))).toEqual([]);
  });
});
