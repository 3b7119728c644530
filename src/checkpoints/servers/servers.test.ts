import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allow } from './batch-invariance.ts';
import { type ServedWeights, type ServerKind, type ServingSettings, servedName } from './server.ts';
import { serverOfKind } from './servers.ts';
import { type ServerEvent, StageServers } from './stage-servers.ts';
import { freePort, startServer } from './start-server.ts';
import { isAlive } from './testing/is-alive.ts';

const PROGRAM = fileURLToPath(new URL('./testing/fake-program.mjs', import.meta.url));
const FAKE = [process.execPath, PROGRAM];
const { signal } = new AbortController();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-servers-'));
  process.env.FAKE_LOG = join(folder, 'calls');
  delete process.env.FAKE_MODE;
});
afterEach(async () => {
  delete process.env.FAKE_LOG;
  delete process.env.FAKE_MODE;
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the fake programs were started with. */
async function calls(): Promise<readonly Started[]> {
  const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen in 10 s');
}

const digest = '0123456789abcdef0123456789abcdef';
const weights = (stage: string, more: Partial<ServedWeights> = {}): ServedWeights => ({
  stage,
  path: join(folder, 'weights'),
  digest,
  ...more,
});

function settingsOf(kind: ServerKind, more: Partial<ServingSettings> = {}): ServingSettings {
  const command =
    kind === 'command' ? [...FAKE, '--host', '{host}', '--port', '{port}', '--name', '{name}'] : FAKE;
  return {
    with: kind,
    command,
    gpus: 0,
    atOnce: 2,
    args: [],
    startTimeoutMs: 20_000,
    on: 'local',
    slurm: {},
    ...more,
  };
}

function serve(
  stages: readonly ServedWeights[],
  settings: ServingSettings,
): { servers: StageServers; events: ServerEvent[]; failures: Error[] } {
  const events: ServerEvent[] = [];
  const failures: Error[] = [];
  const servers = new StageServers(stages, settings, {
    folder: join(folder, 'servers'),
    onEvent: (event) => events.push(event),
    onFail: (error) => failures.push(error),
  });
  return { servers, events, failures };
}

describe('command lines', () => {
  const place = { host: '127.0.0.1', port: 8123, name: 'sft@0123456789ab', gpus: [], folder: '' };
  const launch = (kind: ServerKind, more: Partial<ServedWeights> = {}, gpus: readonly number[] = []) =>
    serverOfKind(kind).launch(
      { stage: 'sft', path: '/w/sft', digest, ...more },
      { args: ['--extra', '1'] },
      { ...place, gpus, folder },
    );

  it('of vllm keeps the checkpoint’s own sampling settings out, and names the model by its digest', async () => {
    const { argv, env, name } = await launch('vllm', {}, [0, 1]);
    expect(argv).toEqual([
      ...['vllm', 'serve', '/w/sft', '--host', '127.0.0.1', '--port', '8123'],
      ...['--served-model-name', 'sft@0123456789ab', '--generation-config', 'vllm', '--seed', '0'],
      ...['--tensor-parallel-size', '2', '--extra', '1'],
    ]);
    expect(env).toMatchObject({ HF_HUB_OFFLINE: '1', VLLM_NO_USAGE_STATS: '1' });
    expect(name).toBe('sft@0123456789ab');
  });

  it('of vllm gives a LoRA the stage’s name, and its base another', async () => {
    const { argv, name } = await launch('vllm', { adapter: '/w/lora' });
    expect(argv.join(' ')).toContain('--served-model-name sft@0123456789ab-base');
    expect(argv.join(' ')).toContain(
      '--enable-lora --max-lora-rank 256 --lora-modules sft@0123456789ab=/w/lora',
    );
    expect(name).toBe('sft@0123456789ab');
  });

  it('of llama-server', async () => {
    const { argv } = await launch('llama-server', { path: '/w/sft.gguf' }, [0]);
    expect(argv).toEqual([
      ...['llama-server', '--model', '/w/sft.gguf', '--alias', 'sft@0123456789ab'],
      ...['--host', '127.0.0.1', '--port', '8123', '--jinja', '--n-gpu-layers', '999', '--extra', '1'],
    ]);
  });

  it('of transformers names a folder with settings under which it samples', async () => {
    const path = join(folder, 'weights');
    await mkdir(path);
    await writeFile(join(path, 'model.safetensors'), '');
    await writeFile(
      join(path, 'generation_config.json'),
      '{"eos_token_id": [1, 106], "top_k": 64, "do_sample": false}',
    );
    const { argv, name, notes } = await launch('transformers', { path });
    expect(argv).toEqual([
      ...['transformers', 'serve', name, '--host', '127.0.0.1', '--port', '8123', '--default-seed', '0'],
      ...['--extra', '1'],
    ]);
    expect(name).toMatch(/\/sft@0123456789ab$/);
    expect(JSON.parse(await readFile(join(name, 'generation_config.json'), 'utf8'))).toEqual({
      eos_token_id: [1, 106],
      do_sample: true,
      temperature: 1,
      top_p: 1,
      top_k: 0,
    });
    expect(await readlink(join(name, 'model.safetensors'))).toBe(join(path, 'model.safetensors'));
    expect(notes.join('\n')).toMatch(/seeds of requests under way at the same time are mixed up/);
    expect(JSON.parse(await readFile(join(path, 'generation_config.json'), 'utf8')).do_sample).toBe(false);
  });

  it('of a command fills its placeholders in', async () => {
    const command = ['sglang', '--model={weights}', '--port', '{port}', '--gpus={gpus}', '{unknown}'];
    const { argv } = await serverOfKind('command').launch(
      { stage: 'sft', path: '/w/sft', digest },
      { command, args: ['--as', '{name}'] },
      { ...place, gpus: [2, 3] },
    );
    expect(argv).toEqual([
      ...['sglang', '--model=/w/sft', '--port', '8123', '--gpus=2,3', '{unknown}'],
      ...['--as', 'sft@0123456789ab'],
    ]);
  });

  it.each([
    ['vllm', { path: '/w/a.gguf' }, /vllm does not serve the GGUF file of the stage "sft"/],
    ['llama-server', { path: '/w/a' }, /llama-server wants a GGUF file, and the stage "sft" has a folder/],
    ['transformers', { adapter: '/w/l' }, /transformers does not serve an adapter/],
  ] as const)('%s refuses what it cannot serve', async (kind, more, words) => {
    await expect(launch(kind, more)).rejects.toThrow(words);
  });

  it('batch invariance needs cards of a generation', () => {
    expect(allow('0, 9.0\n1, 10.0\n', [0, 1])).toBe(true);
    expect(allow('0, 9.0\n1, 8.0\n', [0, 1])).toBe(false);
    expect(allow('', [0])).toBe(false);
  });
});

describe('servers of stages', () => {
  it.each(['vllm', 'llama-server', 'transformers', 'command'] as const)(
    'are started with %s, read back by name, and end',
    async (kind) => {
      const path = join(folder, kind === 'llama-server' ? 'm.gguf' : 'weights');
      if (kind === 'llama-server') await writeFile(path, '');
      else await mkdir(path);
      process.env.OPENAI_API_KEY = 'sk-secret';
      const { servers, events } = serve([weights('sft', { path })], settingsOf(kind));
      await servers.use(['sft'], signal);
      delete process.env.OPENAI_API_KEY;
      const { baseUrl, name } = await servers.addressOf('sft');
      expect(name).toContain(servedName(weights('sft')));
      const [started] = await calls();
      expect(started!.env).not.toHaveProperty('OPENAI_API_KEY');
      expect(started!.env.CUDA_VISIBLE_DEVICES).toBe('');
      expect(isAlive(started!.pid)).toBe(true);
      await servers[Symbol.asyncDispose]();
      expect(isAlive(started!.pid)).toBe(false);
      await expect(fetch(`${baseUrl}/models`)).rejects.toThrow();
      expect(events.map(({ event }) => event)).toEqual(['starting', 'ready', 'stopped']);
    },
  );

  it('run in groups, each on its own cards', async () => {
    await mkdir(join(folder, 'weights'));
    const stages = ['base', 'sft', 'rl'].map((stage) => weights(stage));
    const { servers } = serve(stages, settingsOf('vllm', { gpus: 4, atOnce: 2 }));
    expect(servers.groups).toEqual([['base', 'sft'], ['rl']]);
    await servers.use(['base', 'sft'], signal);
    await servers.use(['rl'], signal);
    const started = await calls();
    const cards = started.map(({ args, env }) => [
      args[args.indexOf('--served-model-name') + 1],
      env.CUDA_VISIBLE_DEVICES,
    ]);
    expect(cards.sort()).toEqual([
      ['base@0123456789ab', '0,1'],
      ['rl@0123456789ab', '0,1'],
      ['sft@0123456789ab', '2,3'],
    ]);
    expect(started.filter(({ pid }) => isAlive(pid))).toHaveLength(1);
    await servers[Symbol.asyncDispose]();
    expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]);
  });

  it('of llama-server have their file made of a folder of weights, once, and whole', async () => {
    const path = join(folder, 'weights');
    await mkdir(path);
    await writeFile(join(path, 'numbers'), '1 2 3');
    const script = `const [, from, to] = process.argv; const fs = require('node:fs');
      fs.appendFileSync(${JSON.stringify(join(folder, 'made'))}, '.');
      if (process.env.FAKE_MODE === 'broken') { console.error('tensor 7 does not fit'); process.exit(4); }
      fs.copyFileSync(from + '/numbers', to);`;
    const convert = [process.execPath, '-e', script, '{weights}', '{out}'];
    const settings = settingsOf('llama-server', { convert });
    process.env.FAKE_MODE = 'broken';
    const broken = serve([weights('sft', { path })], settings);
    await expect(broken.servers.use(['sft'], signal)).rejects.toThrow(
      /the conversion of the weights of the stage "sft" .* ended with code 4:\n.*tensor 7 does not fit/,
    );
    delete process.env.FAKE_MODE;
    for (const times of [1, 2]) {
      const { servers, events } = serve([weights('sft', { path })], settings);
      await servers.use(['sft'], signal);
      const { args } = (await calls()).at(-1)!;
      const model = args[args.indexOf('--model') + 1]!;
      expect(model).toMatch(/servers\/sft@0123456789ab\/\w{12}\.gguf$/);
      expect(await readFile(model, 'utf8')).toBe('1 2 3');
      expect(events.filter(({ message }) => message.startsWith('making '))).toHaveLength(times === 1 ? 1 : 0);
      await servers[Symbol.asyncDispose]();
    }
    expect(await readFile(join(folder, 'made'), 'utf8')).toBe('..');
  });

  it('that died are started again on their port', async () => {
    await mkdir(join(folder, 'weights'));
    const { servers, events, failures } = serve([weights('sft')], settingsOf('command'));
    await servers.use(['sft'], signal);
    const { baseUrl } = await servers.addressOf('sft');
    process.kill((await calls())[0]!.pid, 'SIGKILL');
    await until(() => events.filter(({ event }) => event === 'ready').length === 2);
    expect((await fetch(`${baseUrl}/models`)).status).toBe(200);
    expect(events.map(({ event }) => event)).toEqual(['starting', 'ready', 'died', 'starting', 'ready']);
    expect(failures).toEqual([]);
    await servers[Symbol.asyncDispose]();
  });

  it('that die again and again end the run', { timeout: 30_000 }, async () => {
    await mkdir(join(folder, 'weights'));
    const { servers, events, failures } = serve([weights('sft')], settingsOf('command'));
    await servers.use(['sft'], signal);
    for (let i = 1; i <= 4; i++) {
      const count = () => events.filter(({ event }) => event === 'ready').length;
      await until(() => count() === i);
      process.kill((await calls()).at(-1)!.pid, 'SIGKILL');
    }
    await until(() => failures.length > 0);
    expect(failures[0]!.message).toMatch(/the server of the stage "sft" died 4 times; the last exit code: 1/);
    await servers[Symbol.asyncDispose]();
  });

  it('end with all that they started, also what ignores SIGTERM', { timeout: 30_000 }, async () => {
    await mkdir(join(folder, 'weights'));
    process.env.FAKE_MODE = 'deaf';
    const { servers } = serve([weights('sft')], settingsOf('command'));
    await servers.use(['sft'], signal);
    const pids = (await calls()).map(({ pid }) => pid);
    expect(pids).toHaveLength(2);
    await servers[Symbol.asyncDispose]();
    await until(() => !pids.some(isAlive));
  });
});

describe('what goes wrong at the start is told', () => {
  async function start(settings: ServingSettings, port?: number): Promise<never> {
    await mkdir(join(folder, 'weights'), { recursive: true });
    const place = { host: '127.0.0.1', port: port ?? (await freePort()), name: 'sft@0', gpus: [], folder };
    const server = serverOfKind(settings.with);
    const launch = await server.launch(weights('sft'), settings, place);
    await startServer(server, launch, {
      stage: 'sft',
      port: place.port,
      gpus: [],
      folder: join(folder, 'log'),
      timeoutMs: settings.startTimeoutMs,
      signal,
    });
    throw new Error('it was started');
  }

  it('a program that is not there', async () => {
    await expect(start(settingsOf('vllm', { command: ['no-such-vllm'] }))).rejects.toMatchObject({
      exitCode: 2,
      message: 'the program "no-such-vllm" of serving with vllm is not on this machine',
      remedy: expect.stringContaining('pip install vllm'),
    });
  });

  it('a server that ends, with what it printed last', async () => {
    process.env.FAKE_MODE = 'dies';
    await expect(start(settingsOf('command'))).rejects.toThrow(
      /the server of the stage "sft" ended with code 3 before it was ready:\n.*CUDA out of memory/,
    );
  });

  it('a server that is never ready', async () => {
    process.env.FAKE_MODE = 'never';
    await expect(start(settingsOf('command', { startTimeoutMs: 1_000 }))).rejects.toMatchObject({
      message: expect.stringMatching(/was not ready after 1\.0 s|was not ready after 1 s/),
      remedy: expect.stringContaining('start_timeout'),
    });
    expect((await calls()).filter(({ pid }) => isAlive(pid))).toEqual([]);
  });

  it('a server of another model', async () => {
    process.env.FAKE_MODE = 'other';
    await expect(start(settingsOf('command'))).rejects.toThrow(
      /the server of the stage "sft" on port \d+ serves weights-of-yesterday, and not sft@0/,
    );
  });

  it('a port that somebody else has', async () => {
    const other = createServer((_, response) =>
      response.writeHead(200).end(JSON.stringify({ data: [{ id: 'somebody-else' }] })),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start(settingsOf('command'), port)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(
          `the port ${port} for the server of the stage "sft" is taken, by a server of somebody-else`,
        ),
      ),
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
