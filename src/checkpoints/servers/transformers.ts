import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError } from '../../core/index.ts';
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
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(weights))
    if (name !== CONFIG) await symlink(resolve(weights, name), join(folder, name));
  await writeFile(join(folder, CONFIG), JSON.stringify(await samplingConfig(weights), null, 2));
  return resolve(folder);
}

/** The checkpoint's own settings without those of its sampler: what ends an answer stays. */
async function samplingConfig(weights: string): Promise<object> {
  const text = await readFile(join(weights, CONFIG), 'utf8').catch(() => '{}');
  let own: Record<string, unknown> = {};
  try {
    own = JSON.parse(text);
  } catch {
    // A file that the server could not read either.
  }
  const kept = Object.entries(own).filter(([name]) => /_token_id$|^transformers_version$/.test(name));
  return { ...Object.fromEntries(kept), do_sample: true, temperature: 1, top_p: 1, top_k: 0 };
}
