import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestHub } from '../src/hub/testing/hub-server.ts';
import { openRun } from '../src/records/index.ts';
import { type ServedServer, startServedServer } from './served-server.ts';
import { stemmaWith } from './stemma-process.ts';

const VALUES = Buffer.alloc(40_000, 1);
function safetensors(): Buffer {
  const tensor = { dtype: 'F32', shape: [VALUES.length / 4], data_offsets: [0, VALUES.length] };
  const header = Buffer.from(JSON.stringify({ a: tensor }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, VALUES]);
}

let folder: string;
let hub: TestHub;
let server: ServedServer;
let study: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-hub-weights-'));
  hub = await TestHub.start({
    'org/model': { kind: 'model', files: { 'config.json': '{}', 'model.safetensors': safetensors() } },
  });
  server = await startServedServer();
  study = join(folder, 'study.yaml');
  writeFileSync(
    study,
    `name: hub
stages: [{ id: base, kind: pretrain, weights: 'hf:org/model@main', model: '${server.baseUrl}#base' }]
evals: [{ eval: refusals, options: { limit: 2 } }]
raters: [{ id: strings, kind: rule, rule: string-match }]
`,
  );
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

it('weights of the hub are fetched before the first trial, visibly; Ctrl-C stops that, and the same command goes on', async () => {
  const run = join(folder, 'run');
  const env = { HF_ENDPOINT: hub.url, HF_HOME: join(folder, 'hf'), HF_TOKEN: '', HF_HUB_OFFLINE: '' };
  const running = () => stemmaWith({ env }, 'run', study, '--out', run, '--json');
  const blobs = join(folder, 'hf/hub/models--org--model/blobs');
  const came = () =>
    existsSync(blobs) &&
    readdirSync(blobs).some(
      (name) => name.endsWith('.incomplete') && statSync(join(blobs, name)).size === 20_000,
    );

  hub.fail('model.safetensors', { kind: 'stall', after: 20_000 });
  const first = running();
  while (!came()) await new Promise((resolve) => setTimeout(resolve, 20));
  first.child.kill('SIGINT');
  const stopped = await first.ended;
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stdout).toContain('while the weights of base were being fetched; what has come is kept');
  expect(server.requests).toEqual([]);

  const second = await running().ended;
  expect(second.code, second.stderr).toBe(0);
  expect(hub.requestsFor('model.safetensors').map(({ range }) => range)).toContain('bytes=20000-');
  const events = second.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const size = safetensors().length;
  expect(events.filter(({ event }) => event === 'fetching').at(-1)).toEqual({
    event: 'fetching',
    file: 'model.safetensors',
    bytes: size,
    of: size,
  });
  await using reader = await openRun(run);
  expect(reader.manifest.stages[0]!.identity!.weights).toMatch(/^[0-9a-f]{32}$/);

  const anew = { ...env, HF_HOME: join(folder, 'empty') };
  const forPeople = await stemmaWith({ env: anew }, 'run', study, '--out', run).ended;
  expect(forPeople.stderr).toMatch(/^Fetching model\.safetensors: 100 ?% of /m);

  const asked = hub.asked.length;
  const third = await stemmaWith({ env }, 'run', study, '--out', run).ended;
  expect(third.code, third.stderr).toBe(0);
  expect(hub.asked).toHaveLength(asked);
});
