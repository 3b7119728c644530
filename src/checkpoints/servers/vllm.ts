import { InputError } from '../../core/index.ts';
import { batchInvariance } from './batch-invariance.ts';
import type { Server } from './server.ts';

/**
 * vLLM. `--generation-config vllm` keeps the checkpoint's own sampling settings out; `--seed 0` makes what has no seed of its own
 * repeatable. A LoRA is a model of its own beside its base.
 *
 * @see https://docs.vllm.ai/en/latest/cli/serve/
 * @see https://docs.vllm.ai/en/latest/features/batch_invariance/
 */
export const vllm: Server = {
  id: 'vllm',
  program: {
    name: 'vllm',
    remedy: 'Install it (`pip install vllm`), or name it: serving: { command: [/path/to/vllm] }.',
  },
  async launch(weights, { command = ['vllm'], args }, { host, port, name, gpus }) {
    const { path, adapter } = weights;
    if (path.endsWith('.gguf')) {
      throw new InputError(`vllm does not serve the GGUF file of the stage "${weights.stage}"`, {
        remedy: 'Name its safetensors (`weights:`), or serve with llama-server.',
      });
    }
    const lora =
      adapter === undefined
        ? []
        : ['--enable-lora', '--max-lora-rank', '256', '--lora-modules', `${name}=${adapter}`];
    const invariant = gpus.length > 0 && (await batchInvariance(gpus));
    return {
      argv: [
        ...command,
        'serve',
        path,
        ...['--host', host, '--port', String(port)],
        ...['--served-model-name', adapter === undefined ? name : `${name}-base`],
        ...['--generation-config', 'vllm', '--seed', '0'],
        ...(gpus.length > 1 ? ['--tensor-parallel-size', String(gpus.length)] : []),
        ...lora,
        ...args,
      ],
      env: {
        HF_HUB_OFFLINE: '1',
        VLLM_NO_USAGE_STATS: '1',
        ...(invariant ? { VLLM_BATCH_INVARIANT: '1' } : {}),
      },
      name,
      nameIsIn: 'list',
      notes: [
        invariant
          ? 'answers do not depend on the batch (VLLM_BATCH_INVARIANT)'
          : 'answers may depend on the batch',
      ],
    };
  },
};
