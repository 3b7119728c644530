import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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
import { DockerSandbox } from '../../docker/sandbox.ts';
import { ownerName } from '../../owner.ts';
import type { SandboxSettings } from '../../settings.ts';
import { type Attempt, python } from './attempt.ts';
import { bridgeAttacks, openBridge, SOCKET } from './bridge.ts';
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

/** What a sandbox says of the descriptors on things of the host that its process was started with. */
async function withInherited(engine: string, host: Host): Promise<string> {
  const look = python(`
import os
for fd in list(range(3, 256)):
    for act in (lambda: os.pread(fd, 100, 0), lambda: os.write(fd, b'changed'), lambda: os.listdir(fd),
                lambda: os.read(os.open('secret', os.O_RDWR, dir_fd=fd), 100), lambda: os.readlink('/proc/self/fd/%d' % fd)):
        try: print(fd, act())
        except OSError: pass
print('LOOKED')`);
  const opened = [
    await openFile(host.file, 'r+'),
    await openFile(host.folder, 'r'),
    await openFile(host.file, 'a+'),
  ];
  const stdio: ('ignore' | 'pipe' | 'inherit' | number)[] = ['ignore', 'pipe', 'inherit'];
  for (const [index, number] of [20, 63, 199].entries()) {
    while (stdio.length < number) stdio.push('ignore');
    stdio[number] = opened[index]!.fd;
  }
  const fixture = join(import.meta.dirname, 'inherited.fixture.ts');
  try {
    const child = spawn(process.execPath, [fixture, engine, look], { stdio });
    const [said] = await Promise.all([text(child.stdout!), once(child, 'close')]);
    return said;
  } finally {
    for (const file of opened) await file.close();
  }
}

/** Ends a sandbox as a whole, by whatever its engine lets an inside's root or the host do. */
async function endSandbox(sandbox: Sandbox): Promise<void> {
  if (sandbox instanceof DockerSandbox) spawnSync('docker', ['kill', sandbox.id]);
  else await sandbox.exec('kill -9 2; sleep 20; kill -9 -1', { user: 'root' }).catch(() => undefined);
}

it('the suite has at least ninety attempts, each under a name of its own', () => {
  const names = [...Object.values(ATTEMPTS).flat(), ...paths, ...copying, ...bridgeAttacks].map(
    ({ tries }) => tries,
  );
  expect(names.length).toBeGreaterThanOrEqual(90);
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
        async ({ play, limits }) => {
          const own = limits && (await openOne({ limits }));
          try {
            await play(own ?? shared, host);
            await host.mustBeWell();
          } finally {
            if (own) closing.push(own[Symbol.asyncDispose]());
          }
        },
        PATIENCE_MS,
      );
    });

    describe('the bridge, the only way out', () => {
      it.each(bridgeAttacks)(
        '$name: $tries',
        async ({ line }) => {
          await using bridge = await openBridge();
          await using sandbox = await openOne({ sockets: { [SOCKET]: bridge.socket } });
          const { limit, stdout, stderr } = await sandbox.exec(line, { timeoutMs: 60_000 });
          if (limit !== undefined || stdout + stderr !== '') throw new Error(`${limit} ${stdout} ${stderr}`);
          await bridge.mustBeWell();
          await host.mustBeWell();
        },
        PATIENCE_MS,
      );
    });

    it(
      'descriptors that stemma was started with: reads and writes files, folders and sockets of the caller',
      async () => {
        const said = await withInherited(engine, host);
        expect(said).toContain('LOOKED');
        mustNotSay(said, host.secret);
        mustNotSay(said, host.folder);
        await host.mustBeWell();
      },
      PATIENCE_MS,
    );

    it(
      'a sandbox that dies under load: passes off its end as one of its commands',
      async () => {
        const load = Array.from({ length: 4 }, () => spawn('/bin/sh', ['-c', 'while :; do :; done']));
        try {
          for (let round = 0; round < 4; round++) {
            const sandbox = await openOne();
            const commands = ['sleep 30', 'cat', 'sleep 0.05; sleep 30', 'echo done'];
            const results = commands.map((command) => sandbox.exec(command, { timeoutMs: 25_000 }));
            const settled = Promise.allSettled(results);
            await new Promise((resolve) => setTimeout(resolve, 60 * round));
            await endSandbox(sandbox);
            for (const result of [
              ...(await settled),
              ...(await Promise.allSettled([sandbox.exec('true')])),
            ]) {
              if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(SandboxError);
              else expect(result.value).toMatchObject({ exitCode: 0 });
            }
            closing.push(sandbox[Symbol.asyncDispose]());
          }
        } finally {
          for (const child of load) child.kill('SIGKILL');
        }
      },
      PATIENCE_MS,
    );

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
