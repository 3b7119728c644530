import { spawnSync } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StemmaError } from '../../core/index.ts';
import { removeTree } from './as-owner.ts';
import { resolveImage } from './resolve.ts';

const canRun = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0;
const withRun = describe.skipIf(!canRun);
const why = canRun ? '' : ' (skipped: no bubblewrap: apt-get install bubblewrap)';

let folder: string;
const context = () => join(folder, 'context');
const cache = () => join(folder, 'cache');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-image-'));
  await mkdir(context());
});
afterEach(() => removeTree(folder));

async function build(...lines: string[]) {
  await writeFile(join(context(), 'Dockerfile'), `FROM debian:bookworm-slim\n${lines.join('\n')}\n`);
  return resolveImage(
    { kind: 'dockerfile', file: join(context(), 'Dockerfile'), context: context() },
    { cache: cache() },
  );
}

async function put(path: string, text = path, mode = 0o644) {
  const full = join(context(), path);
  await mkdir(join(full, '..'), { recursive: true });
  await writeFile(full, text);
  await chmod(full, mode);
}

async function failing(work: Promise<unknown>): Promise<StemmaError> {
  return work.then(
    () => expect.unreachable('it should have failed'),
    (error) => error as StemmaError,
  );
}

const bits = async (path: string) => ((await lstat(path)).mode & 0o777).toString(8);

describe('COPY', () => {
  it('copies files, folders and patterns where Docker would', async () => {
    await put('tool.sh', 'x', 0o755);
    await put('data/a.json');
    await put('data/deep/b.json');
    await put('data/c.txt');
    const { root, workdir, env } = await build(
      'WORKDIR /app',
      'COPY tool.sh /usr/local/bin/',
      'COPY tool.sh .',
      'COPY data /srv/all',
      'COPY data/*.json ./json/',
      'COPY tool.sh new/name.sh',
      'COPY --chmod=555 data /locked',
      'ENV MODE=1',
    );
    const files = (await readdir(root as string, { recursive: true })).filter((path) =>
      /^(app|srv|locked)|local\/bin\//.test(path),
    );
    expect(files.sort()).toEqual([
      'app',
      'app/json',
      'app/json/a.json',
      'app/new',
      'app/new/name.sh',
      'app/tool.sh',
      'locked',
      'locked/a.json',
      'locked/c.txt',
      'locked/deep',
      'locked/deep/b.json',
      'srv',
      'srv/all',
      'srv/all/a.json',
      'srv/all/c.txt',
      'srv/all/deep',
      'srv/all/deep/b.json',
      'usr/local/bin/tool.sh',
    ]);
    expect(await bits(join(root as string, 'usr/local/bin/tool.sh'))).toBe('755');
    expect(await bits(join(root as string, 'locked/deep'))).toBe('555');
    expect(workdir).toBe('/app');
    expect(env).toMatchObject({ MODE: '1' });
    expect(env.PATH).toContain('/usr/bin');
  });

  it('leaves out what .dockerignore says', async () => {
    await put('data/a.json');
    await put('data/notes.md');
    await put('.dockerignore', '**/*.md\n');
    const { root } = await build('COPY data /data');
    expect(await readdir(join(root as string, 'data'))).toEqual(['a.json']);
    await put('plain.md');
    const error = await failing(build('COPY plain.md /'));
    expect(String(error)).toContain('Dockerfile:2: COPY of plain.md: there is no such file');
  });

  it('never leaves the context, by dots or by links', async () => {
    await writeFile(join(folder, 'secret'), 'canary');
    await mkdir(join(folder, 'beside'));
    await symlink('../secret', join(context(), 'link'));
    await symlink(join(folder, 'beside'), join(context(), 'away'));
    await symlink('/etc', join(context(), 'etc'));
    for (const source of ['../secret', 'a/../../secret', '/../secret', 'link', 'away', 'etc/passwd', 'lin*'])
      expect(String(await failing(build(`COPY ${source} /stolen`))), source).toMatch(
        /Dockerfile:2: COPY of .*: (it leads out of the context|there is no such file)/,
      );
  });

  it('never writes out of the image, through a link that an earlier COPY put there', async () => {
    await mkdir(join(folder, 'host'));
    await mkdir(join(context(), 'bait'));
    await symlink(join(folder, 'host'), join(context(), 'bait', 'out'));
    await symlink('../../../../../../..', join(context(), 'bait', 'up'));
    await put('payload', 'x');
    const { root } = await build(
      'COPY bait /bait',
      'COPY payload /bait/out/payload',
      'COPY payload /bait/up/top',
    );
    expect(await readdir(join(folder, 'host'))).toEqual([]);
    expect(await readFile(join(root as string, folder, 'host', 'payload'), 'utf8')).toBe('x');
    expect(await readFile(join(root as string, 'top'), 'utf8')).toBe('x');
  });

  it('into a folder of the base leaves the base as it is', async () => {
    await put('marker');
    const { root, binds } = await build('COPY marker /usr/share/stemma-test/marker');
    expect(await readFile(join(root as string, 'usr/share/stemma-test/marker'), 'utf8')).toBe('marker');
    expect(binds['/usr/share']).toBeUndefined();
    expect(Object.keys(binds).some((path) => path.startsWith('/usr/share/'))).toBe(true);
    await expect(lstat('/usr/share/stemma-test')).rejects.toThrow('ENOENT');
  });

  it('onto a folder, and from nowhere, are errors that name the line', async () => {
    await put('a');
    await put('b');
    expect(String(await failing(build('COPY a b /x')))).toContain('Dockerfile:2: COPY of 2 files into one');
    expect(String(await failing(build('', 'COPY *.json /x/')))).toContain('Dockerfile:3: COPY of *.json');
    expect(String(await failing(build('COPY a /f', 'COPY b /f/under')))).toContain(
      'Dockerfile:3: /f is there already',
    );
  });
});

withRun(`RUN${why}`, () => {
  it('runs over the growing tree, as root of it, with ENV and WORKDIR', async () => {
    await put('tool.sh', '#!/bin/sh\necho hi\n');
    const { root } = await build(
      'ENV GREETING="good day"',
      'WORKDIR /app',
      'COPY tool.sh /usr/local/bin/tool.sh',
      'RUN mkdir -p out && echo "$GREETING" > out/said && id -u >> out/said',
      'RUN chmod +x /usr/local/bin/*.sh',
      'RUN chmod -R 555 /usr/local/bin',
      'COPY tool.sh /usr/local/bin/second.sh',
      'RUN ["cp", "out/said", "out/exec form"]',
    );
    expect(await readFile(join(root as string, 'app/out/exec form'), 'utf8')).toBe('good day\n0\n');
    expect(await bits(join(root as string, 'usr/local/bin/tool.sh'))).toBe('555');
    expect((await readdir(join(root as string, 'usr/local/bin'))).sort()).toEqual(['second.sh', 'tool.sh']);
  });

  it('sees neither the host nor a network', async () => {
    await writeFile(join(folder, 'secret'), 'canary');
    process.env.STEMMA_CANARY = 'canary';
    const { root } = await build(
      'WORKDIR /seen',
      `RUN (cat ${join(folder, 'secret')}; env; cat /etc/hostname /proc/1/environ) > all 2>/dev/null; true`,
      'RUN cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " " > nets',
    );
    delete process.env.STEMMA_CANARY;
    expect(await readFile(join(root as string, 'seen/all'), 'utf8')).not.toContain('canary');
    expect(await readFile(join(root as string, 'seen/nets'), 'utf8')).toBe('lo\n');
  });

  it('that fails is an error with its line and its last words', async () => {
    const error = await failing(build('RUN true', 'RUN echo the reason >&2; exit 3'));
    expect(String(error)).toContain('Dockerfile:3: RUN ended with exit code 3');
    expect(String(error)).toContain('the reason');
    expect(await readdir(cache())).toEqual([]);
  });

  it("can't change the base", async () => {
    const error = await failing(build('RUN echo x > /usr/bin/stemma-test'));
    expect(String(error)).toMatch(/Read-only|nonexistent|Directory/);
    expect(error.remedy).toContain("can't be changed by RUN");
  });

  it('that only installs what the base has is satisfied; what it has not is named', async () => {
    const { root } = await build(
      'RUN apt-get update && apt-get install -y bash coreutils && rm -rf /var/lib/apt/lists/* && touch /opt/rest',
    );
    expect(await readdir(join(root as string, 'opt'))).toEqual(['rest']);
    await put('requirements.txt', 'no-such-distribution==1.0\n');
    const error = await failing(
      build('COPY requirements.txt /r.txt', 'RUN apt-get install -y bash no-such-package', 'RUN ls'),
    );
    expect(String(error)).toContain('Dockerfile:3: RUN installs what the base has not got');
    expect(String(error)).toContain('no-such-package');
    expect(String(error)).not.toContain('bash');
    const python = await failing(build('COPY requirements.txt /r.txt', 'RUN pip3 install -r /r.txt'));
    expect(String(python)).toContain('no-such-distribution (Python)');
  });
});

withRun(`the cache${why}`, () => {
  it('builds once for a digest, also when many ask, and again when a byte changed', async () => {
    await put('a', 'one');
    const lines = ['COPY a /a', 'RUN date +%N > /built'];
    const images = await Promise.all([build(...lines), build(...lines), build(...lines)]);
    expect(new Set(images.map(({ root }) => root)).size).toBe(1);
    expect((await build(...lines)).root).toBe(images[0]?.root);
    await put('unrelated');
    expect((await build(...lines)).root).toBe(images[0]?.root);
    await put('a', 'two');
    const changed = await build(...lines);
    expect(changed.root).not.toBe(images[0]?.root);
    expect(await readFile(join(changed.root as string, 'a'), 'utf8')).toBe('two');
    expect((await readdir(cache())).length).toBe(2);
  });

  it('throws away what a killed builder left', async () => {
    await mkdir(join(cache(), 'draft-999999999.1.0.0-abcdef'), { recursive: true });
    const { ownerName } = await import('../owner.ts');
    const dead = `draft-${ownerName().replace(/^\d+\.\d+/, '4194304.17')}-abcdef`;
    await mkdir(join(cache(), dead, 'root'), { recursive: true });
    await put('a');
    await build('COPY a /a');
    const left = await readdir(cache());
    expect(left).not.toContain(dead);
    // Of a process on another machine nothing is known.
    expect(left).toContain('draft-999999999.1.0.0-abcdef');
  });
});

it('a tree must be a whole root', async () => {
  const error = await failing(resolveImage({ kind: 'tree', folder: context() }));
  expect(String(error)).toContain('/bin/sh');
  expect(String(await failing(resolveImage({ kind: 'tree', folder: join(folder, 'none') })))).toContain(
    'not a folder',
  );
  expect(await resolveImage({ kind: 'system' })).toEqual({ root: null, binds: {}, env: {} });
  await rm(context(), { recursive: true });
});

it('lines may be left out, by where they begin', async () => {
  await put('a');
  await writeFile(join(context(), 'Dockerfile'), 'FROM x\nCOPY missing \\\n  /m\nCOPY a /a\n');
  const image = { kind: 'dockerfile', file: join(context(), 'Dockerfile'), context: context() } as const;
  const { root } = await resolveImage({ ...image, without: [2] }, { cache: cache() });
  expect(await readFile(join(root as string, 'a'), 'utf8')).toBe('a');
  expect(String(await failing(resolveImage({ ...image, without: [3] })))).toContain(
    'Dockerfile:3: no instruction begins',
  );
});
