import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MissingPartError, type SandboxImage } from '../core/index.ts';
import { lookAtImages, openSandboxes } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'stemma-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function image(name: string, dockerfile: string): SandboxImage {
  const context = join(folder, name);
  mkdirSync(context, { recursive: true });
  const file = join(context, 'Dockerfile');
  writeFileSync(file, dockerfile);
  return { kind: 'dockerfile', file, context };
}

const installs = (from: string, packages: string) =>
  `FROM ${from}\nWORKDIR /app\nRUN apt-get update && apt-get install -y ${packages} && echo done\n`;

describe('images that scenarios bring', () => {
  test('what this machine lacks is told once, with the first place and how many want it', async () => {
    const report = await lookAtImages(
      [
        { kind: 'system' },
        image('a', installs('debian:bullseye-slim', 'coreutils')),
        image('b', installs('python:3.13-slim', 'coreutils no-such-package')),
        image('c', installs('python:3.13-slim', 'no-such-package')),
        image('d', installs('debian:bullseye-slim', 'no-other')),
      ],
      { engine: 'bubblewrap' },
    );
    expect(report).toMatchObject({
      engine: 'bubblewrap',
      standIn: {
        named: ['debian:bullseye-slim', 'python:3.13-slim'],
        is: expect.stringContaining('machine'),
      },
    });
    expect(report!.faults).toMatchObject([
      {
        message: expect.stringMatching(/: no-such-package$/),
        remedy: expect.stringContaining('apt-get install no-such-package'),
        file: join(folder, 'b/Dockerfile'),
        line: 3,
        images: 2,
      },
      { message: expect.stringMatching(/: no-other$/), file: join(folder, 'd/Dockerfile'), images: 1 },
    ]);
  });

  test('there are none', async () => {
    expect(await lookAtImages([{ kind: 'system' }], { engine: 'auto' })).toBeNull();
  });
});

async function dockerAnswers(): Promise<boolean> {
  try {
    await using _opened = await openSandboxes({ engine: 'docker' });
    return true;
  } catch (error) {
    if (error instanceof MissingPartError) return false;
    throw error;
  }
}

const docker = await dockerAnswers();
const why = docker ? '' : ' (skipped: no Docker daemon or no image stemma-base: bash scripts/docker-base.sh)';

describe.skipIf(!docker)(`images that Docker has${why}`, { timeout: 120_000 }, () => {
  const own = `stemma-test-from-${process.pid}:1`;
  const call = (args: readonly string[], input = '') =>
    execFileSync('docker', args, { input, stdio: ['pipe', 'pipe', 'ignore'], encoding: 'utf8' }).trim();
  afterAll(() => {
    const builtOver = ['--filter', 'reference=stemma-image', '--filter', `since=${own}`];
    const built = call(['image', 'ls', '--quiet', ...builtOver])
      .split('\n')
      .filter(Boolean);
    call(['image', 'rm', '--force', ...new Set(built), own]);
  });

  test('bring their own tools: auto takes Docker where it has all that FROM names', async () => {
    call(
      ['build', '--tag', own, '-'],
      `FROM stemma-base\nRUN printf '#!/bin/sh\\necho jq of the image\\n' > /usr/bin/jq && chmod +x /usr/bin/jq\n`,
    );
    const brought = image('own', `FROM ${own}\nWORKDIR /app\n`);
    const report = await lookAtImages([brought], { engine: 'auto' });
    expect(report).toEqual({ engine: 'docker', faults: [], standIn: null });
    const both = await lookAtImages([brought, image('e', installs('no-such-image:1', 'jq'))], {
      engine: 'docker',
    });
    expect(both).toMatchObject({
      faults: [],
      standIn: { named: ['no-such-image:1'], is: 'the image stemma-base' },
    });

    await using sandboxes = await openSandboxes({ engine: report!.engine });
    await using sandbox = await sandboxes.open({ image: brought }, AbortSignal.timeout(100_000));
    const { stdout } = await sandbox.exec('jq --version');
    expect(Buffer.from(stdout).toString()).toBe('jq of the image\n');
  });
});
