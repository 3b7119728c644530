import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../evals/testing/published.ts';
import { COMMIT, TestHub } from './testing/hub-server.ts';
import { hubFolder } from './weights-folder.ts';

const FILES = { 'config.json': '{}', 'model.safetensors': 'x'.repeat(5000), 'vocab.txt': 'a\n' };
const OTHERS = {
  'pytorch_model.bin': 'y'.repeat(5000),
  'onnx/config.json': '{}',
  'README.md': '# A model\n',
};
const REF = 'hf:org/model@main';

async function place() {
  const hub = await TestHub.start({ 'org/model': { kind: 'model', files: { ...FILES, ...OTHERS } } });
  const folder = temporaryFolder();
  return {
    hub,
    own: join(folder.path, 'models--org--model'),
    env: { HF_ENDPOINT: hub.url, HF_HUB_CACHE: folder.path },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test('weights are fetched whole, once', async () => {
  await using at = await place();
  const folder = await hubFolder(REF, at.env);
  expect(folder).toBe(join(at.own, 'snapshots', COMMIT));
  for (const [path, content] of Object.entries(FILES))
    expect(readFileSync(join(folder, path), 'utf8')).toBe(content);
  // The same weights in other formats are left out.
  expect(readdirSync(folder).sort()).toEqual(Object.keys(FILES));
  const asked = at.hub.asked.length;
  expect(await hubFolder(REF, at.env)).toBe(folder);
  expect(await hubFolder(REF, { ...at.env, HF_HUB_OFFLINE: '1' })).toBe(folder);
  expect(at.hub.asked.length).toBe(asked);
});

test('half of the weights, which a killed download left, are not taken for the whole', async () => {
  await using at = await place();
  at.hub.fail('model.safetensors', { kind: 'cut', after: 2000 }, { kind: 'status', status: 500 });
  await expect(hubFolder(REF, at.env)).rejects.toThrow('HTTP 500');
  expect(existsSync(join(at.own, 'snapshots', COMMIT, 'config.json'))).toBe(true);
  await expect(hubFolder(REF, { ...at.env, HF_HUB_OFFLINE: '1' })).rejects.toThrow('not in the cache');
  const folder = await hubFolder(REF, at.env);
  expect(readFileSync(join(folder, 'model.safetensors'), 'utf8')).toBe(FILES['model.safetensors']);
  const ranges = at.hub.requestsFor('model.safetensors').map(({ range }) => range);
  expect(ranges.at(-1)).toBe('bytes=2000-');
});

test('weights that others put into the cache are taken as they are', async () => {
  await using at = await place();
  mkdirSync(join(at.own, 'snapshots', COMMIT), { recursive: true });
  mkdirSync(join(at.own, 'refs'));
  writeFileSync(join(at.own, 'refs/main'), COMMIT);
  writeFileSync(join(at.own, 'snapshots', COMMIT, 'config.json'), '{}');
  expect(await hubFolder(REF, at.env)).toBe(join(at.own, 'snapshots', COMMIT));
  expect(at.hub.asked).toEqual([]);
  rmSync(join(at.own, 'refs'), { recursive: true });
  await hubFolder(REF, at.env);
  expect(at.hub.asked).not.toEqual([]);
});

test.each([
  ['hf:org/model', /does not name a repository and a revision/],
  ['hf:org/model@../../x', /does not name a repository and a revision/],
  ['hf:org/other@main', /no model org\/other/],
  ['hf:org/model@v9', /has no such revision/],
])('%s is refused', async (ref, message) => {
  await using at = await place();
  await expect(hubFolder(ref, at.env)).rejects.toThrow(message);
});

test('several at once fetch the same weights, also what a killed download left of them', {
  timeout: 60_000,
}, async () => {
  for (let round = 0; round < 15; round++) {
    await using at = await place();
    if (round % 2 === 1) {
      at.hub.fail('model.safetensors', { kind: 'cut', after: 100 * round }, { kind: 'status', status: 500 });
      await expect(hubFolder(REF, at.env)).rejects.toThrow('HTTP 500');
    }
    const folders = await Promise.all([1, 2, 3, 4].map(() => hubFolder(REF, at.env)));
    expect(new Set(folders).size).toBe(1);
    for (const [path, content] of Object.entries(FILES))
      expect(readFileSync(join(folders[0]!, path), 'utf8')).toBe(content);
    expect(readdirSync(join(at.own, 'blobs')).filter((name) => name.includes('incomplete'))).toEqual([]);
  }
});
