import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MissingPartError,
  type Sandbox,
  SandboxError,
  type Sandboxes,
  type SandboxSpec,
} from '../../../core/index.ts';
import { openBubblewrap } from '../../bubblewrap/index.ts';
import { openDocker } from '../../docker/index.ts';
import { ownerName } from '../../owner.ts';
import type { SandboxSettings } from '../../settings.ts';
import type { Attempt } from './attempt.ts';
import { copying, tryBuilding } from './copying.ts';
import { type Host, openHost } from './host.ts';
import { network } from './network.ts';
import { paths } from './paths.ts';
import { privileges } from './privileges.ts';
import { mustNotSay, reading } from './reading.ts';
import { usingUp } from './using-up.ts';
import { writing } from './writing.ts';

const ATTEMPTS: Readonly<Record<string, readonly Attempt[]>> = {
  reading,
  writing,
  privileges,
  network,
  usingUp,
};
const PATIENCE_MS = 180_000;

const ENGINES = [
  { engine: 'bubblewrap', open: openBubblewrap, remedy: 'no bubblewrap: apt-get install bubblewrap' },
  {
    engine: 'docker',
    open: openDocker,
    remedy: 'no Docker daemon or no image stemma-base: bash scripts/docker-base.sh',
  },
] as const;

const lineOf = ({ line }: Attempt, host: Host) => (typeof line === 'string' ? line : line(host));

/** Whether an engine works here; what else goes wrong with it is the tests' to say. */
async function works(
  open: (settings: SandboxSettings) => Promise<Sandboxes>,
  engine: SandboxSettings['engine'],
) {
  try {
    await (await open({ engine }))[Symbol.asyncDispose]();
    return true;
  } catch (error) {
    return !(error instanceof MissingPartError);
  }
}

/** Mounts and containers that carry this process's name. */
function leftBehind(engine: string): string[] {
  const label = '{{.ID}} {{.Label "stemma.owner"}}';
  const text =
    engine === 'docker'
      ? spawnSync('docker', ['ps', '--all', '--format', label], { encoding: 'utf8' }).stdout
      : readFileSync('/proc/self/mountinfo', 'utf8');
  // The folder in which the engine keeps its own stays until it is closed.
  return text
    .split('\n')
    .filter((line) => line.includes(ownerName()) && /container|^[0-9a-f]{12} /.test(line));
}

/** Names of the images that were built from Dockerfiles; with some storage drivers each is a whole copy. */
function builtImages(): string[] {
  const args = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'stemma-image'];
  return spawnSync('docker', args, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
}

function removeImages(before: readonly string[]): void {
  const made = builtImages().filter((name) => !before.includes(name));
  if (made.length > 0) spawnSync('docker', ['image', 'rm', ...made]);
}

it('the suite has at least forty attempts, each under a name of its own', () => {
  const names = [...Object.values(ATTEMPTS).flat(), ...paths, ...copying].map(({ tries }) => tries);
  expect(names.length).toBeGreaterThanOrEqual(40);
  expect(new Set(names).size).toBe(names.length);
});

describe('with nothing to keep them in', () => {
  let host: Host;
  beforeAll(async () => {
    host = await openHost();
  });
  afterAll(() => host.close());

  // What can be tried unharmed succeeds, and is seen to: an attempt that fails everywhere would prove nothing.
  it.each(
    Object.values(ATTEMPTS)
      .flat()
      .filter(({ worksOutside }) => worksOutside),
  )('$name: $tries', async (attempt) => {
    const child = spawnSync('/bin/sh', ['-c', lineOf(attempt, host)], {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 2 ** 28,
    });
    const result = {
      exitCode: child.status,
      stdout: child.stdout,
      stderr: child.stderr,
      dropped: { stdout: 0, stderr: 0 },
      durationMs: 0,
    };
    const outcome = Promise.resolve()
      .then(() => attempt.held?.(result, host, undefined as unknown as Sandbox))
      .then(() => mustNotSay(result.stdout + result.stderr, host.secret))
      .then(() => host.mustBeWell());
    await expect(outcome).rejects.toThrow();
    await host.mustBeWell().catch(() => undefined);
  });
});

for (const { engine, open, remedy } of ENGINES) {
  const there = await works(open, engine);
  describe.skipIf(!there)(`${engine}${there ? '' : ` (skipped: ${remedy})`}`, () => {
    let host: Host;
    let sandboxes: Sandboxes;
    let shared: Sandbox;
    let folder: string;
    let imagesBefore: string[] = [];
    /** Sandboxes on their way out, which no attempt needs to wait for. */
    const closing: PromiseLike<void>[] = [];
    const signal = new AbortController().signal;
    const openOne = (spec: Partial<SandboxSpec> = {}) =>
      sandboxes.open({ image: { kind: 'system' }, ...spec }, signal);

    beforeAll(async () => {
      host = await openHost();
      folder = await mkdtemp(join(tmpdir(), 'stemma-escape-work-'));
      if (engine === 'docker') imagesBefore = builtImages();
      sandboxes = await open({ engine, cache: join(folder, 'cache') });
      shared = await openOne();
    }, PATIENCE_MS);

    afterAll(async () => {
      await Promise.all(closing);
      await sandboxes?.[Symbol.asyncDispose]();
      await host?.mustBeWell();
      await host?.close();
      if (engine === 'docker') removeImages(imagesBefore);
      await rm(folder, { recursive: true, force: true });
    }, PATIENCE_MS);

    for (const [kind, attempts] of Object.entries(ATTEMPTS))
      describe(kind, () => {
        it.each(attempts)(
          '$name: $tries',
          async (attempt) => {
            const own =
              attempt.alone || attempt.limits ? await openOne({ limits: attempt.limits ?? {} }) : undefined;
            const sandbox = own ?? shared;
            const options = { timeoutMs: 60_000, ...attempt.options };
            try {
              const result = await sandbox.exec(lineOf(attempt, host), options).catch((error: unknown) => {
                if (!attempt.mayEnd || !(error instanceof SandboxError)) throw error;
                return undefined;
              });
              if (result) {
                mustNotSay(result.stdout + result.stderr, host.secret);
                await attempt.held?.(result, host, sandbox);
              }
              await host.mustBeWell();
            } finally {
              if (own) closing.push(own[Symbol.asyncDispose]());
            }
          },
          PATIENCE_MS,
        );
      });

    describe('files that the engine reads and writes', () => {
      it.each(paths)(
        '$name: $tries',
        async ({ play }) => {
          await play(shared, host);
          await host.mustBeWell();
        },
        PATIENCE_MS,
      );
    });

    describe('images', () => {
      it.each(copying)(
        '$name: $tries',
        async (building) => {
          const context = join(folder, building.name.replaceAll(' ', '-'));
          await tryBuilding(building, host, context, (image) => sandboxes.open({ image }, signal));
          await host.mustBeWell();
        },
        PATIENCE_MS,
      );
    });

    it(
      'the sandbox that most of them were tried in is well, and nothing of them all is left on the host',
      async () => {
        expect(await shared.exec('echo well')).toMatchObject({ exitCode: 0, stdout: 'well\n' });
        await Promise.all([...closing, shared[Symbol.asyncDispose]()]);
        expect(leftBehind(engine)).toEqual([]);
      },
      PATIENCE_MS,
    );
  });
}
