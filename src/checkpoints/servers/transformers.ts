import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../core/index.ts';
import { readWholeFile } from '../../files/index.ts';
import type { Server } from './server.ts';

const CONFIG = 'generation_config.json';

/**
 * `transformers serve`. It ignores the temperature unless the checkpoint's generation_config.json says `do_sample: true`. So it is
 * given a folder of links to the checkpoint's files, with a generation_config.json of our own beside them. The folder has the served
 * name, because the server names a model by its path.
 *
 * @see https://huggingface.co/docs/transformers/serving
 */
export const transformersServe: Server = {
  id: 'transformers',
  program: {
    name: 'transformers',
    remedy:
      'Install it (`pip install "transformers[serving]"`), or name it: serving: { command: [/path/to/transformers] }.',
  },
  async launch(weights, { command = ['transformers'], args }, { host, port, name, folder }) {
    const { path, adapter, stage } = weights;
    if (path.endsWith('.gguf') || adapter !== undefined) {
      throw new InputError(
        `transformers does not serve ${adapter === undefined ? 'the GGUF file' : 'an adapter, as'} of the stage "${stage}"`,
        { remedy: 'Merge the adapter into its base, or serve with vllm or llama-server.' },
      );
    }
    const linked = await linkedFolder(path, join(folder, name));
    return {
      argv: [
        ...command,
        'serve',
        linked,
        ...['--host', host, '--port', String(port), '--default-seed', '0'],
        ...args,
      ],
      env: { HF_HUB_OFFLINE: '1' },
      name: linked,
      nameIsIn: 'answer',
      notes: [
        'served with a generation_config.json of stemma’s own (do_sample: true)',
        'seeds of requests under way at the same time are mixed up by this server',
        'stop sequences stay at the end of its answers',
      ],
    };
  },
};

/** A folder of links to a checkpoint's files, with generation settings under which the server samples. */
async function linkedFolder(weights: string, folder: string): Promise<string> {
  const config = JSON.stringify(samplingConfig(weights), null, 2);
  const names = (await readdir(weights)).filter((name) => name !== CONFIG);
  // The parts of a run may be at it at the same time.
  if (await isLinked(folder, names, config)) return resolve(folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  for (const name of names) await symlink(resolve(weights, name), join(draft, name));
  await writeFile(join(draft, CONFIG), config);
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  return resolve(folder);
}

async function isLinked(folder: string, names: readonly string[], config: string): Promise<boolean> {
  const there = await readdir(folder).catch(() => null);
  if (there === null || there.toSorted().join('\n') !== [...names, CONFIG].toSorted().join('\n'))
    return false;
  return readWholeFile(join(folder, CONFIG)).toString('utf8') === config;
}

/** The checkpoint's own settings without those of its sampler: what ends an answer stays. */
function samplingConfig(weights: string): object {
  let own: Record<string, unknown> = {};
  try {
    own = JSON.parse(readWholeFile(join(weights, CONFIG)).toString('utf8'));
  } catch {
    // None, or a file that the server could not read either.
  }
  const kept = Object.entries(own).filter(([name]) => /_token_id$|^transformers_version$/.test(name));
  return { ...Object.fromEntries(kept), do_sample: true, temperature: 1, top_p: 1, top_k: 0 };
}
